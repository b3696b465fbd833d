"""The application: a chat with an advisor in Gradio, and the evidence beside it.

    app = build_app(open_context(read_settings()))

The one module that imports gradio; the other routes are in agent.web.routes. Questions are answered
one at a time, in the order of their arrival. A conversation is stored after each turn.
Not covered: the page's look and behaviour (static/), and encryption on the way (a proxy's).
"""

import os
import re
import secrets
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, closing
from functools import partial
from typing import Any, TypeVar

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from agent.answering.suggestions import case_suggestion
from agent.conversations.conversation import Conversation
from agent.conversations.open import OpenConversations
from agent.errors import AdvisorError, ConversationBusyError
from agent.urls import Hosts
from agent.web import chat
from agent.web.authentication import BrowserCookieMiddleware, CookieBackend, ask_to_log_in
from agent.web.context import WebContext
from agent.web.documents import may_add
from agent.web.middleware import OwnRequestsMiddleware, SecurityHeadersMiddleware, allowed_hosts
from agent.web.pages import COMPARISON, Pages
from agent.web.routes import error_as_json, routes
from agent.web.site import FILES, site_routes
from agent.web.threads import iterate_in_threads
from agent.web.uploads import Uploads

# gradio calls its makers when it is imported and when it starts, unless told before
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

import gradio as gr

MAX_WAITING = 16
T = TypeVar("T")

# what the page and gradio_client ask for; gradio answers to much more (uploads, files, a proxy)
OF_A_COMPARISON = (
    r"/(?:config|theme\.css|favicon\.ico|robots\.txt)?"
    r"|/(?:panels|status|feedback|conversations(?:/\w+(?:/(?:title|weights|export\.\w+))?)?)"
    r"|/(?:assets|static)/.*"
    r"|/gradio_api/(?:info|app_id|cancel|reset|startup-events|queue/(?:join|data))/?"
    r"|/gradio_api/(?:call|heartbeat|run)/.*"
)
PATHS = re.compile(
    rf"(?:{COMPARISON})?(?:{OF_A_COMPARISON})|{COMPARISON}"
    rf"|/(?:{'|'.join(map(re.escape, FILES))}|comparisons|documents(?:/\w+(?:/\w+)?)?)"
)
LOG_IN_PATHS = re.compile(rf"{PATHS.pattern}|/log(?:in|out)")  # gradio has some of its own
NO_HOSTS = Hosts()
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def build_app(context: WebContext, host: str = "127.0.0.1", hosts: Hosts = NO_HOSTS) -> FastAPI:
    """The application; its start page is that of `context`. On a loopback `host`, or with `hosts`,
    it answers to loopback names and those of `hosts` only.
    """
    middleware = [
        Middleware(SecurityHeadersMiddleware),
        Middleware(
            TrustedHostMiddleware, allowed_hosts=allowed_hosts(host, hosts), www_redirect=False
        ),
        Middleware(OwnRequestsMiddleware, paths=LOG_IN_PATHS if context.users else PATHS),
        Middleware(
            AuthenticationMiddleware, backend=CookieBackend(context.users), on_error=ask_to_log_in
        ),
    ]
    if not context.users:
        middleware.append(Middleware(BrowserCookieMiddleware))
    pages = Pages(context, page_app)
    library = context.library
    uploads = Uploads(library) if library and may_add(context, host, hosts) else None
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=pages.lifespan,
        middleware=middleware,
    )
    app.add_exception_handler(AdvisorError, error_as_json)
    app.include_router(site_routes(context, uploads))
    app.mount("/comparisons/{slug}", pages)
    app.mount("/", pages)
    return app


def page_app(context: WebContext) -> FastAPI:
    """The page of one comparison, beneath whatever path it is mounted at."""
    open_conversations = OpenConversations(context.store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        open_conversations.end()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_exception_handler(AdvisorError, error_as_json)
    app.include_router(routes(context, open_conversations))
    gr.mount_gradio_app(
        app,
        Page(context, open_conversations).blocks(),
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
        head='<link rel="stylesheet" href="/colours.css"><link rel="stylesheet" href="/page.css">'
        '<script type="module" src="/page.js"></script>',
    )
    return app


class Page:
    """The page in Gradio's blocks, and the endpoint for programs."""

    def __init__(self, context: WebContext, open_conversations: OpenConversations) -> None:
        self._context = context
        self._open = open_conversations
        self._comparison = context.comparison
        self._queue = context.queue
        self._pool = ThreadPoolExecutor(2 * MAX_WAITING, "answers")

    def blocks(self) -> gr.Blocks:
        examples = [
            case_suggestion(self._comparison, case) for case in self._comparison.of_kind("best-for")
        ]
        blocks = gr.Blocks(title=self._comparison.title, analytics_enabled=False, fill_width=True)
        with blocks:
            with gr.Row(elem_id="top"):
                _html(chat.header(self._comparison), "header")
                new = gr.Button("New conversation", size="sm", elem_id="new-conversation", scale=0)
            with gr.Row(elem_id="main"):
                with gr.Column(elem_id="sidebar", min_width=0):
                    _html(chat.sidebar(log_out=bool(self._context.users)), "conversation-list")
                with gr.Column(elem_id="chat-column", min_width=0):
                    messages = gr.Chatbot(
                        elem_id="chat",
                        show_label=False,
                        container=False,
                        height=None,
                        layout="bubble",
                        buttons=[],
                        feedback_options=None,
                        sanitize_html=True,
                        allow_tags=False,
                        autoscroll=False,  # page.js does, and keeps the verdict in sight
                        latex_delimiters=[],
                        placeholder=chat.welcome(),
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
                    _html(chat.examples(examples), "examples")
                with gr.Column(elem_id="panels", min_width=0):
                    _html('<div id="panel-root"></div>', "panels-html")
            # page.js writes into them: docs/decisions/gradio-events.md
            target = gr.Textbox(visible="hidden", elem_id="target", label="Target")
            command = gr.Textbox(visible="hidden", elem_id="command", label="Command")
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            gr.on(
                [send.click, box.submit],
                self.ask,
                inputs=[box, target],
                outputs=[messages, box, send, stop, new],
                concurrency_limit=MAX_WAITING,
                **quiet,
            )
            # at once, however many questions wait in the queue
            command.change(self.run_command, command, [messages, box], queue=False, **quiet)
            new.click(self.begin_conversation, outputs=messages, queue=False, **quiet)
            stop.click(self.stop, queue=False, **quiet)
            gr.events.api(self.chat, api_name="chat", concurrency_limit=MAX_WAITING)
            blocks.unload(self.close)
        blocks.queue(max_size=2 * MAX_WAITING)
        return blocks

    async def ask(
        self, question: str, target: str, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """What the page shows while `question` is answered.

        `target` is the id of the conversation on the page and, if the question replaces a turn and
        all after it, a space and that turn's id.
        """
        async with self._stream(partial(self._answer, question, target, request)) as shown:
            async for each in shown:
                yield each

    def _answer(
        self, question: str, target: str, request: gr.Request, cancel: threading.Event
    ) -> Generator[tuple[Any, ...], None, None]:
        conversation_id, _, turn_id = target.partition(" ")
        owner, tab = _owner_and_tab(request)
        conversation = self._open.open(owner, tab, conversation_id)
        nothing = (gr.skip(),) * 5
        if turn_id and conversation.index_of(turn_id) is None:  # undone in another tab
            yield (self._messages(conversation), *nothing[1:])
            return
        entry: tuple[Any, ...] = ("", *_buttons(answering=True))
        running = True
        try:
            turns = conversation.ask(self._context.advisor, self._queue, question, turn_id, cancel)
            with closing(turns):
                for turn in turns:
                    running = turn.running
                    if not running:
                        left = question if turn.refused else gr.skip()
                        entry = (left, *_buttons(answering=False))
                        self._open.save(owner, conversation)
                    shown = self._open.shows(owner, tab, conversation)
                    yield (self._messages(conversation) if shown else gr.skip(), *entry)
                    entry = nothing[1:]
        except ConversationBusyError:  # the question stays in the box
            running = False  # what runs is saved by whoever asked it
            yield nothing
        finally:
            if running:  # closed half-way
                self._open.save(owner, conversation)

    async def chat(self, question: str, request: gr.Request) -> AsyncGenerator[str, None]:
        """The growing text of the answer. Questions of one client are one conversation."""
        async with self._stream(partial(self._text, question, request)) as texts:
            async for text in texts:
                yield text

    def _text(
        self, question: str, request: gr.Request, cancel: threading.Event
    ) -> Generator[str, None, None]:
        conversation = self._conversation(request)
        try:
            turns = conversation.ask(self._context.advisor, self._queue, question, cancel=cancel)
            with closing(turns):
                for turn in turns:
                    if turn.note and not turn.running:
                        raise gr.Error(turn.note, print_exception=False)
                    yield turn.answer.text if turn.answer else ""
        except ConversationBusyError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def run_command(self, command: str, request: gr.Request) -> tuple[Any, ...]:
        """Runs "open ID", "undo ID" or "strike PLACE" of page.js. Returns messages, and an undone
        question.
        """
        verb, name, *_ = [*command.split(" "), "", ""]
        owner, tab = _owner_and_tab(request)
        conversation = self._open.open(owner, tab, name if verb == "open" else "")
        question: Any = gr.skip()
        if verb == "undo" and (turn := conversation.undo(name)):
            question = turn.question
            self._open.save(owner, conversation)
        if verb == "strike" and name.isdecimal() and conversation.strike(int(name)):
            self._open.save(owner, conversation)
        shown = self._messages(conversation)
        if verb == "open" and name and conversation.id != name:
            shown.append(chat.missing())
        return shown, question

    def stop(self, request: gr.Request) -> None:
        """Stops the open question of the tab's conversation."""
        self._conversation(request).stop()

    def begin_conversation(self, request: gr.Request) -> list[Any]:
        """An empty chat; the next question begins another conversation."""
        self.close(request)
        return []

    def close(self, request: gr.Request) -> None:
        """The tab is closed, or begins another conversation."""
        self._open.close(*_owner_and_tab(request))

    def _stream(
        self, answer: Callable[[threading.Event], Generator[T, None, None]]
    ) -> aclosing[AsyncGenerator[T, None]]:
        """The items of `answer`, whose event is set when nobody listens any more."""
        cancel = threading.Event()
        return aclosing(
            iterate_in_threads(self._pool, answer(cancel), partial(self._queue.cancel, cancel))
        )

    def _conversation(self, request: gr.Request) -> Conversation:
        return self._open.open(*_owner_and_tab(request))

    def _messages(self, conversation: Conversation) -> list[dict[str, str]]:
        return chat.messages(conversation, self._comparison)


def _owner_and_tab(request: gr.Request) -> tuple[str, str]:
    """A request that names no tab has one of its own."""
    return request.user.display_name, request.session_hash or secrets.token_hex(8)


def _html(html: str, elem_id: str) -> gr.Markdown:
    """HTML that the browser sanitizes; gr.HTML does not, and needs eval."""
    return gr.Markdown(html, elem_id=elem_id, sanitize_html=True, latex_delimiters=[])


def _buttons(answering: bool) -> list[dict[str, Any]]:
    """Send, Stop and New conversation: whether they can be pressed."""
    return [gr.update(interactive=on) for on in (not answering, answering, not answering)]
