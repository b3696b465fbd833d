"""An advisor that is served while it loads.

    advisor = LoadingAdvisor(comparison, prepare)   a thread of its own calls `prepare`
    advisor.status()            AdvisorStatus(False, "Reading: 12 of 31, about 20 s left")
    advisor.stream(question)    waits until it is loaded

Not covered: what loading is (agent.factory).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.advisor import Advisor
from agent.answering.types import Answer
from agent.conversations.conversation import AdvisorStatus
from agent.errors import AdvisorError, ModelUnavailableError
from agent.llm.base import CancelledError
from agent.progress import Progress, Report, Unit, seconds_left
from knowledge.comparison import Comparison

POLL_S = 0.1
MIN_STEPS = 3  # before the time left is estimated

log = logging.getLogger(__name__)


class LoadingAdvisor:
    """An AdvisorLike (agent.conversations.conversation) from the first second on.

    `prepare` returns the advisor, and shows its steps by the progress that it is given; `then` is
    called with the advisor once it answers questions, `before` ahead of each question, and `idle`
    with an event that ends it while nobody asks.
    """

    def __init__(
        self,
        comparison: Comparison,
        prepare: Callable[[Progress], Advisor],
        then: Callable[[Advisor], None] = lambda advisor: None,
        before: Callable[[], None] = lambda: None,
        idle: Callable[[threading.Event], None] = lambda cancel: None,
    ) -> None:
        self.comparison = comparison
        self._prepare, self._then, self._before, self._idle = prepare, then, before, idle
        self._advisor: Advisor | None = None
        self._failure: AdvisorError | None = None
        self._progress = "Getting ready"
        self._done = threading.Event()
        threading.Thread(target=self._run, name="loading", daemon=True).start()

    def status(self) -> AdvisorStatus:
        if self._failure:
            return AdvisorStatus(False, str(self._failure), failed=True)
        return AdvisorStatus(True) if self._done.is_set() else AdvisorStatus(False, self._progress)

    def wait_until_ready(self, cancel: threading.Event) -> Iterator[str]:
        """Progress messages until it is loaded. Raises CancelledError, and AdvisorError if loading
        fails.
        """
        last = ""
        while not self._done.wait(POLL_S):
            if cancel.is_set():
                raise CancelledError
            if last != self._progress:
                last = self._progress
                yield last
        if self._failure:
            raise self._failure

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """As Advisor.stream, once it is loaded."""
        advisor = self._loaded()
        self._before()
        return advisor.stream(question, history, cancel)

    def expect(self, history: Sequence[Answer], cancel: threading.Event) -> None:
        """As Advisor.expect, once it is loaded; then what else can be done while nobody asks."""
        self._loaded().expect(history, cancel)
        self._idle(cancel)

    def _loaded(self) -> Advisor:
        self._done.wait()
        if self._advisor is None:
            raise self._failure or ModelUnavailableError("The advisor is not ready.")
        return self._advisor

    def _run(self) -> None:
        try:
            advisor = self._advisor = self._prepare(self._show)
        except AdvisorError as error:
            self._failure = error
        except Exception:  # of llama.cpp or Chroma: whoever waits for _done would wait for ever
            log.exception("The advisor could not be made ready.")
            self._failure = ModelUnavailableError(
                "The advisor could not be made ready; the log says why. Start it again."
            )
        self._done.set()
        if self._failure:
            log.error("%s", self._failure)
        else:
            self._then(advisor)

    @contextmanager
    def _show(self, description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
        started, before = time.monotonic(), done

        def report(done: int, total: int) -> None:
            self._progress = f"{description}: {done:,} of {total:,} {unit}".rstrip()
            if before + MIN_STEPS <= done < total:
                left_s = seconds_left(started, before, done, total)
                self._progress += f", about {_roughly(left_s)} left"

        self._progress = description
        yield report


def _roughly(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
