"""The cache: entries are whole or absent, found by key, and go only after a new one is safe."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.cache import (
    NEWEST,
    SEAL,
    SHA256_BYTES,
    Cache,
    CorruptFileError,
    read_sealed,
    write_sealed,
)
from tests.helpers.disk import disk_of


def keep(cache: Cache, key: str, data: bytes) -> None:
    cache.of("probes").save("tea", key, lambda file: file.write(data))


def kept(cache: Cache, key: str, name: str = "tea") -> bytes | None:
    return cache.of("probes").load(name, key, lambda file: file.read())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_an_entry_is_found_by_its_key_alone(cache: Cache) -> None:
    keep(cache, "a key of any length, with / and spaces", b"learnt")
    assert kept(cache, "a key of any length, with / and spaces") == b"learnt"
    assert kept(cache, "another key") is None
    assert kept(cache, "a key of any length, with / and spaces", "coffee") is None


def test_coming_back_to_an_earlier_model_costs_nothing(cache: Cache) -> None:
    keep(cache, "one model", b"1")
    keep(cache, "another", b"2")
    assert (kept(cache, "one model"), kept(cache, "another")) == (b"1", b"2")


def test_the_last_used_few_stay_and_others_go_after_the_new_one_is_there(cache: Cache) -> None:
    keys = [f"key {number}" for number in range(NEWEST + 1)]
    for age, key in enumerate(keys[:-1]):
        keep(cache, key, key.encode())
        os.utime(cache.of("probes").path("tea", key), (age, age))
    assert kept(cache, keys[0])  # now it was used last
    keep(cache, keys[-1], b"new")
    assert kept(cache, keys[0]) and kept(cache, keys[-1])
    assert kept(cache, keys[1]) is None  # which then was the oldest
    assert len(cache.entries()) == NEWEST


def test_not_one_bit_may_change(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, lambda file: file.write(b"learnt"))
    whole = path.read_bytes()
    assert read_sealed(path, lambda file: file.read()) == b"learnt"
    changed = [bytes(b ^ (i == place) for i, b in enumerate(whole)) for place in range(len(whole))]
    for data in (*changed, b"", whole[:SHA256_BYTES], whole[:-1], whole + b"more"):
        path.write_bytes(data)
        with pytest.raises(CorruptFileError):
            read_sealed(path, lambda file: file.read())


def test_a_torn_entry_is_absent_and_is_made_again(cache: Cache) -> None:
    keep(cache, "key", b"learnt")
    path = cache.of("probes").path("tea", "key")
    path.write_bytes(path.read_bytes()[:-1])
    assert kept(cache, "key") is None
    keep(cache, "key", b"again")
    assert kept(cache, "key") == b"again"


def test_a_disk_that_is_full_loses_nothing(cache: Cache) -> None:
    keep(cache, "key", b"learnt")
    for key in ("key", "another"):
        with disk_of(20_000), pytest.raises(OSError):
            keep(cache, key, bytes(100_000))
    assert kept(cache, "key") == b"learnt"
    names = [path.name for path in cache.folder.rglob("*") if path.is_file()]
    assert names == [cache.of("probes").path("tea", "key").name]


def test_what_cannot_be_written_is_an_error_and_the_rest_is_still_read(cache: Cache) -> None:
    keep(cache, "key", b"learnt")
    (cache.folder / "indexes").write_bytes(b"a file where a folder belongs")
    with pytest.raises(OSError):
        cache.of("indexes").save("tea", "key", lambda file: file.write(b""))
    assert kept(cache, "key") == b"learnt"


def test_a_folder_is_whole_or_absent(cache: Cache) -> None:
    with pytest.raises(RuntimeError), cache.of("indexes").building("tea", "key") as folder:
        (folder / "half").write_bytes(b"half")
        raise RuntimeError
    path = cache.of("indexes").path("tea", "key")
    assert not path.exists() and list(path.parent.iterdir()) == []
    for name in ("first", "of the same key"):
        with cache.of("indexes").building("tea", "key") as folder:
            (folder / name).write_bytes(b"")
        assert {file.name for file in path.iterdir()} == {"first", SEAL}


@pytest.mark.parametrize(
    "damaging",
    [
        lambda folder: (folder / "below" / "a").write_bytes(b"b"),
        lambda folder: (folder / "below" / "a").rename(folder / "a"),
        lambda folder: (folder / "below" / "a").unlink(),
        lambda folder: (folder / "more").touch(),
        lambda folder: (folder / SEAL).unlink(),
    ],
    ids=["changed", "moved", "removed", "added", "unsealed"],
)
def test_a_folder_that_is_not_as_it_was_built_is_built_again(
    cache: Cache, damaging: Callable[[Path], object]
) -> None:
    indexes = cache.of("indexes")
    for place in range(2):
        assert not indexes.is_whole("tea", "key")
        with pytest.raises(CorruptFileError), indexes.copied("tea", "key"):
            pass
        with indexes.building("tea", "key") as folder:
            (folder / "below").mkdir()
            (folder / "below" / "a").write_bytes(b"a")
        assert indexes.is_whole("tea", "key")
        path = indexes.path("tea", "key")
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        if place == 0:
            damaging(path)


def test_what_is_done_to_a_copy_of_a_folder_leaves_the_folder_as_it_was(cache: Cache) -> None:
    indexes = cache.of("indexes")
    with indexes.building("tea", "key") as folder:
        (folder / "a").write_bytes(b"a")
    with indexes.copied("tea", "key") as first, indexes.copied("tea", "key") as second:
        assert first != second
        (first / "a").write_bytes(b"b")
        (first / "more").touch()
        assert (second / "a").read_bytes() == b"a"
    assert not first.exists() and indexes.is_whole("tea", "key")


WRITER = """
import sys
from pathlib import Path
from knowledge.cache import Cache
cache, letter = Cache(Path(sys.argv[1])), sys.argv[2].encode()
for _ in range(100):
    cache.of("kv-cache").save("tea", "key", lambda file: file.write(letter * 100_000))
    with cache.of("indexes").building("tea", "key") as folder:
        (folder / "a").write_bytes(letter)
        (folder / "b").write_bytes(letter)
"""


def test_two_processes_that_make_the_same_entry_leave_a_whole_one(cache: Cache) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(cache.folder), letter])
        for letter in "xy"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        data = cache.of("kv-cache").load("tea", "key", lambda file: file.read())
        seen.add((len(data), len(set(data))) if data else None)
        time.sleep(0.001)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen - {None} == {(100_000, 1)}
    index = cache.of("indexes").path("tea", "key")
    assert len({(index / name).read_bytes() for name in "ab"}) == 1
    assert list(cache.folder.rglob("*partial*")) == []


def test_what_is_kept_is_listed_by_kind_size_and_key(cache: Cache) -> None:
    keep(cache, "key", b"learnt")
    with cache.of("indexes").building("tea", "key") as folder:
        (folder / "vectors").write_bytes(bytes(100))
    (cache.folder / "probes" / "old.npz").write_bytes(bytes(7))  # of an earlier version
    (cache.folder / "indexes" / "tea" / "current.json").write_bytes(b"{}")  # no entry
    found = [(e.kind, e.name, bool(e.key), e.size_bytes) for e in cache.entries()]
    assert found == [
        ("indexes", "tea", True, SHA256_BYTES + 100),
        ("probes", "old.npz", False, 7),
        ("probes", "tea", True, SHA256_BYTES + 6),
    ]


def test_what_a_process_that_died_has_left_goes_with_time(cache: Cache) -> None:
    keep(cache, "key", b"learnt")
    folder = cache.of("probes").path("tea", "key").parent
    old, new = folder / "0123456789abcdef.partial-1-a", folder / "0123456789abcdef.partial-2-b"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    keep(cache, "another", b"learnt")
    assert (old.exists(), new.exists()) == (False, True)
