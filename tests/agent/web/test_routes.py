"""What the page asks for beside Gradio, as HTTP: only one's own, and errors in one line."""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from agent.conversations.conversation import Conversation, Turn
from agent.errors import LoginError
from agent.web.app import build_app
from agent.web.authentication import COOKIE, owner_of
from agent.web.context import WebContext
from agent.web.users import Users, write_user
from tests.helpers.coffee import ADVICE, web_context

pytestmark = pytest.mark.slow

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
BASE = "http://127.0.0.1:7860"


@pytest.fixture
def context(tmp_path: Path) -> WebContext:
    return web_context(tmp_path)


@pytest.fixture
def client(context: WebContext) -> Iterator[TestClient]:
    client = TestClient(build_app(context), base_url=BASE)
    client.get("/")  # gives it its cookie
    yield client


@pytest.fixture
def said(context: WebContext, client: TestClient) -> Conversation:
    """A conversation of the client's."""
    turns = [Turn("Which one at night?", ADVICE, running=False)]
    conversation = Conversation(turns=turns)
    context.store.save(owner_of(client.cookies[COOKIE]), conversation)
    return conversation


def test_a_browser_gets_one_cookie_that_scripts_cannot_read(context: WebContext) -> None:
    client = TestClient(build_app(context), base_url=BASE)
    header = client.get("/").headers["set-cookie"]
    assert "HttpOnly" in header and "SameSite=lax" in header and "Path=/" in header
    assert len(client.cookies[COOKIE]) > 40
    assert client.get("/").headers["set-cookie"] == header  # for another year
    assert "set-cookie" not in client.get("/panels").headers


def test_over_tls_the_cookie_stays_there(context: WebContext) -> None:
    client = TestClient(build_app(context), base_url="https://127.0.0.1:7860")
    assert "Secure" in client.get("/").headers["set-cookie"]


def test_conversations_are_listed_searched_renamed_and_deleted(
    client: TestClient, said: Conversation
) -> None:
    [listed] = client.get("/conversations").json()
    assert (listed["id"], listed["title"]) == (said.id, "Which one at night?")
    assert client.get("/conversations", params={"search": "milk"}).json() == []
    renamed = client.post(f"/conversations/{said.id}/title", json={"title": "Night"})
    assert renamed.json() == {"title": "Night"}
    assert client.delete(f"/conversations/{said.id}").status_code == 200
    assert client.get("/conversations").json() == []


def test_another_browser_gets_nothing_of_it(context: WebContext, said: Conversation) -> None:
    other = TestClient(build_app(context), base_url=BASE)
    other.get("/")
    assert other.get("/conversations").json() == []
    for response in (
        other.post(f"/conversations/{said.id}/title", json={"title": "Mine"}),
        other.delete(f"/conversations/{said.id}"),
        other.get(f"/conversations/{said.id}/export.md"),
        other.get(f"/conversations/{said.id}/weights"),
        other.post("/feedback", json={"turn": said.turns[0].id, "good": True}),
    ):
        assert response.status_code == 404
        assert response.json()["error"].startswith("You have no conversation")


def test_without_a_cookie_there_are_no_conversations(context: WebContext) -> None:
    client = TestClient(build_app(context), base_url=BASE)
    assert client.get("/conversations").status_code == 401


def test_a_conversation_can_be_taken_along_with_the_weighed_table(
    client: TestClient, said: Conversation
) -> None:
    path = f"/conversations/{said.id}/export"
    response = client.get(f"{path}.md", params={"weighed": "[[4, 0.6], [0, -1]]"})
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert "Weighed together: Tea 20%, Coffee 80%." in response.text
    assert json.loads(client.get(f"{path}.json").text)["title"] == "Which one at night?"
    assert client.get(f"{path}.html").text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("weighed", "line"),
    [
        ("nonsense", '"nonsense" is no list of [weight, leans].'),
        ("[1]", '"[1]" is no list of [weight, leans].'),
        ("[[4, 0.6]]", "The table has 2 rows, "),
        ("[[4, 0.6], [6, 0]]", "The table has 2 rows, weights from 0 to 5 "),
        ("[[4, 0.6], [NaN, 0]]", "The table has 2 rows, "),
    ],
)
def test_a_table_that_is_weighed_wrongly_is_one_line(
    client: TestClient, said: Conversation, weighed: str, line: str
) -> None:
    response = client.get(f"/conversations/{said.id}/export.md", params={"weighed": weighed})
    assert response.status_code == 400
    assert response.json()["error"].startswith(line)


def test_an_export_has_one_of_three_forms(client: TestClient, said: Conversation) -> None:
    response = client.get(f"/conversations/{said.id}/export.pdf")
    assert response.status_code == 400
    assert response.json() == {"error": '"pdf" is no format. Use one of md, html, json.'}


def test_feedback_is_kept(context: WebContext, client: TestClient, said: Conversation) -> None:
    sent = {"turn": said.turns[0].id, "good": False, "comment": "It forgot milk."}
    assert client.post("/feedback", json=sent).status_code == 200
    [kept] = context.store.feedback()
    assert (kept.good, kept.comment) == (False, "It forgot milk.")


def test_what_matters_comes_with_the_message_that_says_so(
    client: TestClient, said: Conversation
) -> None:
    assert client.get(f"/conversations/{said.id}/weights").json() == [
        {"number": 2, "weight": 4, "because": "Which one at night?"}
    ]


def test_other_sites_change_nothing(client: TestClient, said: Conversation) -> None:
    elsewhere = {"origin": "http://evil.example"}
    response = client.delete(f"/conversations/{said.id}", headers=elsewhere)
    assert response.status_code == 403
    assert len(client.get("/conversations").json()) == 1


# logging in


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A page that asks everybody to log in; hashes cost nothing."""
    monkeypatch.setattr("agent.web.users.HASHER", CHEAP)
    for name in ("ada", "bob"):
        write_user(tmp_path / "users", name, f"secret of {name}")
    context = web_context(tmp_path, users=Users(tmp_path / "users"))
    return TestClient(build_app(context), base_url=BASE, follow_redirects=False)


def test_who_is_not_logged_in_sees_the_log_in_and_nothing_else(guarded: TestClient) -> None:
    response = guarded.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert guarded.get("/login").status_code == 200
    for path in ("/panels", "/config", "/conversations", "/gradio_api/info", "/page.js"):
        assert guarded.get(path).status_code == 401, path
    assert guarded.post("/gradio_api/queue/join", json={}).status_code == 401
    assert guarded.post("/feedback", json={}).status_code == 401


def test_logging_in_opens_the_page_and_logging_out_closes_it(guarded: TestClient) -> None:
    form = {"name": "ada", "password": "secret of ada"}
    response = guarded.post("/login", data=form)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert guarded.get("/comparisons/tea-vs-coffee/").status_code == 200
    assert guarded.get("/conversations").json() == []
    assert guarded.post("/logout").headers["location"] == "/login"
    assert guarded.get("/").status_code == 303


ASKED = "Milk & sugar + #1, or „für Österreich“ 100%? Both=fine; ok"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"q": ASKED}, {"q": ASKED}),
        ({"c": "c1f2"}, {"c": "c1f2"}),
        ({"q": ASKED, "c": "c1f2"}, {"q": ASKED, "c": "c1f2"}),
        ({"next": "//evil.example", "q": "//evil.example/", "x": "1"}, {"q": "//evil.example/"}),
        ({"q": "a\r\nLocation: //evil.example"}, {"q": "a\r\nLocation: //evil.example"}),
        ({"next": "https://evil.example"}, {}),
        ({}, {}),
    ],
)
def test_what_a_link_asks_for_is_taken_along_over_the_log_in(
    guarded: TestClient, query: dict[str, str], kept: dict[str, str]
) -> None:
    def led_to(status: int, location: str) -> str:
        assert status == 303
        found = urlsplit(location)
        assert (found.scheme, found.netloc, found.fragment) == ("", "", "")
        assert dict(parse_qsl(found.query)) == kept
        return found.path

    first = guarded.get("/", params=query)
    assert led_to(first.status_code, first.headers["location"]) == "/login"
    form = guarded.get(first.headers["location"])
    [action] = re.findall(r'<form method="post" action="([^"]*)">', form.text)
    refused = guarded.post(unescape(action), data={"name": "ada", "password": "guess"})
    assert refused.status_code == 403
    [action] = re.findall(r'<form method="post" action="([^"]*)">', refused.text)
    right = {"name": "ada", "password": "secret of ada"}
    let_in = guarded.post(unescape(action), data=right)
    assert led_to(let_in.status_code, let_in.headers["location"]) == "/"


def test_others_are_served_while_a_password_is_hashed(
    guarded: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def slow(*_: str) -> str:
        begun.set()
        assert end.wait(30)
        raise LoginError("late")

    monkeypatch.setattr(Users, "log_in", slow)

    def guess(_: int) -> int:
        return guarded.post("/login", data={"name": "ada", "password": "guess"}).status_code

    with guarded, ThreadPoolExecutor(60) as pool:  # more than there are threads for requests
        guesses = pool.map(guess, range(60))
        assert begun.wait(30)
        time.sleep(0.5)  # until all of them wait
        asked = time.monotonic()
        assert guarded.get("/login").status_code == 200  # needs a thread too
        assert time.monotonic() - asked < 5
        end.set()
        assert list(guesses) == [403] * 60


def test_a_wrong_password_is_said_on_the_page(guarded: TestClient) -> None:
    form = {"name": "<b>ada", "password": "guess"}
    response = guarded.post("/login", data=form)
    assert response.status_code == 403
    assert '<p role="alert">Wrong user name or password.</p>' in response.text
    assert 'value="&lt;b&gt;ada"' in response.text


def test_too_many_wrong_passwords_lock_the_door(guarded: TestClient) -> None:
    for _ in range(5):
        guarded.post("/login", data={"name": "ada", "password": "guess"})
    response = guarded.post("/login", data={"name": "ada", "password": "secret of ada"})
    assert response.status_code == 403
    assert "Too many wrong passwords. Try again in 15 minutes." in response.text
    assert guarded.get("/").status_code == 303
