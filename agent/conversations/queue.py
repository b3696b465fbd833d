"""The queue of questions for one advisor: first come, first served.

for ahead in queue.wait(ticket, cancel): ...     until nobody is ahead
queue.leave(ticket)                              in any case
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from statistics import median

from agent.errors import AdvisorError
from agent.llm.base import CancelledError

DURATIONS = 20  # of the last answers, from which waiting times are estimated


class AnswerQueue:
    """Tickets in the order of their arrival; the first one is being answered."""

    def __init__(self) -> None:
        self._tickets: list[object] = []
        self._moved = threading.Condition()
        self._cancel_idle = threading.Event()
        self._durations_s: deque[float] = deque(maxlen=DURATIONS)

    def wait(self, ticket: object, cancel: threading.Event) -> Iterator[int]:
        """How many are ahead of `ticket`, at each change, until nobody is.

        Raises CancelledError once `self.cancel` is called with `cancel`.
        """
        with self._moved:
            self._tickets.append(ticket)
        self._cancel_idle.set()
        last = None
        while ahead := self._ahead(ticket, last, cancel):
            yield ahead
            last = ahead

    def _ahead(self, ticket: object, last: int | None, cancel: threading.Event) -> int:
        """Blocks until the number differs from `last`."""
        with self._moved:
            self._moved.wait_for(lambda: cancel.is_set() or self._tickets.index(ticket) != last)
            ahead = self._tickets.index(ticket)
        if cancel.is_set():
            raise CancelledError
        return ahead

    def cancel(self, cancel: threading.Event) -> None:
        """Sets `cancel`, and wakes the ticket that waits with it."""
        with self._moved:
            cancel.set()
            self._moved.notify_all()

    def leave(self, ticket: object) -> None:
        """Makes room; a ticket that never waited may leave too."""
        with self._moved:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
            self._moved.notify_all()

    def record_duration(self, seconds: float) -> None:
        """Notes how long an answer took."""
        self._durations_s.append(seconds)

    def expected_s(self, ahead: int) -> float | None:
        """The seconds that `ahead` answers take, by the median; None before the first answer."""
        return ahead * median(self._durations_s) if self._durations_s else None

    def run_when_idle(self, work: Callable[[threading.Event], None]) -> None:
        """Runs `work` in a thread of its own if the queue is empty; sets its event as soon as
        somebody arrives.
        """
        self._cancel_idle.set()  # what was begun before
        self._cancel_idle = cancel = threading.Event()
        if not self._tickets:  # checked after that line: an arrival in between sets the event
            threading.Thread(target=_quietly, args=(work, cancel), daemon=True).start()


def _quietly(work: Callable[[threading.Event], None], cancel: threading.Event) -> None:
    with suppress(CancelledError, AdvisorError):  # nobody waits for it, and it can be done later
        work(cancel)
