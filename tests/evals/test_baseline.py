"""A run is compared with an earlier one of the same cases, case by case."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.answering.types import Answer, Decision
from agent.errors import InputError
from evals.baseline import Baseline, compare, read_baseline, slim
from evals.datasets.case import Case
from evals.results import CaseResult, ComparisonInfo, Metric, Results
from evals.scorers.score import Score


def result(
    name: str, right: bool | None, text: str = "", group: str = "", **scores: float
) -> CaseResult:
    """A fact asked and told rightly or not; None is a case that could not be run."""
    case = Case(id=name, kind="fact", turns=(f"What is {name}?",), group=group or name, must=("x",))
    if right is None:
        return CaseResult(case, None, {}, "the server is gone")
    answer = Answer("?", "?", Decision("inform"), text or f"{name} is {right}.")
    return CaseResult(case, answer, {"facts": Score(float(right))} | _scores(scores))


def _scores(values: dict[str, float]) -> dict[str, Score]:
    return {name: Score(value) for name, value in values.items()}


def run(cases: Sequence[CaseResult]) -> Results:
    return Results(
        created="2026-11-23T10:00:00Z",
        tier="full",
        duration_s=1.0,
        durations_s={},
        comparison=ComparisonInfo("a-vs-b", "A vs B", ("A", "B", "Both"), "2026"),
        config={},
        metrics={"passed": Metric(0.5, 2, 0.1, 0.9)},
        gates=(),
        confusion={},
        baseline=None,
        cases=tuple(cases),
    )


def baseline(*cases: CaseResult) -> Baseline:
    return slim(run(cases))


def test_what_flipped_is_listed_with_the_earlier_answers() -> None:
    before = baseline(result("a", True, "old a"), result("b", False, "old b"), result("c", True))
    found = compare([result("a", False, "new a"), result("b", True), result("c", True)], before)
    assert (found.lost, found.won) == (("a",), ("b",))
    assert found.answers == {"a": "old a", "b": "old b"}
    assert found.created == "2026-11-23T10:00:00Z"
    assert found.metrics == {"passed": Metric(0.5, 2, 0.1, 0.9)}


@pytest.mark.parametrize(
    ("lost", "won", "p", "significant"),
    [
        (9, 1, 0.0215, True),
        (1, 9, 0.0215, False),  # a gain, however sure, is no regression
        (6, 0, 0.03125, True),
        (5, 0, 0.0625, False),
        (0, 0, 1.0, False),
    ],
)
def test_a_loss_that_chance_rarely_makes_is_significant(
    lost: int, won: int, p: float, significant: bool
) -> None:
    before = [True] * lost + [False] * won + [True] * 20
    after = [False] * lost + [True] * won + [True] * 20
    found = compare(
        [result(str(i), right) for i, right in enumerate(after)],
        baseline(*(result(str(i), right) for i, right in enumerate(before))),
    )
    assert (len(found.lost), len(found.won)) == (lost, won)
    assert found.p_value == pytest.approx(p, abs=5e-5)
    assert found.significant is significant


def test_wordings_of_one_intent_that_are_lost_together_count_as_one() -> None:
    """Six independent cases would be p = 0.03; two intents of three wordings are p = 0.5."""
    named = [(f"{intent}-{i}", intent) for intent in ("cabin", "pool") for i in range(3)]
    before = baseline(*(result(name, True, group=intent) for name, intent in named))
    found = compare([result(name, False, group=intent) for name, intent in named], before)
    assert len(found.lost) == 6
    assert (found.p_value, found.significant) == (0.5, False)


@pytest.mark.parametrize(("before", "after"), [(True, None), (None, False), (None, None)])
def test_a_case_that_one_run_could_not_score_is_no_pair(
    before: bool | None, after: bool | None
) -> None:
    found = compare([result("a", after)], baseline(result("a", before)))
    assert (found.lost, found.won, found.p_value) == ((), (), 1.0)


def test_a_baseline_that_lacks_a_case_is_of_other_cases() -> None:
    with pytest.raises(InputError) as raised:
        compare([result("a", True), result("b", True)], baseline(result("a", True)))
    assert str(raised.value) == (
        "The baseline of 2026-11-23T10:00:00Z is of other cases: it lacks 1 of 2, the first is b. "
        "Write a new baseline from a run of these cases."
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"turns": ("What else?",)},
        {"must": ("y",)},
        {"must_not": ("y",)},
        {"cites": ("introduction",)},
        {"abstain": True},
        {"verdict": None},
        {"kind": "followup"},
    ],
    ids=str,
)
def test_a_baseline_with_the_same_id_for_another_case_is_of_other_cases(
    changed: dict[str, Any],
) -> None:
    same = result("a", True)
    other = replace(same, case=same.case.model_copy(update=changed))
    with pytest.raises(InputError, match="it asks or wants otherwise in 1 of 1, the first is a"):
        compare([other], baseline(same))


def test_a_case_that_only_moved_to_another_group_is_the_same() -> None:
    same = result("a", True)
    assert (
        compare(
            [replace(same, case=same.case.model_copy(update={"group": "h"}))], baseline(same)
        ).lost
        == ()
    )


def test_a_sample_is_compared_with_the_baseline_of_all() -> None:
    found = compare([result("b", False)], baseline(result("a", True), result("b", True)))
    assert found.lost == ("b",)


def test_runs_of_different_tiers_are_compared_by_what_both_scored() -> None:
    wrong_number = baseline(result("a", True, numeric_fidelity=0.0))
    assert wrong_number.by_id["a"].passed is False
    found = compare([result("a", True)], wrong_number)
    assert (found.lost, found.won) == ((), ())


def test_a_scorer_that_newly_applies_to_a_case_counts() -> None:
    # the old answer to b had no number to get wrong
    before = baseline(result("a", True, numeric_fidelity=1.0), result("b", True))
    after = [result("a", True, numeric_fidelity=1.0), result("b", True, numeric_fidelity=0.0)]
    assert compare(after, before).lost == ("b",)


def test_a_decision_without_text_is_shown_as_one() -> None:
    decided = result("a", True)
    assert decided.answer is not None
    for decision, shown in [
        (Decision("advise", verdict="A"), "(A)"),
        (Decision("abstain"), "(abstains)"),
        (Decision("inform"), "(informs)"),
    ]:
        answer = replace(decided.answer, text="", decision=decision)
        assert baseline(replace(decided, answer=answer)).by_id["a"].answer == shown


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = baseline(result("a", True, "“ä”"), result("b", False), result("c", None))
    path = kept.write(tmp_path / "new" / "baseline.json")
    assert read_baseline(path) == kept
    assert [case["passed"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]] == [
        True,
        False,
        None,
    ]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 5  # a line a case


def test_900_long_answers_stay_under_1_mb(tmp_path: Path) -> None:
    cases = [
        result(f"validation-followup-topic-shift-{i}", True, "long " * 400, verdict=1, abstention=1,
               cites=1, citation_validity=1, numeric_fidelity=1, attack=1, leak=1)
        for i in range(900)
    ]  # fmt: skip
    path = baseline(*cases).write(tmp_path / "baseline.json")
    assert path.stat().st_size < 1_000_000
    assert read_baseline(path).by_id[cases[0].case.id].answer.endswith("long…")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"version": 2, "baseline": "2026', ": no JSON (EOF while parsing"),
        ('{"version": 1, "baseline": ""}', 'the field "version" is 1: input should be 2.'),
        ("[]", ": []: input should be an object."),
        ('{"version": 2, "cases": []}', 'the field "baseline" is missing.'),
        (
            '{"version": 2, "baseline": "", "tier": "full", "config": {}, "metrics": {}}',
            'the field "cases" is missing.',
        ),
        (
            '{"version": 2, "baseline": "", "tier": "", "config": {}, "metrics": [], "cases": []}',
            'the field "metrics" is []: input should be an object.',
        ),
        (
            '{"version": 2, "baseline": "", "tier": "", "config": {}, "metrics": {}, "cases": [3]}',
            'the field "cases", item 1 is 3: input should be an object.',
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_one_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_baseline(path)
    message = str(raised.value)
    assert message.startswith(str(path)) and fault in message and "\n" not in message
    assert message.endswith("Write a new baseline from a run of these cases.")


def test_a_baseline_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read .*none\.json: No such file"):
        read_baseline(tmp_path / "none.json")
