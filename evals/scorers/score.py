"""What a scorer gives: a value, and why it is not 1. The scorers are in evals.scorers.registry."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.answering.types import Answer
from evals.datasets.case import Case


@dataclass(frozen=True)
class Score:
    """`value` is in [0, 1] unless the scorer says otherwise (seconds, tokens)."""

    value: float
    explanation: str = ""

    @classmethod
    def unless(cls, *faults: str) -> "Score":
        """1 if no fault has a text, else 0 with all of them as the explanation."""
        there = [fault for fault in faults if fault]
        return cls(float(not there), "; ".join(there))

    @classmethod
    def share(cls, total: int, faults: Sequence[str]) -> "Score":
        """The share of `total` things that have no fault."""
        return cls((total - len(faults)) / total, "; ".join(faults))


Scorer = Callable[[Case, Answer], Score | None]  # None: the case does not ask for it


def has(pattern: str, text: str) -> bool:
    """Whether the regex is found in `text`, case ignored."""
    return re.search(pattern, text, re.IGNORECASE) is not None
