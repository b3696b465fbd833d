"""Conversations on a server: each has its turns, and all share one queue to one advisor.

    for turn in conversation.ask(advisor, queue, "Which one suits a small clinic?"):
        show(turn)

Errors end here: each becomes the note of its turn.
"""

import logging
import secrets
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent.answering.types import Answer
from agent.conversations.queue import AnswerQueue
from agent.errors import AdvisorError, ConversationBusyError
from agent.llm.base import CancelledError
from knowledge.comparison import Comparison

STOPPED = "(stopped)"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AdvisorStatus:
    """Whether questions are answered yet; if not, `message` is the progress, or the error if
    loading `failed`.
    """

    ready: bool
    message: str = ""
    failed: bool = False


class AdvisorLike(Protocol):
    """What a conversation needs of an advisor; agent.advisor.Advisor is one."""

    @property
    def comparison(self) -> Comparison: ...

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]: ...

    def expect(self, history: Sequence[Answer], cancel: threading.Event) -> None: ...

    def wait_until_ready(self, cancel: threading.Event) -> Iterator[str]:
        """Progress messages until questions are answered. Raises CancelledError."""
        ...

    def status(self) -> AdvisorStatus: ...


@dataclass(frozen=True)
class Turn:
    """A question and its answer so far.

    `note` is a line about the turn itself: what it waits for, that it was stopped, what failed.
    `rated` is whether the person found the answer helpful. `earlier` is the SHA-256 of the edition
    of the comparison that the answer was given under, if not the present one.
    """

    question: str
    answer: Answer | None = None
    note: str = ""
    running: bool = True
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    rated: bool | None = None
    earlier: str = ""

    @property
    def finished(self) -> bool:
        """Whether the answer is complete; one that was stopped or failed never is."""
        return self.answer is not None and not self.running and not self.note

    @property
    def heard(self) -> Answer | None:
        """The answer as history for the next question; of one under an earlier edition only what
        the person said.
        """
        if self.answer is None or not self.finished:
            return None
        return self.answer.without_evidence if self.earlier else self.answer

    @property
    def refused(self) -> bool:
        """Whether the question got no answer for another reason than Stop."""
        return self.answer is None and not self.running and self.note != STOPPED


@dataclass(eq=False)
class Conversation:
    """Turns, one after another. `cancel` is set while a question is open. The title is empty until
    the conversation is stored.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    title: str = ""
    turns: list[Turn] = field(default_factory=list)
    cancel: threading.Event | None = None
    _queue: AnswerQueue | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def questions(self) -> frozenset[str]:
        return frozenset(turn.question for turn in self.turns)

    def index_of(self, turn_id: str) -> int | None:
        return next((at for at, turn in enumerate(self.turns) if turn.id == turn_id), None)

    def stop(self) -> None:
        """End the open question, whether it is being answered or still waits."""
        if (cancel := self.cancel) and self._queue:
            self._queue.cancel(cancel)

    def undo(self, turn_id: str) -> Turn | None:
        """Removes and returns the last turn, if it has that id and no question is open."""
        with self._lock:
            if self.cancel or not self.turns or self.turns[-1].id != turn_id:
                return None
            return self.turns.pop()

    def strike(self, place: int) -> bool:
        """Strikes a statement out of the person's case, by its place in Case.in_force; whether it
        was there and no question is open.
        """
        with self._lock:
            last = self.turns[-1] if self.turns else None
            if self.cancel or last is None or last.answer is None:
                return False
            case = last.answer.case
            if place >= len(case.in_force):
                return False
            answer = replace(last.answer, case=case.without(case.in_force[place]))
            self.turns[-1] = replace(last, answer=answer)
            return True

    def rate(self, turn_id: str, good: bool) -> None:
        """Notes whether the person found an answer helpful."""
        index = self.index_of(turn_id)
        if index is not None:
            self.turns[index] = replace(self.turns[index], rated=good)

    def ask(
        self,
        advisor: AdvisorLike,
        queue: AnswerQueue,
        question: str,
        replaces: str = "",
        cancel: threading.Event | None = None,
    ) -> Generator[Turn, None, None]:
        """The turn that answers `question`, again at each change, until it runs no more.

        It is the last of `turns` throughout, also when the caller closes this half-way;
        `queue.cancel` with `cancel` ends it as `stop` does. With `replaces`, the id of a turn, it
        replaces that and all after it, which come back if it gets no answer. Raises
        ConversationBusyError while another question is open.
        """
        with self._lock:
            if self.cancel:
                raise ConversationBusyError(
                    "Another question of this conversation is open. Wait for its answer."
                )
            cancel = self.cancel = cancel or threading.Event()
            self._queue = queue
        index = self.index_of(replaces) if replaces else None
        replaced = [] if index is None else self.turns[index:]
        del self.turns[len(self.turns) - len(replaced) :]
        history = [heard for turn in self.turns if (heard := turn.heard)]
        turn = Turn(question)
        self.turns.append(turn)
        note, ticket = STOPPED, object()
        try:
            yield turn
            # ahead of the queue: others may ask about a comparison that is loaded already
            for progress in advisor.wait_until_ready(cancel):
                turn = self._update(replace(turn, note=progress))
                yield turn
            for ahead in queue.wait(ticket, cancel):
                turn = self._update(replace(turn, note=_waiting(ahead, queue.expected_s(ahead))))
                yield turn
            if turn.note:
                turn = self._update(replace(turn, note=""))
                yield turn  # a caller that left meanwhile closes this before anything is read
            started = time.monotonic()
            for answer in advisor.stream(question, history, cancel):
                turn = self._update(replace(turn, answer=answer))
                yield turn
                if cancel.is_set():
                    raise CancelledError
            queue.record_duration(time.monotonic() - started)
            note = ""
        except CancelledError:
            pass
        except AdvisorError as error:
            note = str(error)
        except Exception:  # llama.cpp, Chroma or a server's client: the person still gets a line
            log.exception("A question could not be answered.")
            note = "Something went wrong. The log has the details."
        finally:
            queue.leave(ticket)
            turn = self._update(replace(turn, note=note, running=False))
            if turn.answer is None:
                self.turns[-1:] = [*replaced, turn]
            self.cancel = None
        if turn.answer and turn.finished:
            answers = [*history, turn.answer]
            queue.run_when_idle(lambda cancel: advisor.expect(answers, cancel))
        yield turn

    def _update(self, turn: Turn) -> Turn:
        self.turns[-1] = turn
        return turn


def _waiting(ahead: int, expected_s: float | None) -> str:
    if expected_s is None:
        return f"Waiting: {ahead} ahead of you"
    return f"Waiting: {ahead} ahead of you, about {max(1, round(expected_s))} s"
