"""Times the steps of one message."""

import time
from dataclasses import asdict, dataclass, field, replace

from agent.answering.types import Answer, Timings, Tokens
from agent.llm.base import Session


@dataclass
class Clock:
    """`started` is when the message arrived, of time.perf_counter()."""

    started: float
    timings: Timings = field(default_factory=Timings)
    _lap: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        """Adds the time since the last lap to `step`."""
        now = time.perf_counter()
        spent = getattr(self.timings, step) + now - self._lap
        self.timings = replace(self.timings, **{step: spent})
        self._lap = now

    def wrote(self) -> None:
        """Notes the first time that there is text."""
        if not self.timings.first_token_s:
            elapsed = time.perf_counter() - self.started
            self.timings = replace(self.timings, first_token_s=elapsed)

    def stamp(self, answer: Answer, session: Session) -> Answer:
        """`answer` with the times and tokens so far."""
        timings = replace(self.timings, total_s=time.perf_counter() - self.started)
        return replace(answer, timings=timings, tokens=Tokens(**asdict(session.usage)))
