"""Many people at one page: nobody is held up by what another waits for, and nothing is lost.

They are programs here, and the advisor is a small fake; what a browser shows is in test_chat.py.
"""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest

from agent.answering.types import Answer
from agent.conversations.conversation import Conversation
from agent.web import chat
from agent.web.app import MAX_WAITING, build_app
from knowledge.comparison import Comparison
from tests.helpers.coffee import FakeAdvisor, advice, serving, web_context
from tests.helpers.paths import ROOT

pytestmark = pytest.mark.slow

SOON_S = 1.0


def dripping(question: str) -> Iterator[Answer]:
    """An answer that takes 20 s, if it is to be slow."""
    for answer in advice(question):
        yield answer
        for _ in range(200 if "slow" in question else 0):
            time.sleep(0.01)
            yield answer


@pytest.fixture
def advisor() -> FakeAdvisor:
    return FakeAdvisor(answers=dripping)


@pytest.fixture
def address(advisor: FakeAdvisor, tmp_path: Path) -> Iterator[str]:
    with serving(build_app(web_context(tmp_path, advisor))) as address:
        yield address


class Tab:
    """A browser's tab, as far as the server sees one."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self.http = httpx.Client(base_url=address, timeout=20)
        self.http.get("/")
        listed = self.http.get("config").json()["dependencies"]
        self._numbers = {each["api_name"]: each["id"] for each in listed}
        self._queued = {each["id"] for each in listed if each["queue"]}

    def ask(self, question: str) -> int:
        """The status with which a question is taken."""
        joined = self.http.post("gradio_api/queue/join", json=self._body("ask", question, ""))
        self._asked = joined.json().get("event_id")
        return joined.status_code

    def cancel(self) -> None:
        """Takes back what was asked last, as a program does."""
        body = self._body("ask") | {"event_id": self._asked}
        assert self.http.post("gradio_api/cancel", json=body).status_code == 200

    def tell(self, told: str) -> httpx.Response:
        """What comes of opening or taking back something, as the browser asks for it."""
        body = self._body("run_command", told)
        queued = self._numbers["run_command"] in self._queued
        path = "queue/join" if queued else "run/predict"
        return self.http.post(f"gradio_api/{path}", json=body)

    def kept(self) -> list[str]:
        """The ids of the conversations that are kept."""
        return [each["id"] for each in self.http.get("conversations").json()]

    def leaves_in_mid_answer(self) -> None:
        """Listens until the answer has begun, and then no more."""
        listening = {"session_hash": self.name}
        with self.http.stream("GET", "gradio_api/queue/data", params=listening) as stream:
            next(line for line in stream.iter_lines() if "For Long Nights" in line)

    def _body(self, function: str, *data: str) -> dict[str, object]:
        return {"fn_index": self._numbers[function], "data": data, "session_hash": self.name}


def is_kept(tab: Tab) -> bool:
    return len(tab.kept()) == 1


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def locking(file: Path) -> closing[sqlite3.Connection]:
    """Another program's connection."""
    return closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False))


def test_a_locked_database_holds_up_nobody_when_somebody_leaves(
    address: str, tmp_path: Path
) -> None:
    leaving, other = Tab(address, "leaving"), Tab(address, "other")
    assert leaving.ask("a slow one") == 200
    with locking(tmp_path / "conversations.db") as database:
        database.execute("BEGIN EXCLUSIVE")
        leaving.leaves_in_mid_answer()
        started = time.monotonic()
        while time.monotonic() - started < 1.5:
            asked = time.monotonic()
            assert other.http.get("config").status_code == 200
            assert other.tell("open ").status_code == 200
            assert time.monotonic() - asked < SOON_S
        database.execute("ROLLBACK")
    until(partial(is_kept, leaving))


def test_ending_the_server_keeps_what_is_being_answered(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from tests.helpers.coffee import FakeAdvisor, web_context
from tests.agent.web.page.test_many import dripping
from agent.web.server import serve
serve(web_context(Path(sys.argv[1]), FakeAdvisor(answers=dripping)), "127.0.0.1", 0)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout
    address = process.stdout.readline().split()[-1]
    asking = Tab(f"{address}/", "asking")
    asking.ask("a slow one")
    asking.leaves_in_mid_answer()
    Tab(f"{address}/", "another").ask("a slow one")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as database:
        kept = database.execute("SELECT note FROM turns").fetchall()
    assert kept == [("(stopped)",), ("(stopped)",)]


def test_what_waits_to_be_written_is_there_when_it_is_read(address: str, tmp_path: Path) -> None:
    tab = Tab(address, "tab")
    with locking(tmp_path / "conversations.db") as database:
        database.execute("BEGIN IMMEDIATE")  # it can be read meanwhile
        tab.ask("Which one at night?")
        with tab.http.stream(
            "GET", "gradio_api/queue/data", params={"session_hash": "tab"}
        ) as told:
            assert any("process_completed" in line for line in told.iter_lines())
        threading.Timer(0.5, database.execute, ["ROLLBACK"]).start()
        assert len(tab.kept()) == 1


def test_opening_and_taking_back_do_not_wait_for_questions(address: str) -> None:
    tab = Tab(address, "tab")
    tab.ask("Which one at night?")
    until(partial(is_kept, tab))
    [conversation] = tab.kept()
    askers = [Tab(address, f"asker {n}") for n in range(3 * MAX_WAITING + 1)]
    assert 503 in [asker.ask("a slow one") for asker in askers]  # the queue is full
    started = time.monotonic()
    opened = tab.tell(f"open {conversation} 1")
    assert "For Long Nights" in opened.text
    turn = re.search(r"tool undo\W+value=\W+(\w+)", opened.text)
    assert turn
    undone = tab.tell(f"undo {turn[1]} 2")
    assert "Which one at night?" in undone.json()["data"][1]
    assert time.monotonic() - started < SOON_S


def test_who_waits_is_rendered_only_when_its_place_changes(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, waiting = Tab(address, "first"), Tab(address, "waiting")
    first.ask("a slow one")
    rendered: list[str] = []
    as_it_is = chat.messages

    def counting(conversation: Conversation, about: Comparison) -> list[dict[str, str]]:
        rendered.extend(turn.note for turn in conversation.turns if "Waiting" in turn.note)
        return as_it_is(conversation, about)

    monkeypatch.setattr(chat, "messages", counting)
    waiting.ask("Which one at night?")
    until(lambda: bool(rendered))
    time.sleep(1)
    assert rendered == ["Waiting: 1 ahead of you"]


def test_a_question_that_waits_can_be_cancelled_at_once(address: str, advisor: FakeAdvisor) -> None:
    first, waiting = Tab(address, "first"), Tab(address, "waiting")
    first.ask("a slow one")
    until(lambda: len(advisor.histories) == 1)
    waiting.ask("Which one at night?")
    time.sleep(0.5)
    started = time.monotonic()
    waiting.cancel()
    until(partial(is_kept, waiting))
    assert time.monotonic() - started < SOON_S
    assert len(advisor.histories) == 1


def test_conversations_leave_no_threads_behind(address: str) -> None:
    counts = []
    for number in range(2 * MAX_WAITING):
        tab = Tab(address, f"tab {number}")
        tab.ask("Which one at night?")
        until(partial(is_kept, tab))
        counts.append(threading.active_count())
    assert counts[-1] <= max(counts[:MAX_WAITING]) + 3
