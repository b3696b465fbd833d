"""Conversations on a server: each keeps its turns, and all share one line to one advisor.

    for turn in conversation.ask(advisor, line, "Which one suits a small clinic?"):
        show(turn)

Here errors end: what goes wrong becomes the turn's note.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent.answer import Answer, Exchange
from agent.errors import AdvisorError
from agent.model import Cancelled
from knowledge.comparison import Comparison

STOPPED = "(stopped)"

log = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class Turn:
    """A question and its answer, as far as it has come.

    `note` is a line about the turn itself: what it waits for, that it was stopped, what failed.
    """

    question: str
    answer: Answer | None = None
    note: str = ""
    running: bool = True

    @property
    def finished(self) -> bool:
        """Whether the answer is complete; one that was stopped or failed never is."""
        return self.answer is not None and not self.running and not self.note

    @property
    def refused(self) -> bool:
        """Whether nothing came of the question, and that was not the person's wish."""
        return self.answer is None and not self.running and self.note != STOPPED


class Line:
    """Who is answered next: first come, first served."""

    def __init__(self) -> None:
        self._tickets: list[object] = []
        self._aside = threading.Event()  # ends what is done meanwhile

    def wait(self, ticket: object, cancel: threading.Event) -> Iterator[int]:
        """How many are ahead of `ticket`, now and then, until none is. Raises Cancelled."""
        self._tickets.append(ticket)
        self._aside.set()
        while ahead := self._tickets.index(ticket):
            yield ahead
            if cancel.wait(0.1):
                raise Cancelled

    def meanwhile(self, work: Callable[[threading.Event], None]) -> None:
        """Does `work` in a thread of its own until somebody comes; nothing if somebody is there.

        Its event is set when it is to end.
        """
        self._aside = cancel = threading.Event()
        if not self._tickets:  # looked at after that: who comes between the two sets the event
            threading.Thread(target=_quietly, args=(work, cancel)).start()

    def leave(self, ticket: object) -> None:
        """Make room; nothing happens to a ticket that never waited."""
        if ticket in self._tickets:
            self._tickets.remove(ticket)


def _quietly(work: Callable[[threading.Event], None], cancel: threading.Event) -> None:
    with suppress(Cancelled, AdvisorError):  # nobody waits for it, and it is made up for later
        work(cancel)


@dataclass
class Conversation:
    """The turns of one tab or client. `cancel` is there while a question is open."""

    turns: list[Turn] = field(default_factory=list)
    cancel: threading.Event | None = None

    def stop(self) -> None:
        """End the open question, whether it is being answered or still waits."""
        if self.cancel:
            self.cancel.set()

    def ask(self, advisor: AdvisorLike, line: Line, question: str) -> Iterator[Turn]:
        """The growing turn that answers `question`; the last one runs no more.

        It is the last of `turns` throughout, also when the caller gives up half-way.
        """
        history = [turn.answer.exchange for turn in self.turns if turn.answer and turn.finished]
        cancel = self.cancel = threading.Event()
        turn = Turn(question)
        self.turns.append(turn)
        note, ticket = STOPPED, object()
        try:
            yield turn
            for ahead in line.wait(ticket, cancel):
                turn = self._now(replace(turn, note=f"Waiting: {ahead} ahead of you"))
                yield turn
            for answer in advisor.stream(question, history, cancel):
                turn = self._now(Turn(question, answer))
                yield turn
                if cancel.is_set():
                    raise Cancelled
            note = ""
        except Cancelled:
            pass
        except AdvisorError as error:
            note = str(error)
        except Exception:  # whatever a foreign library raises would end the queue of all who wait
            log.exception("A question could not be answered.")
            note = "Something went wrong; the log says what."
        finally:
            line.leave(ticket)
            turn = self._now(replace(turn, note=note, running=False))
            self.cancel = None
        if turn.answer and turn.finished:
            said = [*history, turn.answer.exchange]
            line.meanwhile(lambda cancel: advisor.expect(said, cancel))
        yield turn

    def _now(self, turn: Turn) -> Turn:
        self.turns[-1] = turn
        return turn
