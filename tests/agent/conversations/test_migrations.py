"""Databases of every age are brought to the schema of today, and lose nothing."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from agent.conversations.conversation import Conversation, Turn
from agent.conversations.store import Store
from agent.conversations.tables import Base
from agent.errors import InputError
from tests.helpers.coffee import ADVICE, COMPARISON

ME = "browser me"
# what a database of before this had: neither revisions nor a search
UNDO = """
    DROP TRIGGER search_insert; DROP TRIGGER search_delete; DROP TRIGGER search_update;
    DROP TRIGGER search_shorten; DROP TABLE search_index; DROP TABLE search;
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


@pytest.fixture
def said(file: Path) -> Conversation:
    """A conversation in a database of today."""
    said = Conversation(turns=[Turn("Which one at night?", ADVICE, running=False)])
    store = Store(f"sqlite:///{file}", COMPARISON)
    store.save(ME, said)
    store.close()
    return said


def run(file: Path, script: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.executescript(script)


def test_the_tables_are_those_of_the_last_revision(file: Path, said: Conversation) -> None:
    with create_engine(f"sqlite:///{file}").connect() as connection:
        context = MigrationContext.configure(connection)
        found = compare_metadata(context, Base.metadata)
    # full-text search has tables of its own
    assert [each for each in found if not str(each[1]).startswith("search_index")] == []


@pytest.mark.parametrize(
    "earlier",
    ["DROP TABLE alembic_version", "UPDATE alembic_version SET version_num = '1'"],
    ids=["without revisions", "of the first revision"],
)
def test_an_earlier_database_keeps_its_conversations_and_can_be_searched(
    file: Path, said: Conversation, earlier: str
) -> None:
    run(file, f"{UNDO} {earlier};")
    store = Store(f"sqlite:///{file}", COMPARISON)
    assert store.open(ME, said.id).turns == said.turns
    assert [each.id for each in store.listed(ME, "night recommends COFFEE")] == [said.id]


def test_a_migration_that_is_interrupted_is_done_again(
    file: Path, said: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(file, f"{UNDO} DROP TABLE alembic_version;")

    def interrupted(*_: object) -> str:
        raise OSError("No space left on device")

    with monkeypatch.context() as full:
        full.setattr("agent.conversations.tables.search_text", interrupted)
        with pytest.raises(InputError, match="No space left"):
            Store(f"sqlite:///{file}", COMPARISON)
    assert len(Store(f"sqlite:///{file}", COMPARISON).listed(ME, "night")) == 1


def test_a_database_that_several_open_at_once_is_migrated_once(
    file: Path, said: Conversation
) -> None:
    run(file, f"{UNDO} DROP TABLE alembic_version;")
    found: list[int] = []

    def opened() -> None:
        found.append(len(Store(f"sqlite:///{file}", COMPARISON).listed(ME, "night")))

    threads = [threading.Thread(target=opened) for _ in range(2)]
    for act in (threading.Thread.start, threading.Thread.join):
        each: Callable[[threading.Thread], None] = act
        for thread in threads:
            each(thread)
    assert found == [1, 1]


def test_a_database_of_a_newer_version_is_refused_in_one_line(
    file: Path, said: Conversation
) -> None:
    run(file, "UPDATE alembic_version SET version_num = '99'")
    with pytest.raises(InputError, match=r"Can't locate revision identified by '99'") as caught:
        Store(f"sqlite:///{file}", COMPARISON)
    assert "\n" not in str(caught.value)
