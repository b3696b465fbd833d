"""Intervals and tests against published and hand-computed values, and their laws."""

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from evals.statistics import (
    Interval,
    NothingMeasuredError,
    cluster_bootstrap,
    constant_answer,
    expected_calibration_error,
    flipped_by_group,
    macro_f1,
    mean,
    wilson,
)

GROUPS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # all and none mirror each other
        (20, 20, 0.8389, 1.0),
        # nothing tried, nothing known
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_gives_the_published_interval(
    successes: int, n: int, low: float, high: float
) -> None:
    found = wilson(successes, n)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(("successes", "n"), [(11, 10), (-1, 10), (1, 0)])
def test_wilson_refuses_more_successes_than_trials(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes of {n}"):
        wilson(successes, n)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_within_0_and_1(trials: tuple[int, int]) -> None:
    successes, n = trials
    found = wilson(successes, n)
    assert 0 <= found.low <= successes / n <= found.high <= 1
    mirrored = wilson(n - successes, n)
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


@settings(deadline=None)  # a busy machine is no fault
@given(GROUPS)
def test_the_bootstrap_holds_the_mean_within_the_values(groups: dict[str, list[float]]) -> None:
    values = [value for group in groups.values() for value in group]
    found = cluster_bootstrap(groups, mean, resamples=50)
    assert min(values) - 1e-9 <= found.low <= mean(values) <= found.high <= max(values) + 1e-9


@settings(deadline=None)  # a busy machine is no fault
@given(GROUPS)
def test_the_bootstrap_does_not_mind_the_order_of_groups(groups: dict[str, list[float]]) -> None:
    turned = {name: groups[name][::-1] for name in reversed(groups)}
    assert cluster_bootstrap(turned, mean, resamples=50) == cluster_bootstrap(
        groups, mean, resamples=50
    )


def test_the_bootstrap_of_two_single_values_reaches_both() -> None:
    # a draw is 0, 0 or 1, 1 with a chance of a quarter each, far above 2.5 %
    assert cluster_bootstrap({"a": [0.0], "b": [1.0]}, mean) == Interval(0.0, 1.0)


def test_the_bootstrap_draws_whole_groups() -> None:
    lengths = set()

    def length(values: Sequence[int]) -> float:
        lengths.add(len(values))
        return len(values)

    cluster_bootstrap({"a": [1, 1, 1], "b": [0]}, length)
    assert lengths == {2, 4, 6}  # b b, a b, a a


def test_groups_that_hang_together_give_a_wider_interval() -> None:
    together = {str(i): [float(i % 2)] * 10 for i in range(10)}
    apart = {str(i): [float(i % 2)] for i in range(100)}
    assert cluster_bootstrap(together, mean).width > 2.5 * cluster_bootstrap(apart, mean).width


def test_the_bootstrap_of_one_group_is_a_point() -> None:
    assert cluster_bootstrap({"a": [0.0, 1.0]}, mean) == Interval(0.5, 0.5)


@pytest.mark.parametrize("groups", [{}, {"a": []}])
def test_the_bootstrap_of_nothing_says_so(groups: dict[str, list[float]]) -> None:
    with pytest.raises(NothingMeasuredError, match="bootstrap of no values"):
        cluster_bootstrap(groups, mean)


def test_500_cases_in_40_groups_take_less_than_a_second() -> None:
    groups = {str(i): [float((i * j) % 3 == 0) for j in range(13)] for i in range(40)}
    pairs = {name: [("a", "b" if v else "a") for v in group] for name, group in groups.items()}
    started = time.process_time()
    cluster_bootstrap(groups, mean)
    cluster_bootstrap(pairs, macro_f1)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("lost", "won", "p"),
    [
        (1, 9, 22 / 1024),  # 0.0215
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (5, 5, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_paired_test_of_single_cases_is_the_exact_mcnemar_test(
    lost: int, won: int, p: float
) -> None:
    before = [True] * lost + [False] * won + [True, False] * 50
    after = [False] * lost + [True] * won + [True, False] * 50
    assert flipped_by_group(before, after, range(len(before))) == pytest.approx(p)


PAIRS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), max_size=200)


@settings(deadline=None)  # a busy machine is no fault
@given(PAIRS)
def test_the_paired_test_of_single_cases_is_the_binomial_one(
    pairs: list[tuple[bool, bool, int]],
) -> None:
    before, after = [b for b, _, _ in pairs], [a for _, a, _ in pairs]
    lost = sum(b and not a for b, a, _ in pairs)
    turned = sum(b != a for b, a, _ in pairs)
    expected = binomtest(lost, turned).pvalue if turned else 1.0
    assert flipped_by_group(before, after, range(len(pairs))) == pytest.approx(expected)


@settings(deadline=None)  # a busy machine is no fault
@given(PAIRS)
def test_the_paired_test_counts_every_way_in_which_groups_may_turn(
    pairs: list[tuple[bool, bool, int]],
) -> None:
    before, after = [b for b, _, _ in pairs], [a for _, a, _ in pairs]
    groups = [group for _, _, group in pairs]
    balances = [sum(a - b for b, a, g in pairs if g == group) for group in range(10)]
    ways = [
        abs(sum(sign * balance for sign, balance in zip(signs, balances, strict=True)))
        for signs in itertools.product((1, -1), repeat=10)
    ]
    found = flipped_by_group(before, after, groups)
    assert found == pytest.approx(sum(way >= abs(sum(balances)) for way in ways) / len(ways))
    assert flipped_by_group(after, before, groups) == pytest.approx(found)


def test_wordings_of_one_intent_that_turn_together_are_one_piece_of_evidence() -> None:
    # 24 cases lost, none won: sure if they were independent, but they are two intents
    lost = [True] * 24, [False] * 24
    assert flipped_by_group(*lost, range(24)) < 1e-6
    assert flipped_by_group(*lost, [i // 12 for i in range(24)]) == 0.5
    assert flipped_by_group(*lost, ["one"] * 24) == 1.0


def test_a_thousand_groups_that_turned_take_less_than_a_second() -> None:
    started = time.process_time()
    found = flipped_by_group([True] * 3000, [False] * 3000, [i % 1000 for i in range(3000)])
    assert time.process_time() - started < 1
    assert 0 <= found < 1e-200


def test_the_paired_test_wants_pairs() -> None:
    with pytest.raises(ValueError, match="longer"):
        flipped_by_group([True], [True, False], "a")


@pytest.mark.parametrize(
    ("pairs", "f1"),
    [
        # the example of scikit-learn's f1_score
        (list(zip("012012", "021001", strict=True)), 0.2667),
        # A 2/3, B 2/3, C 0; "x" is no class
        ([("A", "A"), ("A", "B"), ("B", "B"), ("C", "x")], 4 / 9),
        # an answer that nobody wanted costs as much as any other miss
        ([("A", "A"), ("A", "x")], 2 / 3),
        ([("A", "A"), ("B", "B")], 1.0),
        ([("A", "B")], 0.0),
    ],
)
def test_macro_f1_weighs_each_wanted_label_alike(pairs: list[tuple[str, str]], f1: float) -> None:
    assert macro_f1(pairs) == pytest.approx(f1, abs=5e-5)


def test_the_constant_answer_is_the_most_frequent_label() -> None:
    assert constant_answer(["b", "a", "b"]) == "b"
    assert constant_answer(["b", "a"]) == "a"  # a tie does not depend on the order


@pytest.mark.parametrize(
    ("confidences", "right", "bins", "error"),
    [
        # |0.1 - 0.5| and |0.9 - 1|, each half of the answers
        ([0.1, 0.1, 0.9, 0.9], [False, True, True, True], 2, 0.25),
        # the same in another order
        ([0.9, 0.1, 0.9, 0.1], [True, True, True, False], 2, 0.25),
        # equal confidence is never torn apart: 0.8 of ten is right
        ([0.8] * 10, [True] * 8 + [False] * 2, 10, 0.0),
        ([1.0, 1.0], [False, False], 10, 1.0),
        ([0.7], [True], 10, 0.3),
    ],
)
def test_calibration_is_how_far_confidence_is_from_right(
    confidences: list[float], right: list[bool], bins: int, error: float
) -> None:
    assert expected_calibration_error(confidences, right, bins) == pytest.approx(error)


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(1, 20))
def test_calibration_is_within_0_and_1(pairs: list[tuple[float, bool]], bins: int) -> None:
    found = expected_calibration_error([c for c, _ in pairs], [r for _, r in pairs], bins)
    assert -1e-9 <= found <= 1 + 1e-9


def test_figures_of_nothing_say_so() -> None:
    with pytest.raises(NothingMeasuredError):
        mean([])
    with pytest.raises(NothingMeasuredError):
        macro_f1([])
    with pytest.raises(NothingMeasuredError):
        constant_answer([])
    with pytest.raises(NothingMeasuredError):
        expected_calibration_error([], [])
    with pytest.raises(ValueError, match="1 confidences of 2 answers"):
        expected_calibration_error([0.5], [True, False])
