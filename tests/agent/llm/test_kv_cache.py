"""The KV cache: its budget, and how it is written. The KV data here is made up."""

from io import BytesIO

import numpy as np

from agent.llm.kv_cache import Key, KVCache, KVData, write_entries

PREFIX = (1, 2, 3)


def made(count: int, size: int = 40) -> dict[Key, KVData]:
    """KV data of a prefix and of passages after it."""
    keys: list[Key] = [(PREFIX, ()), *((PREFIX, (number,)) for number in range(10, 9 + count))]
    return {key: np.full(size, place, np.uint8) for place, key in enumerate(keys)}


def contents(kv_cache: KVCache) -> dict[Key, bytes]:
    return {key: data.tobytes() for key, data in kv_cache.entries.items()}


def test_beyond_the_budget_the_least_recently_used_are_dropped() -> None:
    kv_cache = KVCache(200)
    prefix, first, second, third, fourth, fifth = made(6).items()
    kv_cache.use(dict([prefix, first, second, third, fourth]))
    kv_cache.use(dict([prefix, first]))  # now they were used last
    kv_cache.use(dict([fifth]))
    assert list(kv_cache.entries) == [third[0], fourth[0], prefix[0], first[0], fifth[0]]
    assert second[0] not in kv_cache and kv_cache.get(second[0]) is None
    assert kv_cache.get(first[0]) is first[1]
    kv_cache.use({(PREFIX, (99,)): np.zeros(201, np.uint8)})
    assert (list(kv_cache.entries), kv_cache.size_bytes) == ([], 0)


def test_room_is_measured_by_what_is_cached() -> None:
    kv_cache = KVCache(100)
    assert kv_cache.has_room_for(10, 10) and not kv_cache.has_room_for(11, 10)
    kv_cache.use({(PREFIX, ()): np.zeros(60, np.uint8)})  # 20 bytes a token
    assert kv_cache.has_room_for(2, 1) and not kv_cache.has_room_for(3, 1)
    assert kv_cache.has_room_for(100, 1, {})  # what others take makes room


def test_what_was_written_is_read_as_it_was() -> None:
    kv_cache, file = KVCache(1000), BytesIO()
    kv_cache.use(made(3))
    write_entries(file, kv_cache.entries)
    for budget, size in ((1000, 160), (130, 120), (100, 80)):
        file.seek(0)
        again = KVCache(budget)
        again.use({((4,), ()): np.zeros(40, np.uint8)})  # another comparison's makes room
        assert (again.read(file), again.size_bytes) == (3, size)
        # the first stay, which are the system messages: they were read again at every start
        own = list(contents(kv_cache).items())[:3][: size // 40]
        assert list(reversed(contents(again).items()))[: len(own)] == own
