"""Conversations of a former slug are found under the present one, and no others are."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.conversations.conversation import Conversation, Turn
from agent.conversations.rename_comparison import rename_comparison
from agent.conversations.store import Store
from agent.errors import InputError
from agent.urls import Url
from knowledge.comparison import Comparison


def test_conversations_of_former_slugs_are_about_the_present_one(
    second: Comparison, tmp_path: Path
) -> None:
    url = Url(f"sqlite:///{tmp_path / 'kept.db'}")
    titles = ("C vs Rust", "C++ vs Rust", "Go vs Rust")
    comparisons = [replace(second, title=title) for title in titles]
    for comparison in comparisons:
        conversation = Conversation()
        conversation.turns.append(Turn(f"About {comparison.title}?"))
        store = Store(url, comparison)
        store.keep("ada", conversation)
        store.close()
    assert rename_comparison(url, (), "c-plus-plus-vs-rust") == 0
    assert rename_comparison(url, ("c-vs-rust", "unheard-of"), "c-plus-plus-vs-rust") == 1
    found = []
    for comparison in comparisons:
        store = Store(url, comparison)
        found.append(sorted(listed.title for listed in store.listed("ada")))
        store.close()
    assert found == [[], ["About C vs Rust?", "About C++ vs Rust?"], ["About Go vs Rust?"]]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/kept.db", "nonsense-hunter2"])
def test_a_database_that_cannot_be_changed_is_one_line(url: str) -> None:
    with pytest.raises(InputError) as caught:
        rename_comparison(Url(url), ("tea",), "coffee")
    assert "cannot be renamed from tea to coffee (" in str(caught.value)
    assert "\n" not in str(caught.value) and "hunter2" not in str(caught.value)
