"""Which conversation a tab has: one's own, the same in two tabs, and none that was deleted."""

from pathlib import Path

import pytest

from agent.conversations.conversation import Conversation, Turn
from agent.conversations.open import MOST_OPEN, OpenConversations
from agent.conversations.queue import AnswerQueue
from agent.conversations.store import Store
from agent.errors import ConversationMissingError
from tests.helpers.coffee import ADVICE, COMPARISON, FakeAdvisor

ME, OTHER = "browser me", "browser other"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'kept.db'}", COMPARISON)


@pytest.fixture
def opened(store: Store) -> OpenConversations:
    return OpenConversations(store)


@pytest.fixture
def said(opened: OpenConversations) -> Conversation:
    """One that is open in "tab one" and kept."""
    conversation = opened.open(ME, "tab one")
    conversation.turns.append(Turn("Which one at night?", ADVICE, running=False))
    opened.save(ME, conversation)
    return conversation


def test_a_tab_keeps_its_conversation(opened: OpenConversations, said: Conversation) -> None:
    assert opened.open(ME, "tab one") is said
    assert opened.open(ME, "tab one", said.id) is said
    assert opened.open(ME, "tab two") is not said


def test_two_tabs_have_the_very_same(opened: OpenConversations, said: Conversation) -> None:
    assert opened.open(ME, "tab two", said.id) is said
    assert opened.shows(ME, "tab one", said) and opened.shows(ME, "tab two", said)


def test_a_tab_that_was_away_finds_it_again(opened: OpenConversations, said: Conversation) -> None:
    opened.close(ME, "tab one")
    assert opened.open(ME, "tab one", said.id).turns == said.turns


def test_whoever_knows_a_tab_or_an_id_gets_nothing_of_another(
    opened: OpenConversations, said: Conversation
) -> None:
    for found in (opened.open(OTHER, "tab one"), opened.open(OTHER, "tab one", said.id)):
        assert found is not said and found.turns == []
    with pytest.raises(ConversationMissingError):
        opened.delete(OTHER, said.id)
    assert opened.open(ME, "tab one") is said


def test_one_that_is_unknown_leaves_the_tab_as_it_was(
    opened: OpenConversations, said: Conversation
) -> None:
    assert opened.open(ME, "tab one", "unknown") is said


def test_going_to_another_stops_what_nobody_else_waits_for(
    opened: OpenConversations, said: Conversation
) -> None:
    opened.open(ME, "tab two", said.id)
    turns = said.ask(FakeAdvisor(), AnswerQueue(), "slow")
    next(turns)
    assert said.cancel
    opened.close(ME, "tab one")
    assert not said.cancel.is_set()
    opened.close(ME, "tab two")
    assert said.cancel.is_set()
    turns.close()


def test_what_was_deleted_does_not_come_back(
    opened: OpenConversations, store: Store, said: Conversation
) -> None:
    opened.open(ME, "tab two", said.id)
    opened.delete(ME, said.id)
    for tab in ("tab one", "tab two"):
        assert opened.open(ME, tab, said.id).turns == []
    opened.save(ME, said)  # an answer that ends only now
    assert store.listed(ME) == ()


def test_a_rating_shows_in_every_tab(
    opened: OpenConversations, store: Store, said: Conversation
) -> None:
    opened.rate(ME, said.turns[0].id, good=False)
    assert said.turns[0].rated is False
    assert store.open(ME, said.id).turns[0].rated is False


def test_nobody_s_conversation_is_not_kept(
    opened: OpenConversations, store: Store, said: Conversation
) -> None:
    opened.save("", Conversation(turns=list(said.turns)))
    assert len(store.listed(ME)) == 1 and store.listed("") == ()


def test_of_many_the_last_used_and_the_running_stay_open(
    opened: OpenConversations, said: Conversation
) -> None:
    turns = said.ask(FakeAdvisor(), AnswerQueue(), "slow")
    next(turns)
    first = opened.open(ME, "first")
    for number in range(MOST_OPEN):
        opened.open(ME, f"tab {number}")
        opened.open(ME, "tab 0")
    assert opened.shows(ME, "tab one", said)
    assert not opened.shows(ME, "first", first)
    turns.close()
