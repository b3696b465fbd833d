"""A model behind an OpenAI-compatible server: a small real one, on this machine.

Not covered: servers of certain makers; what they share is the wire format, which is spoken here.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import exp, log
from typing import Any

import pytest

from agent.errors import ModelUnavailableError
from agent.llm.base import CancelledError, Prompt, Usage
from agent.llm.served import ServedModel, ServedSession
from agent.urls import Url

QUESTION = Prompt(
    "Answer from the passages.", "Message: What is tea?", passages=("[1] Tea\nTea is leaves.\n",)
)
BEGUN = replace(QUESTION, reply="Use case:")


@dataclass
class Server:
    """What the server says, and what it was asked."""

    pieces: list[str] = field(default_factory=lambda: ["Tea ", "is ", "leaves."])
    status: int = 200
    breaks_off: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            state.keys.append(self.headers["Authorization"])
            state.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(state.status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            if state.status != 200:
                self.wfile.write(b'{"error": {"message": "no such\\nmodel"}}')
                return
            for piece in state.pieces:
                self.event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            if state.breaks_off:
                self.wfile.write(b"data: {nonsense\n\n")
                return
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            usage = {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23}
            cached = {"prompt_tokens_details": {"cached_tokens": 15}}
            self.event({"choices": [], "usage": usage | cached})
            self.wfile.write(b"data: [DONE]\n\n")

        def event(self, fields: dict[str, Any]) -> None:
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small"}
            self.wfile.write(f"data: {json.dumps(chunk | fields)}\n\n".encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def session(server: Server) -> Iterator[ServedSession]:
    with ServedModel("small", server.url, "").session() as session:
        yield session


def test_text_is_streamed_piece_by_piece(session: ServedSession) -> None:
    assert list(session.stream(QUESTION, 90)) == ["Tea ", "is ", "leaves."]


def test_tokens_processed_reused_and_written_are_counted(session: ServedSession) -> None:
    for _ in range(2):
        list(session.stream(QUESTION, 90))
    assert session.usage == Usage(prompt_read=10, prompt_reused=30, written=6)


def test_request_is_plain_text_and_greedy(server: Server, session: ServedSession) -> None:
    list(session.stream(QUESTION, 90, stop=["\n"]))
    [asked] = server.asked
    assert asked["messages"] == [
        {"role": "system", "content": "Answer from the passages."},
        {"role": "user", "content": "[1] Tea\nTea is leaves.\nMessage: What is tea?"},
    ]
    assert (asked["model"], asked["temperature"], asked["stop"]) == ("small", 0, ["\n"])
    assert 90 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))


@pytest.mark.parametrize("prompt", [BEGUN, replace(QUESTION, begun="Use case:")])
def test_text_to_be_continued_becomes_part_of_the_question(
    prompt: Prompt, server: Server, session: ServedSession
) -> None:
    list(session.stream(prompt, 90))
    *_, last = server.asked[0]["messages"]
    assert last == {
        "role": "user",
        "content": "[1] Tea\nTea is leaves.\nMessage: What is tea?\n\n"
        "Continue after this, without repeating it: Use case:",
    }


def test_key_is_sent_and_none_where_there_is_none(server: Server) -> None:
    for key in ("sk-secret", ""):
        with ServedModel("small", server.url, key).session() as session:
            list(session.stream(QUESTION, 90))
    assert server.keys == ["Bearer sk-secret", "Bearer none"]


@pytest.mark.parametrize(
    ("reply", "options", "named"),
    [
        ("Yes", ["yes", "no"], 0),
        ("No.", ["yes", "no"], 1),
        (" Startup MVP", [" Farm", " Startup MVP", " none"], 1),
        ("The use case is: **farm**", [" Farm", " Startup MVP", " none"], 0),
        ("none", [" Farm", " Startup MVP", " none"], 2),
        ("Startups' MVP", [" Farm", " Startup MVP", " none"], 1),  # the one most like it
        ("Solar Farm", [" Farm", " Solar Farm"], 1),
        # within other words, or after the choice, a name is none: "yes" was the longest that stood
        ("No, yesterday's figure is not there.", ["yes", "no"], 1),
        ("No: the passages do not say yes.", ["yes", "no"], 1),
        ("Yes, they note it.", ["yes", "no"], 0),
        ("", ["yes", "no"], 0),
    ],
)
def test_option_that_the_server_names_gets_nearly_all_the_weight(
    reply: str, options: list[str], named: int, server: Server, session: ServedSession
) -> None:
    server.pieces = [reply]
    [seen] = session.prefill([BEGUN], [options])
    found = seen.log_probabilities
    assert found.index(max(found)) == named
    assert found[named] == log(0.9)
    assert sum(map(exp, found)) == pytest.approx(1.0)


def test_options_are_asked_for_by_name(server: Server, session: ServedSession) -> None:
    session.prefill([BEGUN], [(" Farm", " none")])
    assert server.asked[0]["messages"][-1]["content"].endswith(
        "Reply with exactly one of: Farm; none. "
        "Continue after this, without repeating it: Use case:"
    )


def test_cancel_ends_the_stream(server: Server) -> None:
    cancel = threading.Event()
    with ServedModel("small", server.url, "").session(cancel) as session:
        pieces = session.stream(QUESTION, 90)
        assert next(pieces) == "Tea "
        cancel.set()
        with pytest.raises(CancelledError):
            next(pieces)


def test_server_that_answers_passes_the_check(server: Server) -> None:
    ServedModel("small", server.url, "").check()
    ServedModel("small", f"{server.url}/", "").check()


def refused(model: ServedModel) -> str:
    """The one line that asking `model` ends in."""
    with pytest.raises(ModelUnavailableError) as caught, model.session() as session:
        list(session.stream(QUESTION, 90))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_refused_connection_is_one_line_that_names_the_address() -> None:
    url = "http://127.0.0.1:9/v1"  # nobody listens there
    model = ServedModel("small", url, "")
    with pytest.raises(ModelUnavailableError) as caught:
        model.check()
    assert str(caught.value) == (
        f"The model server at {url} does not answer ([Errno 111] Connection refused). Start it, "
        "set ADVISOR_BASE_URL to where it is, or unset it to run the model here."
    )
    assert refused(model).startswith(f"The model server at {url} does not answer (")


@pytest.mark.parametrize("status", [400, 404])
def test_error_of_the_server_is_one_line_that_names_the_address(
    status: int, server: Server
) -> None:
    server.status = status
    line = refused(ServedModel("small", server.url, ""))
    assert line.startswith(f"The model server at {server.url} does not answer (Error code: ")
    assert str(status) in line


def test_stream_that_breaks_off_is_one_line_too(server: Server) -> None:
    server.breaks_off = True
    line = refused(ServedModel("small", server.url, ""))
    assert line.startswith(f"The model server at {server.url} does not answer (")


@pytest.mark.parametrize(
    "url",
    ["nonsense", "127.0.0.1:9", "http://[::1", "http://a..b/v1", "http://a\x7f/v1", "http://"],
)
def test_address_that_is_none_is_one_line_as_well(url: str) -> None:
    # some of these were refused before the first request, with a traceback
    with pytest.raises(ModelUnavailableError) as caught:
        ServedModel("small", url, "").check()
    assert str(caught.value).startswith(f"The model server at {Url(url)} does not answer (")
    assert "\n" not in str(caught.value)
