"""The KV cache in memory, within a budget. knowledge.cache stores it on disk.

An entry is the keys and values of attention of some tokens in every layer, as bytes that
agent.llm.engine takes from llama.cpp and gives back. Its key is the tokens of a prefix and of a
passage after it, which is empty for the prefix alone. Nothing here knows a model.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Tokens = tuple[int, ...]
KVData = NDArray[np.uint8]
Key = tuple[Tokens, Tokens]  # prefix and passage


class KVCache:
    """KV data of at most `budget_bytes`; beyond it, the least recently used is dropped."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._entries: dict[Key, KVData] = {}  # the least recently used first

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def get(self, key: Key) -> KVData | None:
        return self._entries.get(key)

    def use(self, used: Mapping[Key, KVData]) -> None:
        """Stores these as the ones that were used last, and drops what exceeds the budget."""
        for key, data in used.items():
            self._entries.pop(key, None)
            self._entries[key] = data
        while self.size_bytes > self.budget_bytes:
            del self._entries[next(iter(self._entries))]

    def clear(self) -> None:
        self._entries.clear()

    @property
    def entries(self) -> Mapping[Key, KVData]:
        return self._entries

    @property
    def size_bytes(self) -> int:
        return sum(data.size for data in self._entries.values())

    def has_room_for(
        self, tokens: int, token_bytes: float, entries: Mapping[Key, KVData] | None = None
    ) -> bool:
        """Whether so many more tokens fit the budget beside `entries`, by default all: each takes
        as much as those do, or `token_bytes` if there are none.
        """
        entries = self._entries if entries is None else entries
        size_bytes = sum(data.size for data in entries.values())
        if entries:
            token_bytes = size_bytes / sum(len(passage or prefix) for prefix, passage in entries)
        return size_bytes + token_bytes * tokens <= self.budget_bytes

    def read(self, file: BinaryIO) -> int:
        """Adds the entries that `write_entries` wrote to `file`, in order, as far as the budget
        goes: others make room for them. How many there were.
        """
        found: dict[Key, KVData] = {}
        size_bytes = 0
        with np.load(file) as saved:  # an array is read when it is asked for
            names = saved.files
            for at in range(0, len(names), 3):
                prefix, passage = (tuple(saved[name].tolist()) for name in names[at : at + 2])
                data = self.get((prefix, passage))
                data = saved[names[at + 2]] if data is None else data
                size_bytes += data.size
                if size_bytes > self.budget_bytes:
                    break
                found[prefix, passage] = data
        self.use(dict(reversed(found.items())))  # the first, system messages, are dropped last
        return len(names) // 3


def write_entries(file: BinaryIO, entries: Mapping[Key, KVData]) -> None:
    """Writes `entries` to `file`, as `KVCache.read` takes them."""
    arrays: list[NDArray[Any]] = []
    for key, data in entries.items():
        arrays += [*(np.array(tokens, np.int32) for tokens in key), data]
    np.savez(file, *arrays)
