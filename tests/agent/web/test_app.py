"""How the page takes questions, without a browser."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agent.conversations.open import OpenConversations
from agent.web.app import Page
from tests.helpers.coffee import web_context

REQUEST: Any = SimpleNamespace(user=SimpleNamespace(display_name="ada"), session_hash="tab")


def test_a_question_sent_meanwhile_saves_no_half_answer(tmp_path: Path) -> None:
    # it was written down as a whole one, and the turns that it was to replace were lost
    context = web_context(tmp_path)
    page = Page(context, OpenConversations(context.store))
    for question in ("Which one at night?", "And in Paris?"):
        list(page._answer(question, "", REQUEST, threading.Event()))
    [listed] = context.store.listed("ada")
    first, second = context.store.open("ada", listed.id).turns
    edited = page._answer("slow", f"{listed.id} {first.id}", REQUEST, threading.Event())
    next(edited)
    list(page._answer("Which one, all in all?", listed.id, REQUEST, threading.Event()))
    context.store.close()  # as the process ends
    reopened = web_context(tmp_path).store.open("ada", listed.id)
    assert [turn.id for turn in reopened.turns] == [first.id, second.id]
