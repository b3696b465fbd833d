"""How far a long step is: a bar on a terminal, a line now and then elsewhere, or nothing.

    with progress("Reading") as report:
        report(3, 31)

What else happens on the way is logged (agent.logs).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Literal, Protocol

from rich import progress as bars
from rich.console import Console

LINE_EVERY_S = 30.0

Report = Callable[[int, int], None]  # how much is done, of how much; 0 if nobody knows
Unit = Literal["", "bytes", "tokens"]

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Shows one step, of which `done` was done before, and gives the function that reports it."""

    def __call__(
        self, description: str, unit: Unit = "", done: int = 0
    ) -> AbstractContextManager[Report]: ...


def no_report(done: int, total: int) -> None:
    """Reports nothing."""


def silent(description: str, unit: Unit = "", done: int = 0) -> AbstractContextManager[Report]:
    """A step that shows nothing."""
    return nullcontext(no_report)


class ConsoleProgress:
    """A bar with the time left on a terminal; elsewhere a line every half minute."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def __call__(self, description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
        if not self._console.is_terminal:
            yield _lines(description, done)
            return
        amount: list[bars.ProgressColumn] = [
            bars.TextColumn("{task.completed}/{task.total}"),
            bars.TextColumn(unit),
        ]
        if unit == "bytes":
            amount = [bars.DownloadColumn(), bars.TransferSpeedColumn()]
        columns = (
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            *amount,
            bars.TimeRemainingColumn(),
        )
        with bars.Progress(*columns, console=self._console, transient=unit != "bytes") as bar:
            task = bar.add_task(description, total=None, completed=done)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)


def seconds_left(started: float, before: int, done: int, total: int) -> float:
    """Of a step that began at `started` (time.monotonic) with `before` done, and has done more."""
    return (time.monotonic() - started) / (done - before) * (total - done)


def _lines(description: str, before: int) -> Report:
    started = told = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= LINE_EVERY_S and before < done < total:
            told = now
            left_s = seconds_left(started, before, done, total)
            log.info("%s: %d of %d, %.1f min left", description, done, total, left_s / 60)

    return report
