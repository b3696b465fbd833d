"""What the advisor asks of a language model, whichever it is, and how one is opened.

A model gives out turns: `with model.turn() as turn` is one question's use of it, in which
prompts that continue each other are read once. A last AIMessage is text already written, to be
continued; so is a last text block whose `extras` say `open`, and there the message has not ended
yet. A text block whose `extras` name a `passage` may be read once and kept; whoever cannot do
that ignores the extras.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from langchain_core.messages import BaseMessage
from numpy.typing import NDArray

Messages = Sequence[BaseMessage]
State = NDArray[np.float32]  # as many numbers as the model is wide


class Cancelled(Exception):
    """A turn was stopped by its `cancel` event; the model is ready for the next one."""


@dataclass
class Usage:
    """Tokens of one turn: read anew, reused from kept cells, and written."""

    prompt_read: int = 0
    prompt_reused: int = 0
    written: int = 0


class Turn(Protocol):
    """One question's use of a model."""

    usage: Usage

    def look(self, *prompts: Messages) -> None:
        """Reads messages that continue each other, the longest last; their likelihoods and states
        will be asked for.
        """
        ...

    def likelihoods(self, messages: Messages, options: Sequence[str]) -> list[float]:
        """The log-probability of each of `options` coming next, among them only."""
        ...

    def state(self, messages: Messages) -> State | None:
        """The hidden state from which `messages` are continued; None if the model keeps it."""
        ...

    def states(self, groups: Sequence[Sequence[Messages]]) -> Iterator[Sequence[State]]:
        """The states of each group of messages that continue each other, the longest last; none
        if the model keeps them. For many at once, as when it learns.
        """
        ...

    def stream(
        self,
        messages: Messages,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        """The continuation of `messages`, piece by piece, up to one of `stop`.

        It is the likeliest one; with a `seed` it is drawn.
        """
        ...


class Model(Protocol):
    """A language model. One turn at a time; others wait."""

    def keep(self, messages: Messages, cancel: threading.Event | None = None) -> None:
        """Reads the system message and the passages of `messages` ahead of time, nothing else.

        Nothing happens if the model keeps nothing. Setting `cancel` ends it with Cancelled.
        """
        ...

    def turn(self, cancel: threading.Event | None = None) -> AbstractContextManager[Turn]:
        """Setting `cancel` ends the turn with Cancelled, also while a prompt is read."""
        ...

    def close(self) -> None:
        """Frees what it takes in memory; it is of no use afterwards."""
        ...


def open_text(message: BaseMessage) -> str | None:
    """The last text of `message`, if it is to be continued as it stands."""
    block = message.content[-1] if isinstance(message.content, list) and message.content else ""
    if isinstance(block, dict) and (block.get("extras") or {}).get("open"):
        return str(block["text"])
    return None
