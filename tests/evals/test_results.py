"""results.json holds a run whole, and what is no such file is one line and stays as it is."""

import json
from pathlib import Path

import pytest

from agent.answering.types import Answer, Citation, Decision, Timings, Tokens
from agent.errors import InputError
from evals.datasets.case import Case
from evals.results import (
    CaseResult,
    ComparisonInfo,
    GateResult,
    Metric,
    PairedComparison,
    Results,
    check_folder,
    read_results,
)
from evals.scorers.score import Score
from knowledge.comparison import Comparison, Evidence

ASKED = Case(id="a", kind="fact", turns=("What?",), must=("x",))
ANSWER = Answer("What?", "What?", Decision("inform"), "x.")


@pytest.fixture
def results(comparison: Comparison) -> Results:
    """Three cases: advised and lost, an abstention that is right, and one that was not run."""
    use_case = comparison.of_kind("best-for")[0]
    quote = use_case.sentences[0]
    advised = Answer(
        "And for us?",
        "Which for us?",
        Decision("advise", use_case, use_case.verdict, 0.9125, (Evidence(use_case, 0.75),)),
        f"{quote} [{use_case.number}]",
        (Citation(use_case.number, use_case.id, quote),),
        Timings(0.001, 0.002, 0.003, 0.5, 2.0),
        Tokens(10, 20, 30),
    )
    asked = Case(
        id="advise-1",
        kind="verdict",
        turns=("Hello", "And for us?"),
        group="intent",
        verdict=comparison.both,
        must=("a|b",),
        must_not=("c",),
        cites=(use_case.id,),
    )
    unsure = Case(id="abstain-1", kind="abstain", turns=("Who?",), abstain=True)
    unknown = Answer("Who?", "Who?", Decision("abstain"), "That is not covered.")
    plain = Case(id="fact-1", kind="fact", turns=("What?",), verdict=None)
    return Results(
        created="2026-11-23T10:00:00Z",
        tier="full",
        duration_s=312.4,
        durations_s={"retrieval": 3.1},
        comparison=ComparisonInfo.of(comparison),
        config={"threads": 2, "libraries": {"numpy": "2.4.6"}},
        metrics={"passed": Metric(0.5, 2, 0.1, 0.9), "unscored": Metric(1, 3)},
        gates=(
            GateResult("passed", "low", 0.1, False, at_least=0.9),
            GateResult("unscored", "value", 1, False, at_most=0),
            GateResult("fact_accuracy", "low", None, None, at_least=0.5),
        ),
        confusion={comparison.both: {"none": 1}},
        baseline=PairedComparison(
            created="2026-11-01T10:00:00Z",
            p_value=1.0,
            lost=("advise-1",),
            won=(),
            significant=False,
            metrics={"passed": Metric(1.0, 2, 0.3, 1.0)},
            answers={"advise-1": "It was right."},
        ),
        cases=(
            CaseResult(asked, advised, {"verdict": Score(0.0, "another verdict")}),
            CaseResult(unsure, unknown, {"abstention": Score(1.0)}),
            CaseResult(plain, None, {}, "the server is gone"),
        ),
    )


@pytest.mark.parametrize(
    ("result", "passed"),
    [
        (CaseResult(ASKED, ANSWER, {"facts": Score(1.0), "cites": Score(1.0)}), True),
        (CaseResult(ASKED, ANSWER, {"facts": Score(1.0), "cites": Score(0.0)}), False),
        (CaseResult(ASKED, ANSWER, {"facts": Score(0.99)}), False),
        # these are figures, not conditions
        (CaseResult(ASKED, ANSWER, {"facts": Score(1), "citation_recall": Score(0.2)}), True),
        (CaseResult(ASKED, ANSWER, {"facts": Score(1), "total_s": Score(20.0)}), True),
        # nothing known is not a pass
        (CaseResult(ASKED, None, {}, "gone"), None),
        (CaseResult(ASKED, ANSWER, {}), None),
        (CaseResult(ASKED, ANSWER, {"readability": Score(1.0)}), None),
        (CaseResult(ASKED, ANSWER, {"facts": Score(1.0)}, "a scorer broke"), None),
    ],
)
def test_a_case_passes_by_its_passing_scorers(result: CaseResult, passed: bool | None) -> None:
    assert result.passed is passed


def test_results_are_read_as_they_were_written(
    results: Results, comparison: Comparison, tmp_path: Path
) -> None:
    file = results.write(tmp_path / "new" / "run")
    assert file == tmp_path / "new" / "run" / "results.json"
    assert read_results(file.parent, comparison) == results
    assert read_results(file, comparison) == results
    assert [path.name for path in file.parent.iterdir()] == ["results.json"]


def test_the_file_has_the_form_of_the_contract(results: Results, tmp_path: Path) -> None:
    data = json.loads(results.write(tmp_path).read_text(encoding="utf-8"))
    assert data["version"] == 1
    assert data["metrics"]["unscored"] == {"value": 1, "n": 3, "low": None, "high": None}
    assert data["gates"] == [
        {"metric": "passed", "on": "low", "value": 0.1, "passed": False, "at_least": 0.9},
        {"metric": "unscored", "on": "value", "value": 1, "passed": False, "at_most": 0},
        {"metric": "fact_accuracy", "on": "low", "value": None, "passed": None, "at_least": 0.5},
    ]
    assert data["baseline"]["lost"] == ["advise-1"]
    assert data["baseline"]["answers"] == {"advise-1": "It was right."}
    assert data["baseline"]["significant"] is False
    assert [case["passed"] for case in data["cases"]] == [False, True, None]
    assert [sorted(case["wanted"]) for case in data["cases"]] == [
        ["cites", "must", "must_not", "verdict"],
        ["abstain"],
        ["verdict"],  # null is a wanted verdict: no recommendation
    ]
    assert data["cases"][2]["answer"] is None
    assert data["cases"][1]["answer"]["abstained"] is True


def test_a_second_run_replaces_the_first(
    results: Results, comparison: Comparison, tmp_path: Path
) -> None:
    results.write(tmp_path)
    results.model_copy(update={"tier": "answers", "baseline": None}).write(tmp_path)
    assert read_results(tmp_path, comparison).tier == "answers"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"version": 2}', 'the field "version" is 2: input should be 1.'),
        ('{"version": "1"}', 'the field "version" is "1": input should be 1.'),
        ("{}", 'the field "version" is missing.'),
        ("3", ": 3: input should be an object."),
        ('{"version": 1, "created": "20', "no JSON (EOF while parsing a string at column 29)."),
        ("", "no JSON (EOF while parsing a value at column 0)."),
    ],
)
def test_another_version_or_a_torn_file_is_one_line_and_stays(
    results: Results, comparison: Comparison, tmp_path: Path, text: str, fault: str
) -> None:
    file = tmp_path / "results.json"
    file.write_text(text, encoding="utf-8")
    for attempt in (
        lambda: read_results(tmp_path, comparison),
        lambda: check_folder(tmp_path),
        lambda: results.write(tmp_path),
    ):
        with pytest.raises(InputError) as raised:
            attempt()
        message = str(raised.value)
        assert message.startswith(str(file)) and fault in message and "\n" not in message
        assert message.endswith('Run "advisor eval" again into another folder.')
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("cases",), None, 'the field "cases" is null: input should be a valid array.'),
        (("metrics", "passed"), {"value": 1}, 'the field "metrics", "passed", "n" is missing.'),
        (
            ("cases", 0, "answer", "evidence", 0, "passage"),
            "best-for/none",
            'the field "cases", item 1, "answer": no answer about this comparison (KeyError(',
        ),
        (
            ("cases", 0, "scores", "verdict"),
            1.0,
            'the field "cases", item 1, "scores", "verdict" is 1.0: input should be ',
        ),
        (("cases", 0, "wanted"), [], 'the field "cases", item 1'),
        (("cases", 0), 3, 'the field "cases", item 1 is 3: input should be '),
        (("comparison",), [], 'the field "comparison" is []: input should be an object.'),
        (("baseline", "lost"), "a", 'the field "baseline", "lost" is "a": input should be '),
    ],
    ids=str,
)
def test_a_field_that_does_not_fit_is_one_line(
    results: Results,
    comparison: Comparison,
    tmp_path: Path,
    place: tuple[str | int, ...],
    value: object,
    fault: str,
) -> None:
    file = results.write(tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    within = data
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = value
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_results(tmp_path, comparison)
    assert str(raised.value).startswith(f"{file}: {fault}")
    assert "\n" not in str(raised.value)


def test_results_about_another_comparison_are_not_read(
    results: Results, comparison: Comparison, second: Comparison, tmp_path: Path
) -> None:
    results.write(tmp_path)
    with pytest.raises(InputError, match=f'is about "{comparison.slug}", not "{second.slug}"'):
        read_results(tmp_path, second)


def test_a_folder_without_results_says_how_to_get_them(
    comparison: Comparison, tmp_path: Path
) -> None:
    none = tmp_path / "none"
    with pytest.raises(InputError) as raised:
        read_results(none, comparison)
    assert str(raised.value) == f'No results.json in {none}. Run "advisor eval --out {none}" first.'
    check_folder(none)  # nothing is in the way of a run


def test_a_place_that_cannot_be_written_is_one_line(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match=r"Cannot write .*results\.json: File exists"):
        results.write(tmp_path / "file")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_results_that_fail_to_be_written_leave_the_old_ones(
    results: Results, comparison: Comparison, tmp_path: Path
) -> None:
    results.write(tmp_path)
    with pytest.raises(ValueError, match="JSON compliant"):
        results.model_copy(update={"metrics": {"passed": Metric(float("nan"), 1)}}).write(tmp_path)
    assert read_results(tmp_path, comparison) == results
