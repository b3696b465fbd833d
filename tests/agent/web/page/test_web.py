"""The page's server as programs and the shell meet it: its endpoint, its port, its end.

The advisor is a small fake. What a browser makes of the page is in test_chat.py.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from agent.errors import InputError, PortInUseError
from agent.web.server import claim_port, serve
from tests.helpers.coffee import ADVICE, FakeAdvisor, web_context
from tests.helpers.paths import ROOT

pytestmark = pytest.mark.slow

# asking from a program


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
    with pytest.raises(AppError, match=r"^Something went wrong. The log has the details\.$"):
        program.predict("break", api_name="/chat")


# the port


def test_a_port_in_use_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError) as caught:
            serve(web_context(tmp_path), "127.0.0.1", port)
    assert str(caught.value) == (
        f"Port {port} on 127.0.0.1 is in use. "
        "Stop the other program, or choose another with --port."
    )


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InputError, match=r"^The page cannot be served on 192\.0\.2\.1, port 0:"):
        claim_port("192.0.2.1", 0)


def test_serve_says_where_it_is_calls_nobody_and_ends_quietly_on_ctrl_c(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
sys.addaudithook(lambda event, args: event == "socket.connect" and print(args, file=sys.stderr))
from tests.helpers.coffee import web_context
from agent.web.server import serve
serve(web_context(Path(sys.argv[1])), "127.0.0.1", 0)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout
    said = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert re.fullmatch(r"The page is at http://127\.0\.0\.1:\d+\n", said)
    assert (process.returncode, rest, errors) == (0, "", "")
