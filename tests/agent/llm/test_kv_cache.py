"""Kept cells: the budget, and how they are written. The cells here are made up."""

from io import BytesIO

import numpy as np

from agent.llm.kv_cache import Cells, KeptCells, Key

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


def test_what_was_written_is_read_as_it_was() -> None:
    kept, file = KeptCells(1000), BytesIO()
    kept.use(made(3))
    kept.write(file)
    for budget, size in ((1000, 120), (100, 80)):
        file.seek(0)
        again = KeptCells(budget)
        again.use(made(1, 7))
        assert (again.read(file), again.size_bytes) == (3, size)
        assert contents(again).items() <= contents(kept).items()
