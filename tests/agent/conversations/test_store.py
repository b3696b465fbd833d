"""Conversations are kept as they were, for who had them and for nobody else."""

import json
import sqlite3
import stat
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.answering.types import Answer
from agent.conversations.conversation import Conversation, Turn
from agent.conversations.edition import EARLIER, UNKNOWN
from agent.conversations.store import MAX_TITLE_CHARS, Store, titled
from agent.errors import ConversationMissingError, InputError
from knowledge.comparison import Comparison
from tests.helpers.coffee import ADVICE, COMPARISON, PRICE

ME, OTHER = "browser me", "user other"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "kept.db"


@pytest.fixture
def store(file: Path) -> Store:
    return Store(f"sqlite:///{file}", COMPARISON, {"model": "m"})


def conversation(*questions: str) -> Conversation:
    turns = [Turn(question, ADVICE, running=False) for question in questions]
    return Conversation(turns=turns)


def test_a_conversation_survives_a_restart(file: Path, store: Store) -> None:
    said = conversation("Which one at night?", "And with milk?")
    store.save(ME, said)
    store.close()
    opened = Store(f"sqlite:///{file}", COMPARISON).open(ME, said.id)
    assert (opened.id, opened.title) == (said.id, "Which one at night?")
    assert opened.turns == said.turns


def test_conversations_of_former_slugs_are_about_the_present_one(file: Path, store: Store) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    store.close()
    renamed = Store(f"sqlite:///{file}", replace(COMPARISON, title="Chai vs Coffee"))
    renamed.adopt(())
    assert renamed.listed(ME) == ()
    renamed.adopt(("tea-vs-coffee", "unheard-of"))
    assert [listed.id for listed in renamed.listed(ME)] == [said.id]
    renamed.close()
    assert Store(f"sqlite:///{file}", COMPARISON).listed(ME) == ()


def locked(file: Path) -> sqlite3.Connection:
    """Another program's connection, which lets nobody write until it is rolled back."""
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    return database


def test_what_is_kept_soon_waits_for_nothing_and_is_there_when_it_is_read(
    file: Path, store: Store
) -> None:
    said = conversation("Which one at night?")
    with closing(locked(file)) as database:
        started = time.monotonic()
        store.save_soon(ME, said)
        said.turns.append(Turn("asked meanwhile"))
        assert time.monotonic() - started < 2  # it is locked still
        threading.Timer(0.3, database.rollback).start()
        [kept] = store.open(ME, said.id).turns
    assert kept.question == "Which one at night?"


def test_closing_the_store_loses_nothing(file: Path, store: Store) -> None:
    with closing(locked(file)) as database:
        for number in range(3):
            store.save_soon(ME, conversation(f"question {number}"))
        threading.Timer(0.3, database.rollback).start()
        store.close()
    assert len(Store(f"sqlite:///{file}", COMPARISON).listed(ME)) == 3


def test_what_cannot_be_kept_is_in_the_log(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    said = conversation("first")
    store.save(ME, said)
    store.save_soon(OTHER, said)
    store.close()
    assert "A conversation could not be stored." in caplog.text


def test_it_is_nobody_else_s(store: Store) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    assert store.listed(OTHER) == ()
    for act in (
        lambda: store.open(OTHER, said.id),
        lambda: store.rename(OTHER, said.id, "Mine now"),
        lambda: store.delete(OTHER, said.id),
        lambda: store.save(OTHER, said),
        lambda: store.rate(OTHER, said.turns[0].id, good=True),
    ):
        with pytest.raises(ConversationMissingError, match=r"^You have no conversation"):
            act()
    assert store.open(ME, said.id).title == "Which one at night?"


def test_it_is_listed_with_its_comparison_only(file: Path, store: Store) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    other = Store(f"sqlite:///{file}", replace(COMPARISON, title="Cats vs Dogs"))
    assert other.listed(ME) == ()
    with pytest.raises(ConversationMissingError):
        other.open(ME, said.id)


def test_the_newest_comes_first_and_a_search_looks_everywhere(store: Store) -> None:
    for question in ("Which one at night?", "Which one in London?"):
        store.save(ME, conversation(question))
    assert [each.title for each in store.listed(ME)] == [
        "Which one in London?",
        "Which one at night?",
    ]
    assert [each.title for each in store.listed(ME, "NIGHT? one")] == ["Which one at night?"]
    assert len(store.listed(ME, "recommends coffee")) == 2  # in the answers
    assert store.listed(ME, "milk") == ()


def test_turns_that_were_taken_back_are_gone(store: Store) -> None:
    said = conversation("first", "second")
    store.save(ME, said)
    assert said.undo(said.turns[1].id)
    said.turns.append(Turn("third", ADVICE, running=False))
    store.save(ME, said)
    assert [turn.question for turn in store.open(ME, said.id).turns] == ["first", "third"]


def test_a_turn_that_failed_says_so_later_too(store: Store) -> None:
    said = Conversation(turns=[Turn("broken", None, "It failed.", running=False)])
    store.save(ME, said)
    assert store.open(ME, said.id).turns == said.turns


def test_one_of_which_every_turn_was_taken_back_is_gone_until_it_goes_on(store: Store) -> None:
    said = conversation("first")
    store.save(ME, said)
    said.undo(said.turns[0].id)
    store.save(ME, said)
    assert store.listed(ME) == ()
    said.turns.append(Turn("second", ADVICE, running=False))
    store.save(ME, said)
    assert [each.title for each in store.listed(ME)] == ["second"]


def test_one_that_was_deleted_does_not_come_back(store: Store) -> None:
    said = conversation("first")
    store.save(ME, said)
    store.delete(ME, said.id)
    said.turns.append(Turn("second", ADVICE, running=False))
    store.save(ME, said)  # another tab goes on
    assert store.listed(ME) == ()


def test_a_title_can_be_changed_and_is_kept(store: Store) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    assert store.rename(ME, said.id, " Night \n shift ") == "Night shift"
    assert store.rename(ME, said.id, " ") == "Night shift"
    store.save(ME, said)  # which still has the old one
    assert said.title == "Night shift"
    assert [each.title for each in store.listed(ME)] == ["Night shift"]


def test_a_long_question_makes_a_short_title() -> None:
    title = titled("word " * 100)
    assert title.endswith("word …") and len(title) <= MAX_TITLE_CHARS + 2


def test_what_is_deleted_is_gone_from_the_disk(file: Path, store: Store) -> None:
    said = conversation("A very peculiar question")
    store.save(ME, said)
    store.rate(ME, said.turns[0].id, good=False, comment="A peculiar comment")
    assert b"peculiar" in file.read_bytes()
    store.delete(ME, said.id)
    store.close()
    assert b"peculiar" not in file.read_bytes()
    with pytest.raises(ConversationMissingError):
        Store(f"sqlite:///{file}", COMPARISON).open(ME, said.id)


def test_feedback_is_kept_with_all_that_led_to_it(store: Store) -> None:
    said = conversation("first", "second", "third")
    store.save(ME, said)
    store.rate(ME, said.turns[1].id, good=True)
    store.rate(ME, said.turns[1].id, good=False, comment="It forgot milk.")
    [feedback] = store.feedback()
    assert (feedback.good, feedback.comment) == (False, "It forgot milk.")
    assert feedback.questions == ("first", "second")
    assert Answer.from_json(feedback.answer, COMPARISON) == ADVICE
    assert feedback.configuration == {"model": "m"}
    assert [turn.rated for turn in store.open(ME, said.id).turns] == [None, False, None]


def test_feedback_outlives_the_answer_but_not_the_conversation(store: Store) -> None:
    said = conversation("first")
    store.save(ME, said)
    store.rate(ME, said.turns[0].id, good=False)
    said.turns[0] = Turn("first", ADVICE, running=False)  # asked again
    store.save(ME, said)
    assert len(store.feedback()) == 1
    store.delete(ME, said.id)
    assert store.feedback() == ()


# without the use case that ADVICE is for, and with another price
REVISED = replace(
    COMPARISON,
    passages=(
        *COMPARISON.passages[:2],
        replace(PRICE, text="Tea: 6 cents\nCoffee: 25 cents", cells=("6 cents", "25 cents")),
        *COMPARISON.passages[4:],
    ),
)


def test_an_answer_of_an_earlier_edition_comes_back_whole_and_says_so(
    file: Path, store: Store
) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    later = Store(f"sqlite:///{file}", REVISED)
    opened = later.open(ME, said.id)
    [turn] = opened.turns
    assert turn.earlier == COMPARISON.sha256 and turn.answer
    assert turn.answer.to_json() == ADVICE.to_json()
    opened.turns.append(Turn("And now?", replace(ADVICE, citations=()), running=False))
    later.save(ME, opened)
    assert [each.earlier for each in later.open(ME, said.id).turns] == [COMPARISON.sha256, ""]
    first, second = store.open(ME, said.id).turns  # nothing of the old answer was lost by that
    assert (first.answer, first.earlier) == (ADVICE, "")
    assert second.earlier == REVISED.sha256


@pytest.mark.parametrize(
    ("present", "earlier"),
    [(COMPARISON, ""), (replace(COMPARISON, as_of="2027-01"), ""), (REVISED, UNKNOWN)],
)
def test_an_answer_of_an_unknown_edition_is_of_this_one_while_all_it_cites_stands(
    file: Path, store: Store, present: Comparison, earlier: str
) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    store.close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE turns SET comparison_sha256 = ''")
    [turn] = Store(f"sqlite:///{file}", present).open(ME, said.id).turns
    assert turn.earlier == earlier
    assert turn.answer and turn.answer.text == ADVICE.text


def test_an_answer_that_another_version_kept_shows_its_text(file: Path, store: Store) -> None:
    said = conversation("Which one at night?")
    store.save(ME, said)
    store.close()
    with sqlite3.connect(file) as database:
        kept = json.dumps({"answer": "Coffee, it said."})
        database.execute("UPDATE turns SET answer = ?", [kept])
    opened = Store(f"sqlite:///{file}", COMPARISON).open(ME, said.id)
    assert opened.turns[0].note == f"Coffee, it said.\n\n{EARLIER}"


def test_the_file_is_its_owner_s_alone(file: Path, store: Store) -> None:
    file.chmod(0o644)
    Store(f"sqlite:///{file}", COMPARISON).save(ME, conversation("first"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite:////proc/none/kept.db",
        "oracle://u:secret@h/d",
        "oracle://u:secret@h:port/d",
        "oracle://h:port",
        "oracle://h/d?password=secret",
    ],
)
def test_a_database_that_cannot_be_used_is_one_line(url: str) -> None:
    with pytest.raises(InputError) as caught:
        Store(url, COMPARISON)
    line = str(caught.value)
    assert line.startswith("Conversations cannot be stored at ") and "\n" not in line
    assert line.endswith("Set ADVISOR_DATABASE_URL to a database that can be written.")
    assert "secret" not in line


# the search


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("straße", True),
        ("STRASSE 100%", True),
        ("%", True),
        ("10_%", False),  # % and _ stand for themselves
        ('say "tea"', True),
        ("ea", True),  # too short for the index
        ("ea milk", False),
        ("\0", True),
        ("İ 🍵🍵🍵", True),
    ],
)
def test_a_search_finds_any_part_of_a_text(store: Store, search: str, found: bool) -> None:
    store.save(ME, conversation('In the Straße they say "tea", 100% İ 🍵🍵🍵'))
    assert len(store.listed(ME, search)) == found


def test_a_search_knows_new_titles_and_forgets_what_was_taken_back(store: Store) -> None:
    said = conversation("first", "peculiar")
    store.save(ME, said)
    store.rename(ME, said.id, "Night shift")
    assert len(store.listed(ME, "night shift peculiar")) == 1
    assert said.undo(said.turns[1].id)
    store.save(ME, said)
    assert store.listed(ME, "peculiar") == ()
    store.delete(ME, said.id)
    assert store.listed(ME, "night") == ()


def test_the_index_of_the_search_keeps_nothing_of_what_was_deleted(
    file: Path, store: Store
) -> None:
    said, other = conversation("A very xylophone question"), conversation("Another one")
    for each in (said, other):
        store.save(ME, each)
    store.delete(ME, said.id)
    store.close()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search_index, row)")
        terms = {term for (term,) in database.execute("SELECT term FROM temp.terms")}
    assert "ano" in terms and "xyl" not in terms


def test_another_database_searches_without_an_index(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(ME, conversation("Which one at night?"))
    monkeypatch.setattr(store._engine.dialect, "name", "postgresql")
    assert len(store.listed(ME, "NIGHT? one")) == 1
    assert store.listed(ME, "milk") == ()
