"""An index that is damaged is made again; one that only cannot be read or written now stays."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.cache import remove
from knowledge.comparison import Comparison
from knowledge.embed import MiniLM
from knowledge.errors import IndexMissingError
from knowledge.index import build_index, open_index
from tests.helpers.disk import disk_of
from tests.knowledge.test_index import HEAT, key, nearest


def empty_database(home: Path) -> None:
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"")


def database_of_nonsense(home: Path) -> None:
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"nonsense" * 1000)


def cut_database(home: Path) -> None:
    database = home / "chroma" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:50_000])


def no_database(home: Path) -> None:
    shutil.rmtree(home / "chroma")  # Chroma would make an empty one, and nothing would be found


def database_that_ends_the_process(home: Path) -> None:
    # Chroma's core aborts over an error of SQLite's that is no UTF-8
    database = home / "chroma" / "chroma.sqlite3"
    data = database.read_bytes()
    database.write_bytes(
        data.replace(b"CREATE TABLE migrations", b"CREATE \xff\xfe\xfd\xfc\xfb migrations")
    )


def no_vectors(home: Path) -> None:
    with closing(sqlite3.connect(home / "chroma" / "chroma.sqlite3")) as database:
        database.execute("DELETE FROM embeddings_queue")  # their texts stay
        database.commit()


@pytest.mark.parametrize(
    "damage",
    [
        empty_database,
        database_of_nonsense,
        cut_database,
        no_database,
        database_that_ends_the_process,
        no_vectors,
    ],
)
def test_damaged_vectors_are_made_again_and_said(
    damage: Callable[[Path], None],
    copied: Path,
    embedder: MiniLM,
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(copied / HEAT / key(copied))
    assert nearest(copied, embedder, "What does it cost to buy?") == "dimension/purchase-price"
    [said] = caplog.messages
    assert said == f"The index at {copied / HEAT / key(copied)} is damaged. It is built again."
    caplog.clear()
    open_index(copied, embedder)
    assert caplog.messages == []


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file with when it was changed last, and its content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_index_is_opened_where_nothing_may_be_written(copied: Path, embedder: MiniLM) -> None:
    # Chroma opens no database that it cannot write, and the index was taken for a damaged one
    before = files(copied)
    folders = [copied, *(path for path in copied.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        assert nearest(copied, embedder, "What does it cost to buy?") == "dimension/purchase-price"
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert files(copied) == before  # as root writes everywhere


@pytest.mark.parametrize("size_bytes", [0, 20_000, 200_000])
@pytest.mark.parametrize("damage", [None, no_vectors])
def test_an_index_on_a_full_disk_stays_as_it_is_and_is_one_line(
    damage: Callable[[Path], None] | None, size_bytes: int, copied: Path, embedder: MiniLM
) -> None:
    # it was removed, and an error of Chroma's own was a traceback
    if damage:
        damage(copied / HEAT / key(copied))
    before = files(copied)
    with disk_of(size_bytes), pytest.raises(IndexMissingError) as caught:
        open_index(copied, embedder)
    message = str(caught.value)
    assert message.startswith(f"The index of {HEAT} in {copied} cannot be used (")
    assert "Make room" in message and "\n" not in message
    assert files(copied) == before
    assert nearest(copied, embedder, "What does it cost to buy?") == "dimension/purchase-price"


@pytest.mark.parametrize("size_bytes", [0, 20_000, 200_000])
def test_an_index_that_a_full_disk_cannot_take_is_an_os_error(
    small: Comparison, embedder: MiniLM, size_bytes: int, tmp_path: Path
) -> None:
    with disk_of(size_bytes), pytest.raises(OSError):
        build_index(small, embedder, tmp_path)
    assert files(tmp_path) == {}
    assert build_index(small, embedder, tmp_path)


@pytest.mark.parametrize("content", [None, [], {}, {"passages": [], "options": ["one"]}])
def test_a_damaged_comparison_is_one_line_with_the_remedy(
    content: object, copied: Path, embedder: MiniLM
) -> None:
    pointer = copied / HEAT / "current.json"
    current = json.loads(pointer.read_text(encoding="utf-8")) | {"comparison": content}
    pointer.write_text(json.dumps(current), encoding="utf-8")
    with pytest.raises(IndexMissingError) as caught:
        open_index(copied, embedder)
    message = str(caught.value)
    assert message.startswith(f"The index of {HEAT} at {copied / HEAT} is damaged (")
    assert message.endswith(f'). Remove {copied / HEAT} and run "advisor index".')
    assert "\n" not in message


def test_what_is_removed_from_the_cache_is_made_again(
    copied: Path, second: Comparison, embedder: MiniLM
) -> None:
    remove(copied / HEAT / key(copied))
    assert open_index(copied, embedder).comparison == second
