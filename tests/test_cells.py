"""Kept cells: the budget, and what becomes of them on disk. The cells here are made up."""

import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from agent.cells import Cells, KeptCells, Key

BASE = (1, 2, 3)


def made(count: int, size: int = 40) -> dict[Key, Cells]:
    """Cells of a base and of passages after it."""
    keys: list[Key] = [(BASE, ()), *((BASE, (number,)) for number in range(10, 9 + count))]
    return {key: np.full(size, place, np.uint8) for place, key in enumerate(keys)}


def contents(kept: KeptCells) -> dict[Key, bytes]:
    return {key: cells.tobytes() for key, cells in kept.all.items()}


def test_beyond_the_budget_the_least_recently_used_are_dropped() -> None:
    kept = KeptCells(200)
    base, first, second, third, fourth, fifth = made(6).items()
    kept.use(dict([base, first, second, third, fourth]))
    kept.use(dict([base, first]))  # now they were used last
    kept.use(dict([fifth]))
    assert list(kept.all) == [third[0], fourth[0], base[0], first[0], fifth[0]]
    assert second[0] not in kept and kept.get(second[0]) is None
    assert kept.get(first[0]) is first[1]
    kept.use({(BASE, (99,)): np.zeros(201, np.uint8)})
    assert (list(kept.all), kept.size_bytes) == ([], 0)


def test_room_is_measured_by_what_is_kept() -> None:
    kept = KeptCells(100)
    assert kept.has_room_for(10, 10) and not kept.has_room_for(11, 10)
    kept.use({(BASE, ()): np.zeros(60, np.uint8)})  # 20 bytes a token
    assert kept.has_room_for(2, 1) and not kept.has_room_for(3, 1)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    kept, path = KeptCells(1000), tmp_path / "folder" / "cells.npz"
    kept.use(made(3))
    kept.save(path, "fits")
    return path


def test_what_was_saved_is_loaded_as_it_was(saved: Path) -> None:
    kept = KeptCells(1000)
    assert kept.load(saved, "fits")
    assert contents(kept) == {key: cells.tobytes() for key, cells in made(3).items()}
    few = KeptCells(100)
    assert few.load(saved, "fits")
    assert few.size_bytes == 80


def test_what_fits_something_else_or_is_torn_is_never_used(saved: Path) -> None:
    kept, whole = KeptCells(1000), saved.read_bytes()
    kept.use(made(2))
    before = contents(kept)
    assert not kept.load(saved, "something else")
    assert not kept.load(saved.with_name("none.npz"), "fits")
    for torn in (b"", whole[:20], whole[:-1], whole + b"more"):
        saved.write_bytes(torn)
        assert not kept.load(saved, "fits")
    assert contents(kept) == before


def test_not_one_bit_may_change_on_disk(saved: Path) -> None:
    kept, whole = KeptCells(1000), saved.read_bytes()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        saved.write_bytes(data)
        assert not kept.load(saved, "fits"), place
    assert contents(kept) == {}


def test_a_disk_that_is_full_loses_nothing(saved: Path) -> None:
    kept, whole = KeptCells(100_000), saved.read_bytes()
    kept.use(made(20, 4000))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError):
            kept.save(saved, "newer")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]
    assert saved.read_bytes() == whole
    assert kept.load(saved, "fits")
