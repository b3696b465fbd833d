"""A run of made-up cases, as results.json has it, and the same with hostile text everywhere.

For tests of what the report makes of it.
"""

import copy
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from evals.report.bars import ResultsJson
from evals.report.report import write_report

HOSTILE = (
    "</script></style></title><img src=x onerror=window.ran=1>\" ' {{ 7*7 }} ](javascript:x) |"
)


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
