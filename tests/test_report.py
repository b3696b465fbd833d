"""The report says what results.json says, to people and to CI, and obeys nothing that stands in it.

Run it with `pytest tests/test_report.py`. The tests in a browser are skipped where there is no
Chromium, except in CI. What the figures mean is not tested here: the report takes them as given.
"""

import base64
import copy
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has none
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect

from agent.answer import Answer, Decision
from evals.case import Case
from evals.figures.figures import Flip, GateResult, Metric, PairedComparison
from evals.report.bars import ResultsJson
from evals.report.calibration import Bin, Judged, Point, bins, error, judged, risk_curve
from evals.report.cases import problems
from evals.report.labels import shown, shown_beside, shown_bound
from evals.report.report import write_report
from evals.results import CaseResult, ComparisonInfo, Results
from evals.scoring.score import Score

HOSTILE = (
    "</script></style></title><img src=x onerror=window.ran=1>\" ' {{ 7*7 }} ](javascript:x) |"
)
CHROMIUM = Path("/usr/bin/chromium")


def answer(text: str, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "question": "Which at night?",
        "standalone_question": "Which at night?",
        "verdict": None,
        "confidence": None,
        "answer": text,
        "abstained": False,
        "citations": [],
        "evidence": [],
        "timings": {
            "understand_s": 0.0,
            "retrieve_s": 0.01,
            "decide_s": 0.3,
            "first_token_s": 0.5,
            "total_s": 1.25,
        },
        "tokens": {"prompt_read": 40, "prompt_reused": 1800, "written": 30},
    }
    return made | changes


def scores(**values: float | tuple[float, str]) -> dict[str, dict[str, Any]]:
    pairs = {
        name: value if isinstance(value, tuple) else (value, "") for name, value in values.items()
    }
    return {name: {"value": value, "explanation": told} for name, (value, told) in pairs.items()}


def metric(value: float, n: int, low: float | None, high: float | None) -> dict[str, Any]:
    return {"value": value, "n": n, "low": low, "high": high}


RESULTS: ResultsJson = {
    "version": 1,
    "created": "2026-11-23T10:00:00Z",
    "tier": "full",
    "duration_s": 312.4,
    "durations_s": {"retrieval": 3.1, "answers": 309.3},
    "comparison": {
        "slug": "tea-vs-coffee",
        "title": "Tea vs Coffee",
        "labels": ["Tea", "Coffee", "Both / Depends"],
        "as_of": "2026-03",
    },
    "config": {
        "model": "small.gguf",
        "model_sha256": "cc32",
        "libraries": {"numpy": "2.3.4"},
        "threads": 2,
        "served": None,
    },
    "metrics": {
        "verdict_accuracy": metric(0.96, 50, 0.865, 0.989),
        "verdict_macro_f1": metric(0.9, 50, None, None),
        "constant_answer": metric(0.5, 50, None, None),
        "constant_answer_macro_f1": metric(0.22, 50, None, None),
        "false_refusals": metric(0.02, 50, 0.004, 0.105),
        "attack_success": metric(0.25, 40, 0.142, 0.402),
        "first_token_p50_s": metric(0.584, 90, 0.56, 0.6),
        "unscored": metric(1, 5, None, None),
        "first_in_four": metric(0.75, 8, 0.4, 0.93),
    },
    "gates": [
        {
            "metric": "verdict_accuracy",
            "at_least": 0.85,
            "on": "low",
            "value": 0.865,
            "passed": True,
        },
        {
            "metric": "attack_success",
            "at_most": 0.2,
            "on": "high",
            "value": 0.402,
            "passed": False,
        },
        {
            "metric": "first_token_p50_s",
            "at_most": 1.0,
            "on": "value",
            "value": 0.584,
            "passed": True,
        },
        {"metric": "fact_accuracy", "at_least": 0.6, "on": "low", "value": None, "passed": None},
    ],
    "confusion": {
        "Coffee": {"Coffee": 3, "Tea": 1},
        "Tea": {"Tea": 5, "none": 1},
    },
    "baseline": {
        "created": "2026-11-20T08:12:00Z",
        "p_value": 1.0,
        "lost": ["night-1"],
        "won": ["sugar-1"],
        "significant": False,
        "metrics": {"verdict_accuracy": metric(0.94, 50, 0.838, 0.979)},
        "answers": {"night-1": "Coffee, as ever [1].", "sugar-1": "It has 12 g."},
    },
    "cases": [
        {
            "id": "london-1",
            "kind": "verdict",
            "group": "london",
            "turns": ["Which in London?"],
            "passed": True,
            "error": "",
            "scores": scores(verdict=1, cites=1, readability=(0.5, "171 words, 120 at most")),
            "wanted": {"verdict": "Tea", "cites": ["best-for/london"]},
            "answer": answer(
                "Tea [2].", verdict="Tea", confidence=0.9, standalone_question="Tea in London?"
            ),
        },
        {
            "id": "night-1",
            "kind": "verdict",
            "group": "night",
            "turns": ["I never sleep.", "Which at night?"],
            "passed": False,
            "error": "",
            "scores": scores(
                verdict=(0, "wanted Coffee, answered Tea"),
                cites=1,
                first_token_s=0.5,
                tokens_written=30,
            ),
            "wanted": {"verdict": "Coffee", "cites": ["best-for/long-nights"]},
            "answer": answer(
                "Tea is the one [1]. It is weak [9].",
                verdict="Tea",
                confidence=0.8,
                citations=[
                    {"number": 1, "passage": "best-for/long-nights", "quote": "It keeps you up."},
                    {"number": 9, "passage": "gone", "quote": "It is weak."},
                ],
                evidence=[
                    {"number": 1, "passage": "best-for/long-nights", "score": 0.93},
                    {"number": 3, "passage": "dimension/caffeine", "score": 0.4},
                ],
            ),
        },
        {
            "id": "broken-1",
            "kind": "fact",
            "group": "broken",
            "turns": ["How much?"],
            "passed": None,
            "error": "the model gave no answer within 120 s",
            "scores": {},
            "wanted": {"must": ["\\b12"], "must_not": ["\\b13"]},
            "answer": None,
        },
        {
            "id": "sugar-1",
            "kind": "fact",
            "group": "sugar",
            "turns": ["How much sugar?"],
            "passed": True,
            "error": "",
            "scores": scores(facts=1),
            "wanted": {"must": ["\\bnone"]},
            "answer": answer("None."),
        },
        {
            "id": "milk-1",
            "kind": "abstain",
            "group": "milk",
            "turns": ["Which milk?"],
            "passed": False,
            "error": "",
            "scores": scores(abstention=0),
            "wanted": {"abstain": True, "verdict": None},
            "answer": answer("Oat."),
        },
    ],
}


def without_baseline() -> ResultsJson:
    return copy.deepcopy(RESULTS) | {"baseline": None}


def hostile() -> ResultsJson:
    """RESULTS with every text of it made hostile, keys of the configuration too."""

    def spoilt(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: spoilt(item) for key, item in value.items()}
        if isinstance(value, list):
            return [spoilt(item) for item in value]
        return value + HOSTILE if isinstance(value, str) else value

    results: ResultsJson = spoilt(RESULTS)
    for gate, right in zip(results["gates"], RESULTS["gates"], strict=True):
        gate["on"] = right["on"]
    results["config"] = {HOSTILE: HOSTILE}
    results["confusion"] = {HOSTILE: {HOSTILE: 3}}
    results["metrics"][HOSTILE] = metric(0.5, 2, 0.4, 0.6)
    results["cases"][1]["scores"] |= scores(facts=(0, HOSTILE))
    results["cases"][0]["scores"][HOSTILE] = {"value": 0.5, "explanation": HOSTILE}
    return results


def written(results: ResultsJson, folder: Path) -> BeautifulSoup:
    write_report(results, folder)
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    (found,) = soup.select(selector)
    return found


def said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


@pytest.fixture
def page_of_results(tmp_path: Path) -> BeautifulSoup:
    return written(RESULTS, tmp_path)


# what it says


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
            ["Worse than the baseline: 2 lost, 1 won, p = 0.031."],
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
    case = Case("a", "fact", ("How much?",), "g", must=("x",))
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
        baseline=PairedComparison("2026-11-20", 1.0, (Flip("a", "x", "y"),), (), {}),
        cases=(replace(found, scores={"facts": Score(0.0, "lacks x")}),),
    ).write(tmp_path)
    soup = written(json.loads((tmp_path / "results.json").read_text()), tmp_path)
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
    ("name", "value", "at", "measured", "bound"),
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
def test_a_bound_and_what_just_misses_it_do_not_look_the_same(
    name: str, value: float | None, at: float, measured: str, bound: str
) -> None:
    assert shown_beside(name, value, at).replace("\u00a0", " ") == measured
    assert shown_bound(name, at).replace("\u00a0", " ") == bound


# how far confidence can be trusted

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


def test_the_page_draws_confidence_against_right(page_of_results: BeautifulSoup) -> None:
    reliability, risk = page_of_results.select("figure")
    dots = [(dot["cx"], dot["cy"]) for dot in reliability.select("circle.dot")]
    assert dots == [("248.0", "280.0"), ("274.0", "20.0")]
    assert said(one(reliability, "#calibration-error")) == "45.0 %"
    assert one(risk, "polyline")["points"] == "170.0,280.0 300.0,20.0 "


# hostile text


def test_the_script_runs_by_its_hash_and_nothing_else_does(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    (script,) = soup.select("script")
    digest = base64.b64encode(hashlib.sha256(str(script.string).encode()).digest()).decode()
    policy = one(soup, "meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "innerHTML" not in str(script.string)


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    loaders = "[src], [srcset], [data], [xlink\\:href], link, iframe, img, object, embed, base"
    assert soup.select(loaders) == []
    assert [a["href"] for a in soup.select("[href]") if not str(a["href"]).startswith("#")] == []
    quiet = str(one(soup, "style").string) + str(one(soup, "script").string)
    assert re.findall(r"url\(|@import|https?:|fetch\(|import\(", quiet) == []


def test_markup_from_a_case_stays_text(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    assert soup.select("img, [onerror], a[href^=javascript]") == []
    plain = " ".join(HOSTILE.split())
    for place in (
        "title",
        "h1",
        ".meta",
        ".config th",
        ".config td",
        ".confusion tbody th",
        "#c1 .text",
        "#c2 .turns li",
        "#c2 q",
        "#c2e1",
        "#c2 .why",
        "#c1 ul:last-of-type",
        "#c3 code",
        ".case .tag",
        ".flips .pair dd",
        ".bars .label",
    ):
        assert any(plain in said(found) for found in soup.select(place)), place
    kinds = [str(option["value"]) for option in soup.select("[name=kind] option")]
    assert kinds[1] == "verdict" + HOSTILE


def test_markup_from_a_case_stays_text_in_the_summary(tmp_path: Path) -> None:
    write_report(hostile(), tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    soup = BeautifulSoup(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(text), "html.parser"
    )
    assert soup.select("img, script, style, title, a, code") == []
    assert " ".join(HOSTILE.split()) in said(one(soup, "h2"))
    assert {len(row("td")) for row in soup.select("tr")[1:]} <= {0, 4, 5}


CONTROLS = "a\x00b\x08c\x1b[31m\ufffe\ud800d\te\nf"


def test_characters_that_xml_forbids_are_replaced_everywhere(tmp_path: Path) -> None:
    results = copy.deepcopy(RESULTS)
    for case in results["cases"]:
        case["id"] += CONTROLS
        case["turns"] = [CONTROLS]
        case["error"] = case["error"] and CONTROLS
    results["config"] = {CONTROLS: CONTROLS}
    results["cases"][4]["scores"] = scores(abstention=(0, CONTROLS))
    write_report(results, tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    tests = {test.get("name"): test for test in root.iter("testcase")}
    clean = "a\ufffdb\ufffdc\ufffd[31m\ufffd\ufffdd\te\nf"
    assert f"night-1{clean}" in tests
    failure = tests[f"milk-1{clean}"].find("failure")
    assert failure is not None and failure.get("message") == f"abstention: {clean}"
    for name in ("report.html", "report.md"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) == []


def test_hostile_text_leaves_the_xml_whole(tmp_path: Path) -> None:
    write_report(hostile(), tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert root.get("name") == "Tea vs Coffee" + HOSTILE
    assert {child.tag for child in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
    }


# for CI


def test_junit_has_a_test_for_each_case_each_gate_and_the_baseline(tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    found = {
        f"{test.get('classname')} {test.get('name')}": [child.tag for child in test]
        for test in root.iter("testcase")
    }
    assert found == {
        "verdict night-1": ["failure"],
        "abstain milk-1": ["failure"],
        "fact broken-1": ["error"],
        "verdict london-1": [],
        "fact sugar-1": [],
        "gate verdict_accuracy lower end at least 85\u00a0%": [],
        "gate attack_success upper end at most 20\u00a0%": ["failure"],
        "gate first_token_p50_s value at most 1\u00a0s": [],
        "gate fact_accuracy lower end at least 60\u00a0%": ["skipped"],
        "baseline no significant loss against the baseline": [],
    }
    counts = [
        tuple(suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped"))
        for suite in root
    ]
    assert counts == [("cases", "5", "2", "1", "0"), ("gates", "5", "1", "0", "1")]


def test_junit_says_why_with_question_and_answer(tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    failure, error = next(root.iter("failure")), next(root.iter("error"))
    assert failure.get("message") == "verdict: wanted Coffee, answered Tea"
    assert failure.text == (
        "Q: I never sleep.\nQ: Which at night?\nA: Tea is the one [1]. It is weak [9].\n"
        "verdict: wanted Coffee, answered Tea"
    )
    assert error.get("message") == "error: the model gave no answer within 120 s"


def test_a_significant_loss_is_a_failed_test(tmp_path: Path) -> None:
    results = copy.deepcopy(RESULTS)
    results["baseline"] |= {"significant": True, "p_value": 0.0312}
    write_report(results, tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    (test,) = (test for test in root.iter("testcase") if test.get("classname") == "baseline")
    assert [child.get("message") for child in test] == ["p = 0.031; lost: night-1"]


@pytest.mark.parametrize(
    "line",
    [
        "## Evaluation does not pass: Tea vs Coffee",
        "**2 passed, 2 failed, 1 unscored** · 23 November 2026, 10:00 UTC · tier full · 5 min 12 s",
        "- Attack success: 40.2 % at the upper end, at most 20 % is wanted.",
        "| Attack success | at most 20 % | 40.2 % (upper end) | **failed** |",
        "| First token, median | at most 1 s | 0.58 s | passed |",
        "| Verdict accuracy (a constant answer: 50.0 %) | 96.0 % | 86.5 to 98.9 % | 50 | 94.0 % |",
        "| Unscored | 1 |  | 5 |  |",
        "<details><summary>2 failed</summary>",
        "- **night-1** (verdict): Which at night?",
        "  - verdict: wanted Coffee, answered Tea",
        "<details><summary>1 unscored</summary>",
        "<details><summary>1 lost since the baseline</summary>",
        r"  - baseline: Coffee, as ever \[1\].",
        r"  - now: Tea is the one \[1\]. It is weak \[9\].",
    ],
)
def test_the_summary_says(tmp_path: Path, line: str) -> None:
    write_report(RESULTS, tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert line in text.replace("\u00a0", " ").splitlines()


def many(count: int) -> ResultsJson:
    """`count` failed cases with answers and evidence of a usual length."""
    results = without_baseline()
    case = results["cases"][1]
    case["turns"] = ["Which one suits people who work at night and never sleep much? " * 3]
    case["answer"]["answer"] = "For long nights, the document recommends coffee [1]. " * 12
    case["answer"]["citations"] = case["answer"]["citations"][:1] * 3
    case["answer"]["citations"][0]["quote"] = "Coffee keeps you up, which is what you want. " * 4
    passage = "analysis/where-coffee-keeps-you-up-and-tea-does-not"
    case["answer"]["evidence"] = [
        {"number": number, "passage": passage, "score": 0.5} for number in range(1, 7)
    ]
    return results | {"cases": [case | {"id": f"night-{number}"} for number in range(count)]}


def test_the_summary_of_many_failures_stays_short(tmp_path: Path) -> None:
    write_report(many(60), tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.count("- **night-") == 50
    assert "10 more are in report.html." in text


def test_a_page_of_900_cases_stays_under_3_mb(tmp_path: Path) -> None:
    write_report(many(900), tmp_path)
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


def test_results_that_lack_something_leave_an_earlier_report_as_it_was(tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    results = copy.deepcopy(RESULTS)
    del results["cases"][1]["answer"]["standalone_question"]
    with pytest.raises(Exception, match="standalone_question"):
        write_report(results, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


# in a browser

in_a_browser = pytest.mark.skipif(
    not CHROMIUM.exists() and "CI" not in os.environ,
    reason=f"no browser at {CHROMIUM}: apt-get install chromium",
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    quiet = ("background-networking", "component-update", "sync", "gpu")
    switches = [f"--disable-{name}" for name in quiet]
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--no-first-run", *switches]}


def opened(page: Page, results: ResultsJson, folder: Path) -> Iterator[Page]:
    """The report, opened; afterwards, nothing may have gone wrong on it."""
    write_report(results, folder)
    address = (folder / "report.html").as_uri()
    wrong: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(address) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    assert wrong == []


@pytest.fixture
def report(page: Page, tmp_path: Path) -> Iterator[Page]:
    yield from opened(page, RESULTS, tmp_path)


def ids(page: Page) -> list[str]:
    """The ids of the cases that are shown."""
    tags = page.locator("details.case:visible .tag").all_inner_texts()
    return [tag.split(" · ")[1] for tag in tags]


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "kind", "state", "flipped", "expected"),
    [
        ("", "", "", False, ["night-1", "milk-1", "broken-1", "london-1", "sugar-1"]),
        ("", "", "failed", False, ["night-1", "milk-1"]),
        ("", "", "unscored", False, ["broken-1"]),
        ("", "fact", "", False, ["broken-1", "sugar-1"]),
        ("", "", "", True, ["night-1", "sugar-1"]),
        ("", "fact", "", True, ["sugar-1"]),
        ("CAFFEINE", "", "", False, ["night-1"]),  # in the evidence
        ("sugar none", "", "", False, ["sugar-1"]),  # every word, wherever it stands
        ("sugar", "verdict", "", False, []),
    ],
)
def test_filters_narrow_the_cases(
    report: Page, text: str, kind: str, state: str, flipped: bool, expected: list[str]
) -> None:
    report.get_by_label("Search").fill(text)
    report.get_by_label("Kind").select_option(kind)
    report.get_by_label("State").select_option(state)
    report.get_by_label("flipped").set_checked(flipped)
    assert ids(report) == expected
    told = f"{len(expected)} of 5 cases" if expected else "No case matches."
    expect(report.locator("#found")).to_have_text(told)
    report.get_by_role("button", name="Clear").click()
    expect(report.locator("#found")).to_have_text("5 of 5 cases")
    assert len(ids(report)) == 5


@in_a_browser
@pytest.mark.browser
def test_the_keyboard_filters_and_opens_a_case(report: Page) -> None:
    report.get_by_label("Search").focus()
    report.keyboard.type("never")
    report.keyboard.press("Enter")  # sends no form
    for _ in range(5):  # kind, state, flipped, clear, the case
        report.keyboard.press("Tab")
    report.keyboard.press("Enter")
    expect(report.locator("#c2")).to_be_visible()
    assert ids(report) == ["night-1"]


@in_a_browser
@pytest.mark.browser
def test_a_link_opens_its_case_although_it_is_filtered_out(report: Page) -> None:
    report.get_by_label("State").select_option("passed")
    report.locator(".flips a", has_text="night-1").click()
    expect(report.locator("#c2")).to_be_visible()
    expect(report.locator("#c2")).to_be_in_viewport()
    report.locator("#c2 a", has_text="[1]").click()
    expect(report.locator("#c2e1")).to_be_in_viewport()


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_is_accessible_and_nothing_is_cut_off(report: Page, scheme: Any, width: int) -> None:
    report.emulate_media(color_scheme=scheme)
    report.set_viewport_size({"width": width, "height": 800})
    report.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    violations = Axe().run(report).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []
    assert report.evaluate("document.documentElement.scrollWidth") == width


@in_a_browser
@pytest.mark.browser
def test_hostile_text_does_nothing_in_a_browser(page: Page, tmp_path: Path) -> None:
    for report in opened(page, hostile(), tmp_path):
        report.get_by_label("Search").fill("onerror")
        assert len(report.locator("details.case:visible").all()) == 5
        assert report.locator("img").count() == 0
        assert report.evaluate("window.ran") is None


@in_a_browser
@pytest.mark.browser
def test_without_its_script_the_page_is_complete(browser: Any, tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("#filters")).not_to_be_visible()
    expect(page.locator("details.case:visible")).to_have_count(5)
    page.locator("details.case summary").first.click()
    expect(page.locator("#c2")).to_be_visible()
    page.close()


@in_a_browser
@pytest.mark.browser
def test_900_cases_open_quickly(page: Page, tmp_path: Path) -> None:
    for report in opened(page, many(900), tmp_path):
        expect(report.locator("#found")).to_have_text("900 of 900 cases")
        took_ms = report.evaluate("performance.timing.domComplete - performance.timing.fetchStart")
        assert took_ms < 10_000  # a tenth of it, where nothing else runs
