"""What a contender's process is told and what it tells, as values; they are pickled on the way.

Standard library only: what is imported here counts into the memory of every contender.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """A conversation whose last turn is timed, for a whole advisor; and for who can only continue
    a prompt, its two messages with the evidence in them.
    """

    turns: Sequence[str]
    system: str = ""
    user: str = ""


@dataclass(frozen=True)
class Measurement:
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


@dataclass(frozen=True)
class JobResult:
    """What a contender measured, or in `missing` why it could not.

    `start_s` is from the start of its process until it takes a question, `peak_mib` the most
    memory that was ever resident; `bare_tokens_per_s` is of a bare decode loop.
    """

    start_s: float = 0.0
    peak_mib: float = 0.0
    runs_with: Mapping[str, int] = field(default_factory=dict)
    questions: Sequence[Measurement] = ()
    again: Sequence[Measurement] = ()
    followups: Sequence[Measurement] = ()
    writing: Sequence[Measurement] = ()
    bare_tokens_per_s: float | None = None
    missing: str = ""
