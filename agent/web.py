"""The page: a chat with an advisor, and the evidence beside it.

    serve(open_advisor(read_settings()), "127.0.0.1", 7860)

The one module that imports gradio. Conversations live here, on the server, until their tab is
closed; nothing is kept on disk. Questions are answered one at a time, in the order they came.
Not covered: log-in. Whoever reaches the address can ask; keep it on loopback.
"""

import errno
import logging
import os
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse

from agent import page
from agent.answer import Answer, Exchange
from agent.errors import InputUnusable, PortInUse
from agent.model import Cancelled
from agent.page import Shown
from knowledge.comparison import Comparison

# gradio calls its makers when it is imported and when it starts, unless told before
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

import gradio as gr

HERE = Path(__file__).parent
MAX_CONVERSATIONS = 200
MAX_WAITING = 16

# what the page and gradio_client ask for; gradio answers to much more (uploads, files, a proxy)
PATHS = re.compile(
    r"/|/(?:config|theme\.css|favicon\.ico|page\.(?:css|js)|robots\.txt)/?"
    r"|/(?:assets|static)/.*"
    r"|/gradio_api/(?:info|app_id|cancel|reset|startup-events|queue/(?:join|data))/?"
    r"|/gradio_api/(?:call|heartbeat|run)/.*"
)

log = logging.getLogger(__name__)


class AdvisorLike(Protocol):
    """What the page needs of an advisor; agent.advisor.Advisor is one."""

    @property
    def comparison(self) -> Comparison: ...

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]: ...


def claim_port(host: str, port: int) -> socket.socket:
    """A socket that listens there; closing it, or dropping it, gives the port back.

    Raises PortInUse if another program has the port, InputUnusable if there is no such address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":  # elsewhere it would share the port with another program
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} on {host} is in use. "
                "Stop the other program, or choose another with --port."
            ) from error
        raise InputUnusable(
            f"The page cannot be served on {host}:{port}: {error.strerror}. "
            "Choose another address with --host or --port."
        ) from error
    return listener


def serve(advisor: AdvisorLike, host: str, port: int) -> None:
    """Serve the page until interrupted; port 0 takes a free one.

    Raises what `claim_port` raises.
    """
    with claim_port(host, port) as listener:
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            build_app(advisor, host), log_level="warning", timeout_graceful_shutdown=2
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
            _Server(config, address).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"The page is at {self._address}", flush=True)


def build_app(advisor: AdvisorLike, host: str = "127.0.0.1") -> FastAPI:
    """The page as an application; on a loopback `host` it answers to loopback names only."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, loopback=_is_loopback(host))

    @app.get("/page.css")
    def page_css() -> FileResponse:
        return FileResponse(HERE / "page.css")

    @app.get("/page.js")
    def page_js() -> FileResponse:
        return FileResponse(HERE / "page.js")

    system = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
    return gr.mount_gradio_app(
        app,
        Desk(advisor).blocks(),
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        max_file_size=1,
        theme=gr.themes.Base(font=system, font_mono=("ui-monospace", "monospace")),
        head='<link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>',
    )


class Line:
    """Who is to be answered next: first come, first served."""

    def __init__(self) -> None:
        self._tickets: list[object] = []

    def wait(self, ticket: object, cancel: threading.Event) -> Iterator[int]:
        """How many are ahead, whenever that changes, until none is. Raises Cancelled."""
        self._tickets.append(ticket)
        told = 0
        while ahead := self._tickets.index(ticket):
            if ahead != told:
                yield ahead
                told = ahead
            if cancel.wait(0.1):
                raise Cancelled

    def leave(self, ticket: object) -> None:
        """Make room; does nothing for a ticket that never waited."""
        if ticket in self._tickets:
            self._tickets.remove(ticket)


@dataclass
class Conversation:
    """The turns of one tab. `cancel` is there while a question of it is being answered."""

    turns: list[Shown] = field(default_factory=list)
    cancel: threading.Event | None = None

    @property
    def history(self) -> list[Exchange]:
        return [turn.answer.exchange for turn in self.turns if turn.answer and turn.finished]


class Desk:
    """Where questions come in: the conversations about one comparison, and their page."""

    def __init__(self, advisor: AdvisorLike) -> None:
        self._advisor = advisor
        self._comparison = advisor.comparison
        self._line = Line()
        self._conversations: dict[str, Conversation] = {}

    def blocks(self) -> gr.Blocks:
        """The page itself."""
        use_cases = self._comparison.of_kind("best-for")
        questions = [page.example_question(self._comparison, case) for case in use_cases]
        with gr.Blocks(
            title=self._comparison.title, analytics_enabled=False, fill_width=True
        ) as blocks:
            with gr.Row(elem_id="top"):
                _html(page.header(self._comparison), "header")
                renew = gr.Button("New conversation", size="sm", elem_id="renew", scale=0)
            with gr.Row(elem_id="desk"):
                with gr.Column(elem_id="talk", min_width=0):
                    chat = gr.Chatbot(
                        elem_id="chat",
                        show_label=False,
                        container=False,
                        height=None,
                        layout="bubble",
                        buttons=[],
                        feedback_options=None,
                        sanitize_html=True,
                        allow_tags=False,
                        latex_delimiters=[],
                        placeholder=page.welcome(),
                    )
                    with gr.Row(elem_id="entry"):
                        box = gr.Textbox(
                            label="Your question",
                            show_label=False,
                            container=False,
                            placeholder="Describe your case …",
                            max_lines=6,
                            autofocus=True,
                            elem_id="box",
                        )
                        send = gr.Button("Send", variant="primary", elem_id="send", scale=0)
                        stop = gr.Button("Stop", interactive=False, elem_id="stop", scale=0)
                    examples = gr.Dataset(
                        label="Ask about a use case",
                        components=[box],
                        samples=[[question] for question in questions],
                        sample_labels=[case.heading for case in use_cases],
                        samples_per_page=max(len(questions), 1),
                        type="index",
                        elem_id="examples",
                        visible=bool(questions),
                    )
                with gr.Column(elem_id="evidence", min_width=0):
                    evidence = _html(page.evidence([], self._comparison), "shelf")
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            asking: dict[str, Any] = quiet | {
                "fn": self.ask,
                "inputs": box,
                "outputs": [chat, evidence, box, send, stop, renew],
                "concurrency_limit": MAX_WAITING,
            }
            gr.on([send.click, box.submit], **asking)
            examples.click(questions.__getitem__, examples, box, queue=False, **quiet).then(
                **asking
            )
            stop.click(self.stop, queue=False, **quiet)
            renew.click(self.renew, outputs=[chat, evidence], queue=False, **quiet)
            gr.api(self.chat, api_name="chat", concurrency_limit=MAX_WAITING)
            blocks.unload(self.close)
        return blocks.queue(max_size=2 * MAX_WAITING)

    def chat(self, question: str, request: gr.Request) -> Iterator[str]:
        """The growing text of the answer. Questions of one client are one conversation."""
        for turn in self._answered(self._conversation(request), question):
            if turn.note and not turn.running:
                raise gr.Error(turn.note, print_exception=False)
            yield turn.answer.text if turn.answer else ""

    def ask(self, question: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """What the page shows while `question` is answered."""
        conversation = self._conversation(request)
        entry: tuple[Any, ...] = ("", *_buttons(running=True))
        for turn in self._answered(conversation, question):
            if not turn.running:
                refused = turn.answer is None and bool(turn.note)
                entry = (question if refused else gr.skip(), *_buttons(running=False))
            yield (*self._view([*conversation.turns, turn]), *entry)
            entry = (gr.skip(),) * 4

    def stop(self, request: gr.Request) -> None:
        """End what is being answered, or waits to be."""
        if cancel := self._conversation(request).cancel:
            cancel.set()

    def renew(self, request: gr.Request) -> tuple[Any, ...]:
        """Forget the conversation; the next question begins another."""
        self.close(request)
        return self._view([])

    def close(self, request: gr.Request) -> None:
        """Stop and forget the conversation."""
        self.stop(request)
        self._conversations.pop(request.session_hash or "", None)
