"""What a contender's process is told and what it tells, as values and as their JSON.

Standard library only: what is imported here counts into the memory of every contender.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """A conversation whose last turn is timed, for a whole advisor; and for who can only continue
    a prompt, its two messages with the evidence in them.
    """

    turns: Sequence[str]
    system: str = ""
    user: str = ""


@dataclass(frozen=True)
class Asked:
    """One question: seconds from its arrival, and tokens; `search_s` of it went to retrieval."""

    first_token_s: float
    total_s: float
    read: int
    reused: int
    written: int
    search_s: float | None = None

    @property
    def tokens_per_s(self) -> float:
        """Written after the first token, for which the prompt had to be read; 0 if none was."""
        return max(0, self.written - 1) / max(1e-9, self.total_s - self.first_token_s)


@dataclass(frozen=True)
class Job:
    """What a contender measures. The first of `questions` warms up and is not counted; without
    any it only starts. `again` asks them once more, when their evidence has been read. `runs_with`
    are n_ctx, n_batch and n_threads (Engine.settings), `document` is indexed first, `started_at`
    is the start of its process in seconds of time.time().
    """

    model: str
    runs_with: Mapping[str, int] = field(default_factory=dict)
    questions: Sequence[Question] = ()
    followups: Sequence[Question] = ()
    writing: Sequence[Question] = ()
    again: bool = False
    document: str = ""
    started_at: float = 0.0

    @classmethod
    def from_json(cls, text: str) -> "Job":
        return cls(**_listing(text, Question))


@dataclass(frozen=True)
class Measured:
    """What a contender measured, or in `missing` why it could not.

    `start_s` is from the start of its process until it takes a question, `peak_mib` the most
    memory that was ever resident; `bare_tokens_per_s` is of a bare decode loop.
    """

    start_s: float = 0.0
    peak_mib: float = 0.0
    runs_with: Mapping[str, int] = field(default_factory=dict)
    questions: Sequence[Asked] = ()
    again: Sequence[Asked] = ()
    followups: Sequence[Asked] = ()
    writing: Sequence[Asked] = ()
    bare_tokens_per_s: float | None = None
    missing: str = ""

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        return cls(**_listing(text, Asked))


def _listing(text: str, kind: type[Question] | type[Asked]) -> dict[str, Any]:
    """The fields in `text`, which dataclasses.asdict made, with their lists of that kind."""
    data: dict[str, Any] = json.loads(text)
    lists = {name for name, value in data.items() if isinstance(value, list)}
    return data | {name: [kind(**each) for each in data[name]] for name in lists}
