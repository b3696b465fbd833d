"""An advisor that is served while its model still reads the comparison.

    opening = Opening(comparison, prepare)        a thread of its own begins to prepare it
    opening.status()                              Status("Reading: 12 of 31, about 20 s left", …)
    opening.stream(question)                      once it is ready; getting_ready() waits for that

Not covered: what the preparation is (agent.factory).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.advisor import Advisor
from agent.answering.types import Answer, Exchange
from agent.conversations.conversation import Status
from agent.errors import AdvisorError, ModelUnavailableError
from agent.llm.base import CancelledError
from agent.progress import Progress, Report, Unit
from knowledge.comparison import Comparison

EVERY_S = 0.1  # how often it is looked at, for those who wait
LEAST_DONE = 3  # steps from whose time that of the others is told

log = logging.getLogger(__name__)


class Startup:
    """What a page needs of an advisor (agent.conversations.conversation.AdvisorLike), from the
    first second on.

    `prepare` makes the advisor, and reports how far it is to the bars that it is given; `then` is
    done with it once questions are answered.
    """

    def __init__(
        self,
        comparison: Comparison,
        prepare: Callable[[Progress], Advisor],
        then: Callable[[Advisor], None] = lambda advisor: None,
    ) -> None:
        self.comparison = comparison
        self._prepare, self._then = prepare, then
        self._advisor: Advisor | None = None
        self._failure: AdvisorError | None = None
        self._said = "Getting ready"
        self._over = threading.Event()
        threading.Thread(target=self._run, name="opening", daemon=True).start()

    def status(self) -> Status:
        """How far it is."""
        if self._failure:
            return Status(False, str(self._failure), failed=True)
        return Status(True) if self._over.is_set() else Status(False, self._said)

    def getting_ready(self, cancel: threading.Event) -> Iterator[str]:
        """How far it is, now and then, until questions are answered.

        Raises Cancelled, and AdvisorError if they never will be.
        """
        told = ""
        while not self._over.wait(EVERY_S):
            if cancel.is_set():
                raise CancelledError
            if told != self._said:
                told = self._said
                yield told
        if self._failure:
            raise self._failure

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """As Advisor.stream, after waiting for it."""
        return self._ready().stream(question, history, cancel)

    def expect(self, history: Sequence[Exchange], cancel: threading.Event) -> None:
        """As Advisor.expect, after waiting for it."""
        self._ready().expect(history, cancel)

    def _ready(self) -> Advisor:
        self._over.wait()
        if self._advisor is None:
            raise self._failure or ModelUnavailableError("The advisor is not ready.")
        return self._advisor

    def _run(self) -> None:
        try:
            advisor = self._advisor = self._prepare(self._progress)
        except AdvisorError as error:
            self._failure = error
        except Exception:  # of any foreign library: uncaught, the page would wait for ever
            log.exception("The advisor could not be made ready.")
            self._failure = ModelUnavailableError(
                "The advisor could not be made ready; the log says why. Start it again."
            )
        self._over.set()
        if self._failure:
            log.error("%s", self._failure)
        else:
            self._then(advisor)

    @contextmanager
    def _progress(self, description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
        started = time.monotonic()

        def report(done: int, total: int) -> None:
            self._said = f"{description}: {done} of {total}"
            if LEAST_DONE <= done < total:
                left_s = (time.monotonic() - started) / done * (total - done)
                self._said += f", about {_roughly(left_s)} left"

        self._said = description
        yield report


def _roughly(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
