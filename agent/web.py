"""The page: a chat with an advisor, and the evidence beside it.

    serve(open_advisor(read_settings()), "127.0.0.1", 7860)

The one module that imports gradio. Conversations live on the server until their tab is closed;
nothing is kept on disk. Questions are answered one at a time, in the order they came.
Not covered: log-in. Whoever reaches the address can ask; keep it on loopback.
"""

import errno
import logging
import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse

from agent import page
from agent.conversation import AdvisorLike, Conversation, Line
from agent.errors import InputUnusable, PortInUse
from agent.guard import Guard, is_loopback

# gradio calls its makers when it is imported and when it starts, unless told before
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

import gradio as gr

HERE = Path(__file__).parent
MAX_CONVERSATIONS = 200
MAX_WAITING = 16

# what the page and gradio_client ask for; gradio answers to much more (uploads, files, a proxy)
PATHS = re.compile(
    r"/(?:config|theme\.css|favicon\.ico|page\.css|page\.js|robots\.txt)?"
    r"|/(?:assets|static)/.*"
    r"|/gradio_api/(?:info|app_id|cancel|reset|startup-events|queue/(?:join|data))/?"
    r"|/gradio_api/(?:call|heartbeat|run)/.*"
)
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def serve(advisor: AdvisorLike, host: str, port: int, trust: str = "") -> None:
    """Serve the page until interrupted; port 0 takes a free one. `trust` is of agent.page.trust.

    Raises what `claim_port` raises.
    """
    with claim_port(host, port) as listener:
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listener.getsockname()[1]}"
        app = build_app(advisor, host, trust)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
            _Server(config, address).run(sockets=[listener])


def claim_port(host: str, port: int) -> socket.socket:
    """A socket that listens there; closing or dropping it gives the port back.

    Raises PortInUse if another program has the port, InputUnusable if there is no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
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
            f"The page cannot be served on {host}, port {port}: {error.strerror}. "
            "Choose another address with --host or --port."
        ) from error
    return listener


class _Server(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"The page is at {self._address}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # tabs that are still open are cut off, which uvicorn would report with a traceback each
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def build_app(advisor: AdvisorLike, host: str = "127.0.0.1", trust: str = "") -> FastAPI:
    """The page as an application; on a loopback `host` it answers to loopback names only."""
    desk = Desk(advisor, trust)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.end()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(Guard, paths=PATHS, loopback=is_loopback(host))
    for name in ("page.css", "page.js"):
        app.get(f"/{name}")(_sending(HERE / name))
    gr.mount_gradio_app(
        app,
        desk.blocks(),
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        max_file_size=1,
        theme=gr.themes.Base(font=FONTS, font_mono=("ui-monospace", "monospace")).set(
            body_background_fill="#f6f5f1",  # before page.css is there
            body_background_fill_dark="#14161a",
        ),
        head='<link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>',
    )
    return app


def _sending(file: Path) -> Callable[[], FileResponse]:
    """Sends `file`; a parameter of its own would be one of the request's, and name any file."""
    return lambda: FileResponse(file)


class Desk:
    """Where questions come in: the page, and the conversations that it shows."""

    def __init__(self, advisor: AdvisorLike, trust: str = "") -> None:
        self._advisor = advisor
        self._trust = trust
        self._comparison = advisor.comparison
        self._line = Line()
        self._conversations: dict[str, Conversation] = {}

    def blocks(self) -> gr.Blocks:
        """The page itself."""
        use_cases = self._comparison.of_kind("best-for")
        questions = [page.example_question(self._comparison, case) for case in use_cases]
        title = self._comparison.title
        blocks = gr.Blocks(title=title, analytics_enabled=False, fill_width=True)
        with blocks:
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
                            placeholder="Describe your case",
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
                with gr.Column(elem_id="shelf", min_width=0):
                    evidence = _html(page.evidence([], self._comparison), "evidence")
                    _html(self._trust, "trust")
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            asking: dict[str, Any] = quiet | {
                "fn": self.ask,
                "inputs": box,
                "outputs": [chat, evidence, box, send, stop, renew],
                "concurrency_limit": MAX_WAITING,
            }
            gr.on([send.click, box.submit], **asking)
            picked = examples.click(lambda i: questions[i], examples, box, queue=False, **quiet)
            picked.then(**asking)
            stop.click(self.stop, queue=False, **quiet)
            renew.click(self.renew, outputs=[chat, evidence], queue=False, **quiet)
            gr.events.api(self.chat, api_name="chat", concurrency_limit=MAX_WAITING)
            blocks.unload(self.close)
        blocks.queue(max_size=2 * MAX_WAITING)
        return blocks

    def ask(self, question: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """What the page shows while `question` is answered."""
        conversation = self._conversation(request)
        if conversation.cancel:  # one at a time: this one stays in the box
            yield (gr.skip(),) * 6
            return
        entry: tuple[Any, ...] = ("", *_buttons(answering=True))
        for turn in conversation.ask(self._advisor, self._line, question):
            if not turn.running:
                kept = question if turn.refused else gr.skip()
                entry = (kept, *_buttons(answering=False))
            yield (*self._view(conversation), *entry)
            entry = (gr.skip(),) * 4

    def chat(self, question: str, request: gr.Request) -> Iterator[str]:
        """The growing text of the answer. Questions of one client are one conversation."""
        conversation = self._conversation(request)
        if conversation.cancel:
            raise gr.Error("Another question of this conversation is open. Wait for its answer.")
        for turn in conversation.ask(self._advisor, self._line, question):
            if turn.note and not turn.running:
                raise gr.Error(turn.note, print_exception=False)
            yield turn.answer.text if turn.answer else ""

    def stop(self, request: gr.Request) -> None:
        """End what is being answered, or waits to be."""
        self._conversation(request).stop()

    def renew(self, request: gr.Request) -> tuple[Any, ...]:
        """Forget the conversation; the next question begins another."""
        self.close(request)
        return self._view(Conversation())

    def close(self, request: gr.Request) -> None:
        """Stop and forget the conversation."""
        self.stop(request)
        self._conversations.pop(request.session_hash or "", None)

    def end(self) -> None:
        """Stop all that is being answered, so that the program can end."""
        for conversation in self._conversations.values():
            conversation.stop()

    def _conversation(self, request: gr.Request) -> Conversation:
        """The conversation of the tab or client that asks; the oldest make room for new ones."""
        key = request.session_hash or ""
        if key not in self._conversations:
            while len(self._conversations) >= MAX_CONVERSATIONS:
                self._conversations.pop(next(iter(self._conversations))).stop()
            self._conversations[key] = Conversation()
        return self._conversations[key]

    def _view(self, conversation: Conversation) -> tuple[list[dict[str, str]], str]:
        """The messages and the evidence."""
        messages = []
        for turn in conversation.turns:
            if turn.question.strip():
                messages.append({"role": "user", "content": page.question(turn)})
            answer = page.answer(turn, self._comparison)
            messages.append({"role": "assistant", "content": answer})
        return messages, page.evidence(conversation.turns, self._comparison)


def _html(html: str, elem_id: str) -> gr.Markdown:
    """A place for HTML that the browser sanitizes; gr.HTML would not, and needs eval."""
    return gr.Markdown(html, elem_id=elem_id, sanitize_html=True, latex_delimiters=[])


def _buttons(answering: bool) -> list[dict[str, Any]]:
    """Send, Stop and New conversation: whether they can be pressed."""
    return [gr.update(interactive=on) for on in (not answering, answering, not answering)]
