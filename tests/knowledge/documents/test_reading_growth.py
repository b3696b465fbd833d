"""Reading takes time in proportion to the document, counted in calls."""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from evals.bench.growth import comparison_of
from knowledge.documents.reader import read_text


def calls(of: Callable[[], Any]) -> int:
    """How many functions `of` calls."""
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        of()
    finally:
        sys.setprofile(None)
    return counted


def test_twice_the_passages_take_twice_the_calls() -> None:
    # every block was looked for in every section: 2,800 passages took over four minutes
    once, twice = (
        calls(partial(read_text, comparison_of(size), "markdown")) for size in (200, 400)
    )
    assert once < twice < 2.2 * once
