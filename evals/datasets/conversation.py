"""Conversations with a check after each turn, read from files of JSON Lines.

    for each in read_conversations(file, comparison): each.turns[0].message, each.turns[0].verdict

README.md beside this module describes the fields. What a turn leaves out is not checked.
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.datasets.comparisons import option_named
from knowledge.comparison import Comparison, joined

Does = Literal[
    "advice",
    "case",
    "fact",
    "compare",
    "overview",
    "list",
    "why",
    "more",
    "doubt",
    "claim",
    "answer",
    "small",
    "about",
    "multi",
]


class KnownCase(BaseModel):
    """Regexes over what is known of the person's case after a turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class CheckedTurn(BaseModel):
    """A message, and what its answer must be; the fields are as in evals.datasets.case.Case.

    `relevant` are the passages that an answer may rest on; of `parts`, regexes, each is matched by
    a complete answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    does: Does
    verdict: str | None = None
    cites: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    abstain: bool = False
    case: KnownCase | None = None

    @property
    def scores_verdict(self) -> bool:
        return "verdict" in self.model_fields_set


class CheckedConversation(BaseModel):
    """A conversation of one person about one comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    turns: tuple[CheckedTurn, ...]


def read_conversations(file: Path, comparison: Comparison) -> list[CheckedConversation]:
    """Those of `file`, with labels as the reader has them. Raises pydantic's ValidationError."""
    lines = file.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    for entry in entries:
        for turn in entry["turns"]:
            if turn.get("verdict"):
                turn["verdict"] = _label(turn["verdict"], comparison)
    return [CheckedConversation(**entry) for entry in entries]


def _label(verdict: str, comparison: Comparison) -> str:
    if verdict in comparison.labels:
        return verdict
    return joined([option_named(each, comparison) for each in verdict.split(" or ")])
