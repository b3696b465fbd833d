"""The report for CI: a summary in Markdown, and JUnit XML."""

import copy
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from evals.report.report import write_report
from tests.helpers.sample_run import HOSTILE, RESULTS, hostile, many, one, said, scores

CONTROLS = "a\x00b\x08c\x1b[31m\ufffe\ud800d\te\nf"


def test_markup_from_a_case_stays_text_in_the_summary(tmp_path: Path) -> None:
    write_report(hostile(), tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    soup = BeautifulSoup(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(text), "html.parser"
    )
    assert soup.select("img, script, style, title, a, code") == []
    assert " ".join(HOSTILE.split()) in said(one(soup, "h2"))
    assert {len(row("td")) for row in soup.select("tr")[1:]} <= {0, 4, 5}


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
    assert [child.get("message") for child in test] == [
        "p = 0.031 (permutation test by group); lost: night-1"
    ]


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


def test_the_summary_of_many_failures_stays_short(tmp_path: Path) -> None:
    write_report(many(60), tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.count("- **night-") == 50
    assert "10 more are in report.html." in text
