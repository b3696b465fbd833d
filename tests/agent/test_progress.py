"""Lines of progress, where there is no terminal."""

import io
import logging

import pytest
from rich.console import Console

from agent import progress
from agent.progress import LINE_EVERY_S, ConsoleProgress


@pytest.mark.parametrize("before", [0, 512])
def test_the_time_left_goes_by_what_the_step_itself_has_done(
    before: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, total = 0.0, before + 1024
    monkeypatch.setattr("agent.progress.time.monotonic", lambda: now)
    with (
        caplog.at_level(logging.INFO, logger=progress.__name__),
        ConsoleProgress(Console(file=io.StringIO()))("Model", "bytes", before) as report,
    ):
        now = LINE_EVERY_S / 2
        report(before + 128, total)  # too soon for a line
        now = LINE_EVERY_S
        report(before, total)  # as it stood
        report(before + 512, total)
        now = 2 * LINE_EVERY_S
        report(total, total)
    minutes = LINE_EVERY_S / 60
    assert caplog.messages == [f"Model: {before + 512} of {total}, {minutes:.1f} min left"]
