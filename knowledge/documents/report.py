"""What was recognised in a document as one JSON object, and what a person may want to add to it.

as_object(reading, reading.comparison.warnings, lint(reading.comparison))
"""

import re
from collections.abc import Sequence
from typing import Any

from knowledge.comparison import Comparison, Passage
from knowledge.documents.build import Reading

MIN_REASON_WORDS = 4
YEAR = re.compile(r"\b(?:1[89]|2[01])\d\d\b")


def as_object(reading: Reading, warnings: Sequence[str], advice: Sequence[str]) -> dict[str, Any]:
    """What was recognised, as `advisor check --json` prints it and the page shows it."""
    comparison = reading.comparison

    def of(kind: str, name: str) -> list[dict[str, Any]]:
        return [
            {
                name: each.heading,
                **({} if kind in ("option", "dimension") else {"verdict": each.verdict}),
                "sure": each.sure,
                **({} if each.probability is None else {"probability": each.probability}),
                "source": each.source,
                "line": each.line or None,
            }
            for each in reading.findings
            if each.kind == kind
        ]

    return {
        "title": comparison.title,
        "options": of("option", "name"),
        "both": comparison.both,
        "rows": of("dimension", "row"),
        "use_cases": of("best-for", "case"),
        "in_general": next(iter(of("bottom-line", "heading")), None),
        "analysis": of("analysis", "heading"),
        "passages": len(comparison.passages),
        "warnings": list(warnings),
        "advice": list(advice),
    }


def lint(comparison: Comparison) -> list[str]:
    """What a person may want to add before others rely on the document."""
    cases = comparison.of_kind("best-for")
    found = [
        f'The use case "{case.heading}" has no reasons.' for case in cases if not _reasons(case)
    ]
    named = {option for case in cases for option in comparison.recommended(case.verdict or "")}
    found += [
        f'No use case speaks for "{option}".'
        for option in comparison.options
        if cases and option not in named
    ]
    undated = [
        row.heading
        for row in comparison.of_kind("dimension")
        if re.search(r"\d", row.text) and not YEAR.search(row.text)
    ]
    if undated and not comparison.as_of:
        found.append(
            f"Rows with figures but no date: {len(undated)}, such as {undated[0]}. "
            "Say as_of in front matter."
        )
    return found


def _reasons(case: Passage) -> bool:
    words = re.findall(r"\w+", case.text)
    return len(words) >= MIN_REASON_WORDS and case.text not in (case.heading, case.verdict)
