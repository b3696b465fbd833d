"""What a model has read, kept: its cells, in memory within a budget. knowledge.cache has the disk.

Cells are the keys and values of attention of some tokens in every layer, as bytes that
agent.llm.engine takes from llama.cpp and gives back. Each entry is known by the tokens of a base
and of a passage after it, which is empty for the base alone. Nothing here knows a model.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Tokens = tuple[int, ...]
Cells = NDArray[np.uint8]
Key = tuple[Tokens, Tokens]  # base and passage


class KeptCells:
    """Cells of at most `budget_bytes`; beyond it, the least recently used are dropped."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._cells: dict[Key, Cells] = {}  # the least recently used first

    def __contains__(self, key: Key) -> bool:
        return key in self._cells

    def get(self, key: Key) -> Cells | None:
        return self._cells.get(key)

    def use(self, used: Mapping[Key, Cells]) -> None:
        """Takes these in as the ones that were used last, and drops what is too much."""
        for key, cells in used.items():
            self._cells.pop(key, None)
            self._cells[key] = cells
        while self.size_bytes > self.budget_bytes:
            del self._cells[next(iter(self._cells))]

    def clear(self) -> None:
        self._cells.clear()

    @property
    def all(self) -> Mapping[Key, Cells]:
        return self._cells

    @property
    def size_bytes(self) -> int:
        return sum(cells.size for cells in self._cells.values())

    def has_room_for(self, tokens: int, token_bytes: float) -> bool:
        """Whether so many more tokens can be kept without dropping any: each takes as much as those
        that are kept do, or `token_bytes` if there are none.
        """
        if self._cells:
            known = sum(len(passage or base) for base, passage in self._cells)
            token_bytes = self.size_bytes / known
        return self.size_bytes + token_bytes * tokens <= self.budget_bytes

    def write(self, file: BinaryIO) -> None:
        """Writes all cells to `file`, as `read` takes them."""
        arrays: list[NDArray[Any]] = []
        for (base, passage), cells in self._cells.items():
            arrays += [np.array(base, np.int32), np.array(passage, np.int32), cells]
        np.savez(file, *arrays)

    def read(self, file: BinaryIO) -> int:
        """Takes what was written in the place of what is kept, and says how many there were."""
        with np.load(file) as saved:
            arrays = [saved[name] for name in saved.files]
        found = zip(arrays[::3], arrays[1::3], arrays[2::3], strict=True)
        self.clear()
        self.use({(tuple(b.tolist()), tuple(p.tolist())): cells for b, p, cells in found})
        return len(arrays) // 3
