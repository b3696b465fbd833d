"""Progress of downloads (`RichProgress` on a terminal, `SILENT` without output) and of other long
steps (`Say` for lines, `Bar` for steps with a known number of parts).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from rich import progress as rich_progress
from rich.console import Console

Say = Callable[[str], None]
Report = Callable[[int, int], None]  # done, of how many
Bar = Callable[[str], AbstractContextManager[Report]]  # description of a step -> its report


def unsaid(line: str) -> None:
    """Discards a line."""


def no_report(done: int, total: int) -> None:
    """Discards a report."""


def silent(description: str) -> AbstractContextManager[Report]:
    """A bar without output."""
    return nullcontext(no_report)


class Step(Protocol):
    """One running bar."""

    def advance(self, size_bytes: int) -> None: ...
    def describe(self, description: str) -> None: ...


class Progress(Protocol):
    """Where `pull` reports its progress. `total_bytes` is 0 if the size is unknown."""

    def step(
        self, description: str, total_bytes: int, done_bytes: int = 0
    ) -> AbstractContextManager[Step]: ...
    def notice(self, line: str) -> None: ...


class Silent:
    """Progress, and its steps, without output."""

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        yield self

    def advance(self, size_bytes: int) -> None: ...
    def describe(self, description: str) -> None: ...
    def notice(self, line: str) -> None: ...


SILENT = Silent()


class RichProgress:
    """Progress as a bar with size, speed and time left, by default on standard error."""

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
