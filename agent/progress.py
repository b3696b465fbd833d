"""How far something is: a pull, on a terminal (`RichProgress`) or nowhere (`SILENT`), and any long
step, as whoever starts it wants to hear (`Say`, `Bar`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from rich import progress as rich_progress
from rich.console import Console

Say = Callable[[str], None]
Report = Callable[[int, int], None]  # done, of how many
Bar = Callable[[str], AbstractContextManager[Report]]  # of a long step: how far it is


def unsaid(line: str) -> None:
    """Says nothing."""


def no_report(done: int, total: int) -> None:
    """Reports nothing."""


def silent(description: str) -> AbstractContextManager[Report]:
    """A bar that shows nothing."""
    return nullcontext(no_report)


class Step(Protocol):
    """One running bar."""

    def advance(self, size_bytes: int) -> None: ...
    def describe(self, description: str) -> None: ...


class Progress(Protocol):
    """Where `pull` tells how far it is. `total_bytes` is 0 where nobody knows it."""

    def step(
        self, description: str, total_bytes: int, done_bytes: int = 0
    ) -> AbstractContextManager[Step]: ...
    def notice(self, line: str) -> None: ...


class Silent:
    """Progress, and its steps, that nobody sees."""

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        yield self

    def advance(self, size_bytes: int) -> None: ...
    def describe(self, description: str) -> None: ...
    def notice(self, line: str) -> None: ...


SILENT = Silent()


class RichProgress:
    """Progress as a bar with size, speed and time left; on standard error unless told otherwise."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        with rich_progress.Progress(
            rich_progress.TextColumn("{task.description}", markup=False),
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
            console=self.console,
        ) as bar:
            task = bar.add_task(description, total=total_bytes or None, completed=done_bytes)
            yield _RichStep(bar, task)

    def notice(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class _RichStep:
    bar: rich_progress.Progress
    task: rich_progress.TaskID

    def advance(self, size_bytes: int) -> None:
        self.bar.advance(self.task, size_bytes)

    def describe(self, description: str) -> None:
        self.bar.update(self.task, description=description)
