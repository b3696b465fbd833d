"""What the tests of the index share."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.comparison import Comparison


@pytest.fixture
def small(second: Comparison) -> Comparison:
    """Few passages, as each takes its time."""
    return replace(second, passages=second.passages[:3])


@pytest.fixture
def copied(indexes: Path, second: Comparison, tmp_path: Path) -> Path:
    """A copy of the shared indexes, to be damaged."""
    shutil.copytree(indexes / second.slug, tmp_path / "copied" / second.slug)
    return tmp_path / "copied"
