"""What the page says, who may talk to its server, and how conversations go on it.

The advisor is a small fake. What a browser makes of the page is in test_page.py.
"""

import base64
import hashlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from gradio_client import Client  # type: ignore[import-untyped]  # it has no types
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]  # it has no types

from agent import page
from agent.answer import Answer, Citation, CitedText, Decision, Exchange
from agent.conversation import STOPPED, Conversation, Line, Turn
from agent.errors import InputUnusable, PortInUse
from agent.guard import is_loopback, policy
from agent.model import Cancelled
from agent.web import build_app, claim_port, serve
from knowledge.comparison import Comparison, Evidence, Passage

HERE = Path(__file__).parent

INTRODUCTION = Passage(1, "introduction", "Introduction", "Tea is leaves.\nCoffee is beans.")
CAFFEINE = Passage(
    2,
    "dimension",
    "Caffeine",
    "Tea: Some\nCoffee: More, and sooner",
    cells=("Some", "More, and sooner"),
)
NIGHTS = Passage(
    3, "best-for", "Long Nights", "Coffee keeps you up. It is bitter.", verdict="Coffee"
)
LONDON = Passage(4, "best-for", "Visits to London", "As in London, drink tea.", verdict="Tea")
COMPARISON = Comparison(
    "Tea vs Coffee",
    ("Tea", "Coffee"),
    "Both / Depends",
    "2026-03",
    (INTRODUCTION, CAFFEINE, NIGHTS, LONDON),
)
ADVICE = Answer(
    "Which one at night?",
    "Which one at night?",
    Decision(
        "advise",
        use_case=NIGHTS,
        verdict="Coffee",
        confidence=0.934,
        evidence=(Evidence(NIGHTS, 0.9), Evidence(INTRODUCTION, 0.5), Evidence(CAFFEINE, 0.4)),
    ),
    "For Long Nights, the document recommends Coffee [3]. It has more [2].",
    (Citation(3, NIGHTS.id, "Coffee keeps you up."), Citation(2, CAFFEINE.id, "Coffee: More")),
)
HOSTILE = "<script>alert(1)</script> ![](http://evil.example/x) [x](javascript:alert(1)) \"' &"


class FakeAdvisor:
    """Gives ADVICE word by word; some questions make it do something else."""

    comparison = COMPARISON

    def __init__(self) -> None:
        self.histories: list[Sequence[Exchange]] = []
        self.expected: list[Sequence[Exchange]] = []
        self.given_up = False

    def expect(self, history: Sequence[Exchange], cancel: threading.Event) -> None:
        self.expected.append(history)
        if history[-1].question == "long":
            self.given_up = cancel.wait(5)
            raise Cancelled

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        self.histories.append(history)
        if not question.strip():
            raise InputUnusable("The question is empty.")
        if question == "break":
            raise RuntimeError("a secret of the machine")
        words = ADVICE.text.split(" ")
        for count in range(len(words) + 1):
            yield replace(ADVICE, question=question, text=" ".join(words[:count]))
            if question == "slow" and cancel and cancel.wait(5):
                raise Cancelled


def asked(question: str, conversation: Conversation | None = None) -> Turn:
    """The last turn that a question comes to."""
    *_, turn = (conversation or Conversation()).ask(FakeAdvisor(), Line(), question)
    return turn


# what the page says


@pytest.mark.parametrize(
    ("decision", "badge"),
    [
        (
            Decision("advise", NIGHTS, "Coffee", confidence=0.934),
            "Coffee confidence 93 % Long Nights",
        ),
        (Decision("advise", NIGHTS, "Coffee"), "Coffee Long Nights"),
        (Decision("inform"), "No recommendation asked"),
        (Decision("abstain"), "Not covered by the comparison"),
    ],
)
def test_an_answer_begins_with_what_kind_of_answer_it_is(decision: Decision, badge: str) -> None:
    html = page.answer(Turn("", Answer("", "", decision, "It is so.")), COMPARISON)
    assert re.sub(r"<[^>]+>", "", html).startswith(badge + "It is so.")


def test_a_number_links_to_its_card_only_if_there_is_one() -> None:
    html = page.answer(Turn("", replace(ADVICE, text="So [3], and so [9].")), COMPARISON)
    assert 'href="#p-3" title="Evidence 3: Long Nights">[3]</a>, and so [9].' in html
    assert page.evidence([Turn("", ADVICE)], COMPARISON).count('id="p-3"') == 1


def test_beside_advice_stand_the_case_against_it_what_would_change_it_and_its_date() -> None:
    given = replace(
        ADVICE,
        against=CitedText("Coffee costs $40 a month [3].", (Citation(3, CAFFEINE.id, "Less"),)),
        would_change=CitedText(
            "If it is rather <b>London</b>, take tea [2].", (Citation(2, LONDON.id, "Tea"),)
        ),
    )
    shown = page.answer(Turn("?", given, running=False), COMPARISON)
    assert "<summary>The case against</summary><p>Coffee costs $40 a month" in shown
    assert "<summary>What would change this</summary><p>If it is rather &lt;b&gt;London" in shown
    assert 'href="#p-2"' in shown  # it is no evidence of the answer, and has a card all the same
    assert 'id="p-2"' in page.evidence([Turn("?", given, running=False)], COMPARISON)
    assert "Figures are as of" not in shown
    dated = replace(given, citations=(Citation(3, CAFFEINE.id, "Coffee: it costs $40"),))
    assert "Figures are as of 2026-03." in page.answer(Turn("?", dated, running=False), COMPARISON)
    assert "<details>" not in page.answer(Turn("?", given), COMPARISON)  # not while it is written


def test_evidence_shows_cited_passages_first_with_the_cited_sentence_marked() -> None:
    html = page.evidence([Turn("", ADVICE)], COMPARISON)
    assert re.findall(r'id="p-(\d)"', html) == ["3", "2", "1"]
    assert "<mark>Coffee keeps you up.</mark> It is bitter." in html
    assert "Use case" in html and "Table row" in html and "Introduction" in html


def test_a_table_row_is_shown_as_two_labelled_cells() -> None:
    cited = (Citation(2, CAFFEINE.id, "Coffee: More, and sooner"),)
    html = page.evidence([Turn("", replace(ADVICE, citations=cited))], COMPARISON)
    assert '<dt class="side-0">Tea</dt><dd>Some</dd>' in html
    assert '<dt class="side-1">Coffee</dt><dd><mark>More, and sooner</mark></dd>' in html


@pytest.mark.parametrize(
    ("quotes", "marked"),
    [
        (["Coffee keeps you up. It is bitter."], "<mark>Coffee keeps you up. It is bitter.</mark>"),
        (["It  is\nbitter."], "Coffee keeps you up. <mark>It is bitter.</mark>"),
        (["keeps you up. It", "you up."], "Coffee <mark>keeps you up. It</mark> is bitter."),
        (["Coffee keeps you up. It is sweet."], "<mark>Coffee keeps you up.</mark> It is bitter."),
        (["", "Nothing of it."], "Coffee keeps you up. It is bitter."),
    ],
)
def test_quotes_are_marked_where_they_stand(quotes: list[str], marked: str) -> None:
    citations = tuple(Citation(3, NIGHTS.id, quote) for quote in quotes)
    html = page.evidence([Turn("", replace(ADVICE, citations=citations))], COMPARISON)
    assert f"<p>{marked}</p>" in html


def test_passages_of_earlier_answers_stay_reachable_and_stand_once() -> None:
    evidence = (Evidence(LONDON, 0.9), Evidence(NIGHTS, 0.1))
    later = Answer("", "", Decision("inform", evidence=evidence), "Tea, in London.")
    html = page.evidence([Turn("", ADVICE), Turn("", later)], COMPARISON)
    now, earlier = html.split("Earlier in this conversation")
    assert re.findall(r'id="p-(\d)"', now) == ["4", "3"]
    assert re.findall(r'id="p-(\d)"', earlier) == ["2", "1"]


def test_what_others_wrote_is_shown_and_does_nothing() -> None:
    passage = Passage(1, "analysis", HOSTILE, HOSTILE + "\n\n" + HOSTILE, HOSTILE)
    decision = Decision("advise", passage, HOSTILE, evidence=(Evidence(passage, 1.0),))
    given = Answer("", "", decision, f"{HOSTILE} [1]", (Citation(1, HOSTILE, HOSTILE),))
    comparison = Comparison(HOSTILE, (HOSTILE, HOSTILE), HOSTILE, HOSTILE, (passage,))
    turn = Turn(HOSTILE, given, note=HOSTILE, running=False)
    for html in (
        page.header(comparison),
        page.question(turn),
        page.answer(turn, comparison),
        page.evidence([turn], comparison),
    ):
        assert "&lt;script&gt;" in html
        assert not re.search(r"<script|<img", html)
        assert {*re.findall(r'href="([^"]*)"', html)} <= {"#p-1"}
        # a line of its own would end the block, and begin Markdown
        assert "\n" not in html and html.startswith(("<div", "<section"))


def test_a_refused_question_is_shown_shortened() -> None:
    refused = Turn("long " * 1_000_000, note="The question is too long.", running=False)
    assert len(page.question(refused)) < 400


@pytest.mark.parametrize(
    ("use_case", "question"),
    [
        (NIGHTS, "Which should we choose for long nights?"),
        (LONDON, "Which should we choose for visits to London?"),
        (replace(NIGHTS, heading="ATMs on iOS"), "Which should we choose for ATMs on iOS?"),
    ],
)
def test_examples_ask_for_the_comparison_s_own_use_cases(use_case: Passage, question: str) -> None:
    assert page.example_question(COMPARISON, use_case) == question


# how a conversation goes


def test_a_question_ends_in_a_finished_turn() -> None:
    turn = asked("Which one?")
    assert turn.finished and turn.answer and turn.answer.text == ADVICE.text


def test_only_finished_turns_are_history() -> None:
    advisor, conversation, line = FakeAdvisor(), Conversation(), Line()
    for question in ("first", "break", "", "last"):
        list(conversation.ask(advisor, line, question))
    assert advisor.histories[-1] == [Exchange("first", ADVICE.standalone_question, ADVICE.text)]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_what_was_said_is_read_ahead_once_an_answer_is_complete() -> None:
    advisor, conversation, line = FakeAdvisor(), Conversation(), Line()
    list(conversation.ask(advisor, line, "break"))
    list(conversation.ask(advisor, line, "first"))
    said = Exchange("first", ADVICE.standalone_question, ADVICE.text)
    wait_until(lambda: advisor.expected == [[said]])


def test_reading_ahead_ends_when_somebody_asks_and_keeps_nobody_waiting() -> None:
    advisor, line = FakeAdvisor(), Line()
    started = time.monotonic()
    list(Conversation().ask(advisor, line, "long"))
    wait_until(lambda: len(advisor.expected) == 1)
    *_, turn = Conversation().ask(advisor, line, "another")
    wait_until(lambda: advisor.given_up)
    assert turn.finished and time.monotonic() - started < 3


def test_nothing_is_read_ahead_while_somebody_waits() -> None:
    advisor, line = FakeAdvisor(), Line()
    first = Conversation().ask(advisor, line, "first")
    next(first)
    next(first)
    waiting = line.wait("the next one", threading.Event())
    assert next(waiting) == 1
    list(first)
    time.sleep(0.05)
    assert advisor.expected == []


def test_an_error_of_ours_is_shown_as_its_one_line() -> None:
    turn = asked("  ")
    assert (turn.note, turn.refused) == ("The question is empty.", True)


def test_any_other_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        turn = asked("break")
    assert turn.note == "Something went wrong; the log says what."
    assert "a secret of the machine" in caplog.text


def test_stop_keeps_what_was_shown() -> None:
    conversation = Conversation()
    turns = conversation.ask(FakeAdvisor(), Line(), "slow")
    while not next(turns).answer:
        pass
    threading.Timer(0.05, conversation.stop).start()
    started = time.monotonic()
    *_, turn = turns
    assert time.monotonic() - started < 0.5
    assert turn.note == STOPPED and turn.answer and not turn.finished and not turn.refused


def test_a_conversation_given_up_half_way_lets_the_next_one_in() -> None:
    conversation, line = Conversation(), Line()
    turns = conversation.ask(FakeAdvisor(), line, "slow")
    for _ in range(2):
        next(turns)
    del turns
    assert conversation.cancel is None and conversation.turns[-1].note == STOPPED
    *_, turn = Conversation().ask(FakeAdvisor(), line, "Which one?")
    assert turn.finished


def test_questions_wait_in_line_and_can_be_stopped_there() -> None:
    line, first, second = Line(), Conversation(), Conversation()
    answering = first.ask(FakeAdvisor(), line, "slow")
    for _ in range(2):
        next(answering)
    waiting = second.ask(FakeAdvisor(), line, "Which one?")
    assert next(waiting).note == ""
    assert next(waiting).note == "Waiting: 1 ahead of you"
    second.stop()
    *_, turn = waiting
    assert turn.note == STOPPED and turn.answer is None


# who may talk to the server


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(build_app(FakeAdvisor()), base_url="http://127.0.0.1:7860")


def test_the_page_is_sealed(client: TestClient) -> None:
    headers = client.get("/", headers={"accept-encoding": "br, gzip"}).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'" and rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in rules["script-src"] and "http" not in headers["content-security-policy"]


def test_only_the_page_s_own_scripts_may_run(client: TestClient) -> None:
    response = client.get("/")
    scripts = re.findall(r"<script(?: data-gradio-mode)?>(.*?)</script>", response.text, re.DOTALL)
    assert len(scripts) > 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in response.headers["content-security-policy"]
    assert "sha256" not in policy(b'<script src="/x.js"></script>')


def test_the_page_is_titled_after_its_comparison(client: TestClient) -> None:
    assert client.get("/config").json()["title"] == "Tea vs Coffee"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""]
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "localhost"])
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/robots.txt", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_origins_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/gradio_api/queue/join", headers=headers, json={}).status_code == 403


def test_its_own_origin_is_let_in(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert client.post("/gradio_api/queue/join", headers=own, json={}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/openapi.json",
        "/gradio_api/openapi.json",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://evil.example/",
        "/gradio_api/vibe-edit",
        "/monitoring",
        "/login",
    ],
)
def test_what_the_page_does_not_need_is_not_there(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.text) == (404, "There is nothing here.\n")
    assert client.post(path).status_code == 404


def test_a_page_for_the_network_answers_to_any_name() -> None:
    client = TestClient(build_app(FakeAdvisor(), "0.0.0.0"), base_url="http://desk.example")
    assert client.get("/robots.txt").status_code == 200
    elsewhere = {"origin": "http://evil.example"}
    assert client.get("/robots.txt", headers=elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("name", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_is_loopback(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback


# asking from a program


@pytest.fixture(scope="module")
def advisor() -> FakeAdvisor:
    return FakeAdvisor()


@pytest.fixture(scope="module")
def address(advisor: FakeAdvisor) -> Iterator[str]:
    listener = claim_port("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(build_app(advisor), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture
def program(address: str) -> Client:
    return Client(address, verbose=False, analytics_enabled=False)


def test_a_program_gets_the_final_text(program: Client) -> None:
    assert program.predict("Which one at night?", api_name="/chat") == ADVICE.text
    endpoints = program.view_api(return_format="dict", print_info=False)
    assert list(endpoints["named_endpoints"]) == ["/chat"]
    assert [p["parameter_name"] for p in endpoints["named_endpoints"]["/chat"]["parameters"]] == [
        "question"
    ]


def test_questions_of_one_program_are_one_conversation(
    program: Client, advisor: FakeAdvisor, address: str
) -> None:
    for question in ("first", "second"):
        program.predict(question, api_name="/chat")
    assert [exchange.question for exchange in advisor.histories[-1]] == ["first"]
    Client(address, verbose=False, analytics_enabled=False).predict("other", api_name="/chat")
    assert advisor.histories[-1] == []


def test_a_program_gets_an_error_as_its_one_line(program: Client) -> None:
    with pytest.raises(AppError, match=r"^The question is empty\.$"):
        program.predict(" ", api_name="/chat")
    with pytest.raises(AppError, match=r"^Something went wrong; the log says what\.$"):
        program.predict("break", api_name="/chat")


# the port


def test_a_port_in_use_is_said_before_anything_is_loaded() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            serve(None, "127.0.0.1", port)  # type: ignore[arg-type]  # it does not get that far
    assert str(caught.value) == (
        f"Port {port} on 127.0.0.1 is in use. "
        "Stop the other program, or choose another with --port."
    )


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InputUnusable, match=r"^The page cannot be served on 192\.0\.2\.1, port 0:"):
        claim_port("192.0.2.1", 0)


def test_serve_says_where_it_is_calls_nobody_and_ends_quietly_on_ctrl_c() -> None:
    program = """
import sys
sys.addaudithook(lambda event, args: event == "socket.connect" and print(args, file=sys.stderr))
from test_web import FakeAdvisor
from agent.web import serve
serve(FakeAdvisor(), "127.0.0.1", 0)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parent)))},
    )
    assert process.stdout
    said = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert re.fullmatch(r"The page is at http://127\.0\.0\.1:\d+\n", said)
    assert (process.returncode, rest, errors) == (0, "", "")
