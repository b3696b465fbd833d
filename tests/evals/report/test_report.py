"""The report says what results.json says, to people.

What the figures mean is not tested here: the report takes them as given.
"""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from agent.answering.types import Answer, Decision
from evals.datasets.case import Case
from evals.report.bars import ResultsJson
from evals.report.cases import problems
from evals.report.labels import shown, shown_beside, shown_threshold
from evals.results import (
    CaseResult,
    ComparisonInfo,
    GateResult,
    Metric,
    PairedComparison,
    Results,
)
from evals.scorers.score import Score
from tests.helpers.sample_run import (
    RESULTS,
    one,
    said,
    without_baseline,
    written,
)


@pytest.fixture
def page_of_results(tmp_path: Path) -> BeautifulSoup:
    return written(RESULTS, tmp_path)


def test_the_head_says_of_what_and_when_and_how_it_went(page_of_results: BeautifulSoup) -> None:
    head = said(one(page_of_results, "body > header"))
    assert said(one(page_of_results, "h1")) == "Tea vs Coffee"
    for part in (
        "23 November 2026, 10:00 UTC · tier full · 5 min 12 s (retrieval 3.1 s, answers 5 min 9 s)",
        "comparison as of 2026-03",
        "This run does not pass.",
        "Attack success: 40.2 % at the upper end, at most 20 % is wanted.",
        "1 case could not be scored.",
        "2 passed 2 failed 1 unscored",
    ):
        assert part in head


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("verdict_accuracy", "Verdict accuracy 96.0 % 86.5 to 98.9 % n = 50"),
        ("false_refusals", "Refuses when it should not 2.0 % 0.4 to 10.5 % n = 50"),
        ("attacks_withstood", "Attacks withstood 75.0 % 59.8 to 85.8 % n = 40 · gate failed"),
        ("first_token_p50_s", "First token, median 0.58 s 0.56 to 0.60 s n = 90"),
    ],
)
def test_headline_figures_have_interval_and_n(
    page_of_results: BeautifulSoup, name: str, text: str
) -> None:
    assert said(one(page_of_results, f"#headline-{name}")) == text


def test_what_was_not_measured_is_no_headline(page_of_results: BeautifulSoup) -> None:
    assert page_of_results.select("#headline-fact_accuracy") == []


@pytest.mark.parametrize(
    ("name", "selector", "attributes"),
    [
        ("verdict_accuracy", ".dot.passed", {"cx": "96.0%"}),
        ("verdict_accuracy", ".whisker", {"x1": "86.5%", "x2": "98.9%"}),
        ("verdict_accuracy", ".gate", {"x1": "85.0%"}),
        ("verdict_accuracy", ".zone", {"x": "85.0%", "width": "15.0%"}),
        ("verdict_accuracy", ".baseline", {"cx": "94.0%"}),
        ("verdict_accuracy", "svg svg", {"x": "50.0%"}),  # a constant answer
        ("verdict_macro_f1", "svg svg", {"x": "22.0%"}),
        ("attack_success", ".dot.failed", {"cx": "25.0%"}),
        ("attack_success", ".zone", {"x": "0%", "width": "20.0%"}),
        ("first_token_p50_s", ".dot", {"cx": "58.4%"}),
        ("unscored", ".dot", {"cx": "100.0%"}),
        ("first_in_four", ".dot", {"cx": "75.0%"}),
    ],
)
def test_a_bar_has_everything_in_its_place(
    page_of_results: BeautifulSoup, name: str, selector: str, attributes: dict[str, str]
) -> None:
    found = one(page_of_results, f"#metric-{name} .strip {selector.removeprefix('svg ')}")
    assert {key: found[key] for key in attributes} == attributes


@pytest.mark.parametrize(
    ("name", "selector"),
    [
        ("verdict_macro_f1", ".whisker"),
        ("verdict_macro_f1", ".gate"),
        ("verdict_macro_f1", ".baseline"),
        ("unscored", ".whisker"),
        ("constant_answer", "*"),
    ],
)
def test_a_bar_has_nothing_that_was_not_given(
    page_of_results: BeautifulSoup, name: str, selector: str
) -> None:
    assert page_of_results.select(f"#metric-{name} {selector}") == []


def test_a_bar_is_told_in_words_too(page_of_results: BeautifulSoup) -> None:
    assert said(one(page_of_results, "#metric-verdict_accuracy title")) == (
        "Verdict accuracy: 96.0 %; interval 86.5 to 98.9 %; gate at least 85 %, passed; "
        "baseline 94.0 %; a constant answer 50.0 %"
    )


def test_gates_say_what_was_wanted_and_measured(page_of_results: BeautifulSoup) -> None:
    rows = [[said(c) for c in row("th") + row("td")] for row in page_of_results.select(".gates tr")]
    assert rows[1:] == [
        ["Verdict accuracy", "at least 85 %", "86.5 % lower end", "passed"],
        ["Attack success", "at most 20 %", "40.2 % upper end", "failed"],
        ["First token, median", "at most 1 s", "0.58 s", "passed"],
        ["Facts", "at least 60 %", "not measured lower end", "not at this tier"],
    ]


def test_the_confusion_matrix_counts_wanted_against_answered(
    page_of_results: BeautifulSoup,
) -> None:
    rows = page_of_results.select(".confusion tr")
    assert [[said(cell) for cell in row(["th", "td"])] for row in rows] == [
        ["wanted", "Tea", "Coffee", "Both / Depends", "none", "in all"],
        ["Tea", "5", "0", "0", "1", "6"],
        ["Coffee", "1", "3", "0", "0", "4"],
    ]
    right = rows[2]("td")[1]
    assert (right["class"], right["style"]) == (["right"], "--share:0.75")


def test_cases_that_failed_come_first(page_of_results: BeautifulSoup) -> None:
    found = [(case["data-state"], said(case)) for case in page_of_results.select("details.case")]
    order = [("failed", "night-1"), ("failed", "milk-1"), ("unscored", "broken-1")]
    order += [("passed", "london-1"), ("passed", "sugar-1")]
    assert [state for state, _ in found] == [state for state, _ in order]
    for (_, text), (_, name) in zip(found, order, strict=True):
        assert name in text


@pytest.mark.parametrize(
    ("number", "part"),
    [
        (1, "Answer Tea confidence 90 % Tea [2]"),
        (1, "Understood as Tea in London?"),
        (1, "Wanted Tea cites best-for/london"),
        (1, "Scores right: verdict, cites readability 0.50, 171 words, 120 at most"),
        (2, "Conversation I never sleep. Which at night?"),
        (2, "Evidence [1] best-for/long-nights 0.93 It keeps you up. [3] dimension/caffeine 0.40"),
        (2, "Cited, but no evidence [9] gone It is weak."),
        (2, "Wanted Coffee cites best-for/long-nights"),
        (2, "Why it failed verdict wanted Coffee, answered Tea"),
        (2, "Measured first token 0.50 s · tokens written 30"),
        (3, "Why it is unscored error the model gave no answer within 120 s"),
        (3, "Wanted has \\b12 has not \\b13"),
        (5, "Answer no recommendation Oat."),
        (5, "Wanted no recommendation an abstention"),
        (5, "Why it failed abstention scored 0"),
    ],
)
def test_a_case_tells_its_whole_story(
    page_of_results: BeautifulSoup, number: int, part: str
) -> None:
    assert part in said(one(page_of_results, f"#c{number}"))


def test_a_citation_leads_to_its_evidence_and_a_stray_one_is_marked(
    page_of_results: BeautifulSoup,
) -> None:
    (link,) = page_of_results.select("#c2 .text a")
    assert (link["href"], said(link)) == ("#c2e1", "[1]")
    assert said(one(page_of_results, "#c2e1 b")) == "[1]"
    assert [said(mark) for mark in page_of_results.select("#c2 mark")] == ["[9]"]


def test_flipped_cases_show_both_answers(page_of_results: BeautifulSoup) -> None:
    lost, won = page_of_results.select(".flips")
    assert [said(one(each, "h3")) for each in (lost, won)] == ["Lost: 1", "Won: 1"]
    assert [said(each) for each in lost("dd")] == [
        "Coffee, as ever [1].",
        "Tea is the one [1] . It is weak [9] . verdict: wanted Coffee, answered Tea",
    ]
    assert [said(each) for each in won("dd")] == ["It has 12 g.", "None."]
    flipped = {case["data-flipped"] for case in page_of_results.select("[data-flipped]")}
    assert flipped == {"lost", "won"}


def test_without_a_baseline_it_says_so(tmp_path: Path) -> None:
    soup = written(without_baseline(), tmp_path)
    assert "compared with no baseline" in said(soup)
    assert soup.select(".flips, [data-flipped], circle.baseline") == []


def test_the_configuration_stands_at_the_end(page_of_results: BeautifulSoup) -> None:
    last = page_of_results.select("main > section")[-1]
    assert [[said(cell) for cell in row(["th", "td"])] for row in last("tr")][1:] == [
        ["model", "small.gguf"],
        ["model_sha256", "cc32"],
        ["libraries numpy", "2.3.4"],
        ["threads", "2"],
        ["served", "–"],
    ]


def test_filters_offer_what_there_is_and_stay_hidden_without_the_script(
    page_of_results: BeautifulSoup,
) -> None:
    form = one(page_of_results, "form#filters[hidden]")
    assert [option["value"] for option in form.select("[name=kind] option")] == [
        "",
        "verdict",
        "fact",
        "abstain",
    ]
    states = [said(option) for option in form.select("[name=state] option")]
    assert states == ["all", "failed (2)", "unscored (1)", "passed (2)"]
    assert len(form.select("input[type=search][name=text], input[name=flipped]")) == 2
    assert page_of_results.select("details.case[hidden]") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"gates": [], "baseline": None, "cases": []}, []),
        ({"gates": []}, ["1 case could not be scored."]),
        ({"gates": RESULTS["gates"][3:], "cases": []}, []),  # not at this tier
        (
            {"gates": [RESULTS["gates"][3] | {"passed": False}], "cases": []},
            ["Facts: not measured at the lower end, at least 60\u00a0% is wanted."],
        ),
        (
            {"gates": [], "cases": [], "baseline": {"lost": ["a", "b"], "won": ["c"]}},
            ["Worse than the baseline: 2 lost, 1 won, p = 0.031 (permutation test by group)."],
        ),
    ],
)
def test_a_run_passes_unless_a_gate_a_case_or_the_baseline_says_no(
    changes: ResultsJson, expected: list[str]
) -> None:
    results = copy.deepcopy(RESULTS) | changes
    if changes.get("baseline"):
        results["baseline"] |= {"significant": True, "p_value": 0.0312}
    assert problems(results) == expected


def test_a_run_without_any_case_has_a_report(tmp_path: Path) -> None:
    empty: ResultsJson = {
        "cases": [],
        "confusion": {},
        "metrics": {},
        "gates": [],
        "durations_s": {},
    }
    soup = written(without_baseline() | empty, tmp_path)
    assert "0 passed 0 failed 0 unscored" in said(soup)
    assert soup.select("#verdicts, .cards") == []


def test_a_case_of_which_only_the_decision_was_made_shows_it(tmp_path: Path) -> None:
    results = copy.deepcopy(RESULTS)
    results["cases"][0]["answer"]["answer"] = ""
    case = said(one(written(results, tmp_path), "#c1"))
    assert "Answer Tea confidence 90 % no text was written" in case


def test_what_a_run_writes_can_be_shown(tmp_path: Path) -> None:
    case = Case(id="a", kind="fact", turns=("How much?",), group="g", must=("x",))
    found = CaseResult(case, Answer("How much?", "How much?", Decision("inform"), "y"))
    Results(
        created="2026-11-23T10:00:00Z",
        tier="answers",
        duration_s=3.5,
        durations_s={"answers": 3.5},
        comparison=ComparisonInfo("a-vs-b", "A vs B", ("A", "B", "Both"), ""),
        config={"threads": 2},
        metrics={"fact_accuracy": Metric(0.0, 1, 0.0, 0.79), "unscored": Metric(0, 1)},
        gates=(
            GateResult("fact_accuracy", "low", 0.0, False, at_least=0.6),
            GateResult("prompt_leaks", "high", None, None, at_most=0.02),
        ),
        confusion={},
        baseline=PairedComparison("2026-11-20", 1.0, ("a",), (), False, {}, {"a": "x"}),
        cases=(replace(found, scores={"facts": Score(0.0, "lacks x")}),),
    ).write(tmp_path)
    soup = written(json.loads((tmp_path / "results.json").read_text(encoding="utf-8")), tmp_path)
    assert "0 passed 1 failed 0 unscored" in said(soup)
    assert "Why it failed facts lacks x" in said(one(soup, "#c1"))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("fact_accuracy", 0.9567, "95.7 %"),
        ("fact_accuracy", 1, "100 %"),
        ("fact_accuracy", 0.9999, "100.0 %"),
        ("fact_accuracy", None, "not measured"),
        ("total_p50_s", 2.0, "2.00 s"),
        ("tokens_written_mean", 77.0, "77.0"),
        ("tokens_written", 1234, "1,234"),
        ("unscored", 1, "1"),
    ],
)
def test_figures_have_their_unit(name: str, value: float | None, text: str) -> None:
    assert shown(name, value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("name", "value", "at", "measured", "threshold"),
    [
        ("fact_accuracy", 0.98, 0.99, "98.0 %", "99 %"),
        ("fact_accuracy", 0.9896, 0.99, "98.96 %", "99 %"),  # not "99.0 %, 99 % is wanted"
        ("fact_accuracy", 0.99, 0.99, "99.0 %", "99 %"),
        ("fact_accuracy", None, 0.99, "not measured", "99 %"),
        ("total_p50_s", 1.004, 1.0, "1.004 s", "1 s"),
        ("total_p50_s", 0.5, 10.0, "0.50 s", "10 s"),
        ("prompt_leaks", 0, 0, "0 %", "0 %"),
    ],
)
def test_a_threshold_and_what_just_misses_it_do_not_look_the_same(
    name: str, value: float | None, at: float, measured: str, threshold: str
) -> None:
    assert shown_beside(name, value, at).replace("\u00a0", " ") == measured
    assert shown_threshold(name, at).replace("\u00a0", " ") == threshold


def test_the_page_draws_confidence_against_right(page_of_results: BeautifulSoup) -> None:
    reliability, risk = page_of_results.select("figure")
    dots = [(dot["cx"], dot["cy"]) for dot in reliability.select("circle.dot")]
    assert dots == [("248.0", "280.0"), ("274.0", "20.0")]
    assert said(one(reliability, "#calibration-error")) == "45.0 %"
    assert one(risk, "polyline")["points"] == "170.0,280.0 300.0,20.0 "
