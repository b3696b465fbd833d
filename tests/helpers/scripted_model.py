"""A model that says what it was told to say: for tests that are about everything else."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import log

from agent.llm.base import CancelledError, Prompt, StatelessSession, Usage


class ScriptedModel:
    """Weighs options and writes as two functions of the prompt's text decide.

    `choose(prompt, options)` gives the place of the chosen option, `write(prompt)` the text.
    """

    def __init__(
        self,
        choose: Callable[[str, Sequence[str]], int] = lambda prompt, options: 0,
        write: Callable[[str], str] = lambda prompt: "",
    ) -> None:
        self._choose, self._write = choose, write
        self._lock = threading.Lock()

    def preload(self, prompt: Prompt, cancel: threading.Event | None = None) -> None:
        """It caches nothing."""

    @contextmanager
    def session(self, cancel: threading.Event | None = None) -> Iterator["ScriptedSession"]:
        with self._lock:
            yield ScriptedSession(self._choose, self._write, cancel)

    def close(self) -> None:
        """It takes nothing."""


class ScriptedSession(StatelessSession):
    """agent.llm.base.Session of a ScriptedModel; a word counts as a token."""

    def __init__(
        self,
        choose: Callable[[str, Sequence[str]], int],
        write: Callable[[str], str],
        cancel: threading.Event | None,
    ) -> None:
        self.usage = Usage()
        self._choose, self._write, self._cancel = choose, write, cancel

    def log_probabilities(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        chosen = self._choose(_text(prompt), options)
        rest = 0.1 / max(len(options) - 1, 1)
        return tuple(log(0.9 if i == chosen else rest) for i in range(len(options)))

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        text = self._write(_text(prompt))
        for end in stop:
            text = text.split(end)[0]
        for word in text.split(" ")[:max_tokens]:
            if self._cancel is not None and self._cancel.is_set():
                raise CancelledError
            self.usage.written += 1
            yield word + " "


def _text(prompt: Prompt) -> str:
    return "\n".join(part for part in (prompt.system, prompt.user, prompt.reply) if part)
