"""What a model has read, kept: its cells, in memory within a budget, and on disk.

Cells are the keys and values of attention of some tokens in every layer, as bytes that agent.engine
takes from llama.cpp and gives back. Each entry is known by the tokens of a base and of a passage
after it, which is empty for the base alone. Nothing here knows a model.
"""

import hashlib
import os
from collections.abc import Mapping
from io import BufferedRandom, BufferedReader
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Tokens = tuple[int, ...]
Cells = NDArray[np.uint8]
Key = tuple[Tokens, Tokens]  # base and passage

SHA256_BYTES = 32


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

    def save(self, path: Path, fits: str) -> None:
        """Writes all cells to `path`, atomically. `fits` says what else they depend on.

        Raises OSError if there is no room.
        """
        arrays = [np.array(fits)]
        for (base, passage), cells in self._cells.items():
            arrays += [np.array(base, np.int32), np.array(passage, np.int32), cells]
        partial = path.with_suffix(f".partial-{os.getpid()}")
        partial.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb+") as file:
                file.write(bytes(SHA256_BYTES))
                np.savez(file, *arrays)
                digest = _sha256_of_rest(file)
                file.seek(0)
                file.write(digest)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def load(self, path: Path, fits: str) -> bool:
        """Takes what was saved in the place of what is kept.

        False, and nothing happens, if there is nothing, or it is torn, or for something else.
        """
        found: dict[Key, Cells] = {}
        try:
            with path.open("rb") as file:
                if file.read(SHA256_BYTES) != _sha256_of_rest(file):
                    return False
                file.seek(SHA256_BYTES)
                with np.load(file) as saved:
                    first, *names = saved.files
                    if saved[first] != fits:
                        return False
                    for base, passage, cells in zip(*[iter(names)] * 3, strict=True):
                        key = tuple(saved[base].tolist()), tuple(saved[passage].tolist())
                        found[key] = saved[cells]
        except OSError:
            return False
        self.clear()
        self.use(found)
        return True


def _sha256_of_rest(file: BufferedReader | BufferedRandom) -> bytes:
    """Of what follows the digest that `file` begins with."""
    file.seek(SHA256_BYTES)
    return hashlib.file_digest(file, "sha256").digest()
