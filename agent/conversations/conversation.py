"""Conversations on a server: each keeps its turns, and all share one line to one advisor.

    for turn in conversation.ask(advisor, line, "Which one suits a small clinic?"):
        show(turn)

Here errors end: what goes wrong becomes the turn's note.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Protocol

from agent.answering.types import Answer, Exchange
from agent.errors import AdvisorError, ConversationBusyError
from agent.llm.base import CancelledError
from knowledge.comparison import Comparison

STOPPED = "(stopped)"
REMEMBERED = 20  # answers from whose length the next ones' is expected

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """Whether questions are answered yet, and if not, a line that says how far it is; `failed` if
    they never will be.
    """

    ready: bool
    said: str = ""
    failed: bool = False


class AdvisorLike(Protocol):
    """What a conversation needs of an advisor; agent.advisor.Advisor is one."""

    @property
    def comparison(self) -> Comparison: ...

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]: ...

    def expect(self, history: Sequence[Exchange], cancel: threading.Event) -> None: ...

    def getting_ready(self, cancel: threading.Event) -> Iterator[str]:
        """What is said to those who ask, until questions are answered; raises Cancelled."""
        ...

    def status(self) -> Status: ...


@dataclass(frozen=True)
class Turn:
    """A question and its answer, as far as it has come.

    `note` is a line about the turn itself: what it waits for, that it was stopped, what failed;
    `rated` whether the person found the answer helpful; `earlier` the edition of the comparison
    (its SHA-256) that the answer was given under, if that is not the present one.
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
    def refused(self) -> bool:
        """Whether nothing came of the question, and that was not the person's wish."""
        return self.answer is None and not self.running and self.note != STOPPED


class AnswerQueue:
    """Who is answered next: first come, first served."""

    def __init__(self) -> None:
        self._tickets: list[object] = []
        self._moved = threading.Condition()
        self._aside = threading.Event()  # ends what is done meanwhile
        self._took_s: deque[float] = deque(maxlen=REMEMBERED)

    def wait(self, ticket: object, cancel: threading.Event) -> Iterator[int]:
        """How many are ahead of `ticket`, each time that changes, until none is.

        Raises Cancelled once `give_up` is called with `cancel`.
        """
        with self._moved:
            self._tickets.append(ticket)
        self._aside.set()
        told = None
        while ahead := self._ahead(ticket, told, cancel):
            yield ahead
            told = ahead

    def _ahead(self, ticket: object, told: int | None, cancel: threading.Event) -> int:
        """How many are ahead, as soon as they are not as many as `told`. Raises Cancelled."""
        with self._moved:
            self._moved.wait_for(lambda: cancel.is_set() or self._tickets.index(ticket) != told)
            ahead = self._tickets.index(ticket)
        if cancel.is_set():
            raise CancelledError
        return ahead

    def give_up(self, cancel: threading.Event) -> None:
        """Sets `cancel`, and wakes who waits with it."""
        with self._moved:
            cancel.set()
            self._moved.notify_all()

    def took(self, seconds: float) -> None:
        """An answer took so long."""
        self._took_s.append(seconds)

    def expected_s(self, ahead: int) -> float | None:
        """How long it takes to answer so many, by the median of the last; None before the first."""
        return ahead * median(self._took_s) if self._took_s else None

    def meanwhile(self, work: Callable[[threading.Event], None]) -> None:
        """Does `work` in a thread of its own until somebody comes; nothing if somebody is there.

        Its event is set when it is to end.
        """
        self._aside = cancel = threading.Event()
        if not self._tickets:  # looked at after that: who comes between the two sets the event
            threading.Thread(target=_quietly, args=(work, cancel)).start()

    def leave(self, ticket: object) -> None:
        """Make room; nothing happens to a ticket that never waited."""
        with self._moved:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
            self._moved.notify_all()


def _quietly(work: Callable[[threading.Event], None], cancel: threading.Event) -> None:
    with suppress(CancelledError, AdvisorError):  # nobody waits for it, and it is made up for later
        work(cancel)


@dataclass(eq=False)
class Conversation:
    """What was asked and answered, one after another. `cancel` is there while a question is open.
    The title is empty until it is kept.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    title: str = ""
    turns: list[Turn] = field(default_factory=list)
    cancel: threading.Event | None = None
    _queue: AnswerQueue | None = None
    _claiming: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> frozenset[str]:
        """Every question so far."""
        return frozenset(turn.question for turn in self.turns)

    def place(self, turn_id: str) -> int | None:
        """Where the turn of that id stands; None if it is not there."""
        places = (place for place, turn in enumerate(self.turns) if turn.id == turn_id)
        return next(places, None)

    def stop(self) -> None:
        """End the open question, whether it is being answered or still waits."""
        if (cancel := self.cancel) and self._queue:
            self._queue.give_up(cancel)

    def undo(self, turn_id: str) -> Turn | None:
        """Takes back the last turn, if it has that id and no question is open."""
        with self._claiming:
            if self.cancel or not self.turns or self.turns[-1].id != turn_id:
                return None
            return self.turns.pop()

    def rate(self, turn_id: str, good: bool) -> None:
        """Notes what the person thinks of an answer."""
        place = self.place(turn_id)
        if place is not None:
            self.turns[place] = replace(self.turns[place], rated=good)

    def ask(
        self,
        advisor: AdvisorLike,
        line: AnswerQueue,
        question: str,
        instead_of: str = "",
        cancel: threading.Event | None = None,
    ) -> Generator[Turn, None, None]:
        """The growing turn that answers `question`; the last one runs no more.

        It is the last of `turns` throughout, also when the caller gives up half-way; `line.give_up`
        with `cancel` ends it as `stop` does. With `instead_of`, the id of a turn, it takes the
        place of that and of all after it, which come back if it gets no answer. Raises
        ConversationBusyError while another question is open.
        """
        with self._claiming:
            if self.cancel:
                raise ConversationBusyError(
                    "Another question of this conversation is open. Wait for its answer."
                )
            cancel = self.cancel = cancel or threading.Event()
            self._queue = line
        place = self.place(instead_of) if instead_of else None
        replaced = [] if place is None else self.turns[place:]
        del self.turns[len(self.turns) - len(replaced) :]
        history = [turn.answer.exchange for turn in self.turns if turn.answer and turn.finished]
        turn = Turn(question)
        self.turns.append(turn)
        note, ticket = STOPPED, object()
        try:
            yield turn
            for ahead in line.wait(ticket, cancel):
                turn = self._now(replace(turn, note=_waiting(ahead, line.expected_s(ahead))))
                yield turn
            for how_far in advisor.getting_ready(cancel):
                turn = self._now(replace(turn, note=how_far))
                yield turn
            if turn.note:
                turn = self._now(replace(turn, note=""))
                yield turn  # who left meanwhile is gone before anything is read
            started = time.monotonic()
            for answer in advisor.stream(question, history, cancel):
                turn = self._now(replace(turn, answer=answer))
                yield turn
                if cancel.is_set():
                    raise CancelledError
            line.took(time.monotonic() - started)
            note = ""
        except CancelledError:
            pass
        except AdvisorError as error:
            note = str(error)
        except Exception:  # of any foreign library: uncaught, the page would wait for ever
            log.exception("A question could not be answered.")
            note = "Something went wrong; the log says what."
        finally:
            line.leave(ticket)
            turn = self._now(replace(turn, note=note, running=False))
            if turn.answer is None:
                self.turns[-1:] = [*replaced, turn]
            self.cancel = None
        if turn.answer and turn.finished:
            said = [*history, turn.answer.exchange]
            line.meanwhile(lambda cancel: advisor.expect(said, cancel))
        yield turn

    def _now(self, turn: Turn) -> Turn:
        self.turns[-1] = turn
        return turn


def _waiting(ahead: int, expected_s: float | None) -> str:
    """What is said to those who wait."""
    if expected_s is None:
        return f"Waiting: {ahead} ahead of you"
    return f"Waiting: {ahead} ahead of you, about {max(1, round(expected_s))} s"
