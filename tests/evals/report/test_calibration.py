"""How far confidence can be trusted: bins, the calibration error, and risk against coverage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.report.calibration import Bin, Judged, Point, bins, error, judged, risk_curve
from tests.helpers.sample_run import RESULTS

VERDICTS = [Judged(0.5, False), Judged(0.6, True), Judged(0.9, False), Judged(0.9, True)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [Bin(4, 0.725, 0.5)]),
        (2, [Bin(2, 0.55, 0.5), Bin(2, 0.9, 0.5)]),
        (3, [Bin(2, 0.55, 0.5), Bin(1, 0.9, 0.5), Bin(1, 0.9, 0.5)]),  # equal ones share
        (10, [Bin(1, 0.5, 0), Bin(1, 0.6, 1), Bin(1, 0.9, 0.5), Bin(1, 0.9, 0.5)]),
    ],
)
def test_bins_have_equal_mass(count: int, expected: list[Bin]) -> None:
    for made, wanted in zip(bins(VERDICTS, count), expected, strict=True):
        assert made.n == wanted.n
        assert (made.confidence, made.right) == pytest.approx((wanted.confidence, wanted.right))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.8, 0.9, 0.95]), st.booleans()), min_size=1))
def test_the_calibration_error_is_the_mean_gap_of_the_bins(pairs: list[tuple[float, bool]]) -> None:
    verdicts = sorted((Judged(*pair) for pair in pairs), key=lambda verdict: verdict.confidence)
    gaps = [made.n * abs(made.confidence - made.right) for made in bins(verdicts)]
    assert error(verdicts) == pytest.approx(sum(gaps) / len(verdicts))


def test_of_no_verdict_nothing_is_drawn() -> None:
    assert (bins([]), error([]), risk_curve([])) == ([], 0, [])


def test_risk_is_taken_where_a_confidence_ends() -> None:
    expected = [Point(0.5, 0.5), Point(0.75, 1 / 3), Point(1.0, 0.5)]
    assert risk_curve(VERDICTS) == expected
    assert risk_curve(VERDICTS, least=0.8) == expected[-1:]


def test_only_unattacked_verdicts_with_a_confidence_are_judged() -> None:
    right, wrong, *others = RESULTS["cases"]
    attack = right | {"kind": "injection"}
    silent = right | {"answer": right["answer"] | {"verdict": None}}
    unsure = right | {"answer": right["answer"] | {"confidence": None}}
    cases = [right, wrong, *others, attack, silent, unsure]
    assert judged(cases) == [Judged(0.8, False), Judged(0.9, True)]
