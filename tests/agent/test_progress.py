"""Lines of progress, where there is no terminal."""

import io
import logging

import pytest
from rich.console import Console

from agent import progress
from agent.progress import LINE_EVERY_S, ConsoleProgress


def test_the_time_left_does_not_count_what_was_done_before_the_first_report(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    monkeypatch.setattr("agent.progress.time.monotonic", lambda: now)
    with (
        caplog.at_level(logging.INFO, logger=progress.__name__),
        ConsoleProgress(Console(file=io.StringIO()))("Embedding") as report,
    ):
        now = 2 * LINE_EVERY_S  # of other work
        report(64, 1024)
        now += LINE_EVERY_S / 2
        report(128, 1024)  # too soon for a line
        now += LINE_EVERY_S / 2
        report(544, 1024)  # half of what was left in one interval
        now += LINE_EVERY_S
        report(1024, 1024)
    assert caplog.messages == [
        "Embedding: 64 of 1024",
        f"Embedding: 544 of 1024, {LINE_EVERY_S / 60:.1f} min left",
    ]
