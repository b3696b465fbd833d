"""A model that says what it was told to say: for tests that are about everything else."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import log

from agent.llm.base import Cancelled, Messages, State, Usage


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

    def keep(self, messages: Messages, cancel: threading.Event | None = None) -> None:
        """It reads nothing."""

    @contextmanager
    def turn(self, cancel: threading.Event | None = None) -> Iterator["ScriptedTurn"]:
        with self._lock:
            yield ScriptedTurn(self._choose, self._write, cancel)

    def close(self) -> None:
        """It takes nothing."""


class ScriptedTurn:
    """agent.llm.base.Turn of a ScriptedModel; a word counts as a token."""

    def __init__(
        self,
        choose: Callable[[str, Sequence[str]], int],
        write: Callable[[str], str],
        cancel: threading.Event | None,
    ) -> None:
        self.usage = Usage()
        self._choose, self._write, self._cancel = choose, write, cancel

    def look(self, *prompts: Messages) -> None:
        """It reads nothing."""

    def likelihoods(self, messages: Messages, options: Sequence[str]) -> list[float]:
        chosen = self._choose(_text(messages), options)
        rest = 0.1 / max(len(options) - 1, 1)
        return [log(0.9 if i == chosen else rest) for i in range(len(options))]

    def state(self, messages: Messages) -> None:
        """It has none."""

    def states(self, groups: Sequence[Sequence[Messages]]) -> Iterator[Sequence[State]]:
        yield from ()

    def stream(
        self,
        messages: Messages,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        text = self._write(_text(messages))
        for end in stop:
            text = text.split(end)[0]
        for word in text.split(" ")[:max_tokens]:
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled
            self.usage.written += 1
            yield word + " "


def _text(messages: Messages) -> str:
    return "\n".join(message.text for message in messages)
