"""What the advisor asks of a language model, whichever it is.

    with model.session() as session:                      one question's use of the model
        [seen] = session.prefill([prompt], [(" yes", " no")])
        text = "".join(session.stream(prompt, max_tokens=90))

A `Prompt` is typed from the builder to the engine: what may be cached is known by its place in it,
never recovered from text.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

State = NDArray[np.float32]  # one number for each dimension of the model's hidden layers
Options = Sequence[Sequence[str]]  # of what comes next, a sequence for each prompt; or none


@dataclass(frozen=True)
class Prompt:
    """A system message, a user's message of passages and `text`, and what is written already.

    `passages`  texts of which a model may cache the KV data, each on its own
    `begun`     the end of the user's message, if the model is to continue that very message
    `reply`     the beginning of the model's own message, to be continued
    """

    system: str
    text: str = ""
    passages: tuple[str, ...] = ()
    begun: str = ""
    reply: str = ""

    @property
    def user(self) -> str:
        """The whole of the user's message."""
        return "".join(self.passages) + self.text + self.begun


@dataclass(frozen=True)
class Prefilled:
    """What a model shows once it has processed a prompt.

    `log_probabilities`  of each option coming next, among the options only (their exponentials
                         sum to 1); empty if no options were given
    `state`              the last hidden state, or None where it was not asked for or is not given
    """

    log_probabilities: tuple[float, ...] = ()
    state: State | None = None


class CancelledError(Exception):
    """A session was stopped by its `cancel` event; the model is ready for the next one."""


@dataclass
class Usage:
    """Tokens of one session: processed, restored from the KV cache, and written."""

    prompt_read: int = 0
    prompt_reused: int = 0
    written: int = 0


class Session(Protocol):
    """One question's use of a model."""

    usage: Usage

    def prefill(
        self, prompts: Sequence[Prompt], options: Options = (), states: bool = False
    ) -> list[Prefilled]:
        """What the model shows after each of `prompts`, in their order.

        Prompts that continue each other, the longest last, are processed once. `options` has a
        sequence for each prompt, or is empty. Hidden states cost extra and come where `states`.
        """
        ...

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[Sequence[State]]:
        """The hidden states of each group of prompts that continue each other, the longest last;
        nothing if the model does not give them. For many prompts at once, as in learning.
        """
        ...

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        """The continuation of `prompt`, piece by piece, up to one of `stop`.

        It is the likeliest one; with a `seed` it is sampled.
        """
        ...


class StatelessSession(ABC):
    """The part of a session that is the same for all models that give no hidden states."""

    @abstractmethod
    def log_probabilities(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """Of each of `options` coming next, among them only."""

    def prefill(
        self, prompts: Sequence[Prompt], options: Options = (), states: bool = False
    ) -> list[Prefilled]:
        if not options:
            return [Prefilled() for _ in prompts]
        weighed = zip(prompts, options, strict=True)
        return [Prefilled(self.log_probabilities(prompt, each)) for prompt, each in weighed]

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[Sequence[State]]:
        yield from ()


class Model(Protocol):
    """A language model. One session at a time; others wait."""

    def preload(self, prompt: Prompt, cancel: threading.Event | None = None) -> None:
        """Caches the system message and the passages of `prompt` ahead of time.

        A model without a KV cache of ours does nothing. Setting `cancel` ends it with
        CancelledError.
        """
        ...

    def session(self, cancel: threading.Event | None = None) -> AbstractContextManager[Session]:
        """Setting `cancel` ends the session with CancelledError, also during a prefill."""
        ...

    def close(self) -> None:
        """Frees the model's memory; the model is of no use afterwards."""
        ...
