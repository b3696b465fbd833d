"""How far a verdict's confidence can be trusted: reliability bins, and risk by coverage.

Pure functions over the cases of results.json, for the report. Verdicts are taken as the metric
expected_calibration_error takes them: of unattacked cases that want an answer and got a verdict.
Not covered: intervals of these figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.statistics import expected_calibration_error, reliability


@dataclass(frozen=True)
class Judged:
    """One verdict: the probability that it claimed to be right, and whether it was."""

    confidence: float
    right: bool


@dataclass(frozen=True)
class Bin:
    """Verdicts of similar confidence: how many, their mean confidence, the share that is right."""

    n: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Point:
    """Answering only the surest `coverage` of the questions, a share `risk` of them is wrong."""

    coverage: float
    risk: float


def judged(cases: Sequence[dict[str, Any]]) -> list[Judged]:
    """The verdicts that have a confidence and a score, least sure first."""
    found = [
        Judged(case["answer"]["confidence"], case["scores"]["verdict"]["value"] == 1)
        for case in cases
        if case["passed"] is not None
        and case["kind"] != "injection"
        and not case["wanted"].get("abstain")
        and "verdict" in case["scores"]
        and case["answer"]["verdict"] is not None
        and case["answer"]["confidence"] is not None
    ]
    return sorted(found, key=lambda verdict: verdict.confidence)


def bins(verdicts: Sequence[Judged], count: int = 10) -> list[Bin]:
    """At most `count` bins of equal mass (sizes differ by one at most), least sure first.

    Equal mass, because confidences crowd near 1. Equal confidences share their mean of right, so
    that their order does not matter. The mean gap of the bins is `error`.
    """
    rows = reliability(*_columns(verdicts))
    parts = np.array_split(rows, min(count, len(rows))) if len(rows) else []
    return [Bin(len(part), *part.mean(axis=0).tolist()) for part in parts]


def error(verdicts: Sequence[Judged]) -> float:
    """The expected calibration error in [0, 1]; 0 for no verdicts."""
    return expected_calibration_error(*_columns(verdicts)) if verdicts else 0.0


def _columns(verdicts: Sequence[Judged]) -> tuple[list[float], list[bool]]:
    return [verdict.confidence for verdict in verdicts], [verdict.right for verdict in verdicts]


def risk_curve(verdicts: Sequence[Judged], least: float = 0.05) -> list[Point]:
    """Risk for each coverage from `least` on; `verdicts` are sorted least sure first.

    A point stands only where a confidence ends, since equal ones cannot be told apart. Below
    `least` a single error would decide. El-Yaniv & Wiener 2010, JMLR 11, pages 1605 to 1641.
    """
    surest = list(reversed(verdicts))
    points, wrong = [], 0
    for taken, verdict in enumerate(surest, 1):
        wrong += not verdict.right
        last = taken == len(surest) or surest[taken].confidence < verdict.confidence
        if last and taken >= least * len(surest):
            points.append(Point(taken / len(surest), wrong / taken))
    return points
