"""Who comes in: a new browser gets a cookie; where people log in, others see the log-in only.

What a link to the page asks for is taken along over the log-in.
"""

import secrets
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.users import COOKIE, Browsers, Users

MOST_CHARS = 100
KEPT_S = 365 * 24 * 3600
ASKED = ("q", "c")  # what page.js reads: a question, and a conversation
OPEN = ("/login", "/colours.css", "/page.css", "/favicon.ico")


class VisitorMiddleware:
    """Middleware that lets in whom `visitors` know."""

    def __init__(self, app: ASGIApp, visitors: Browsers | Users) -> None:
        self._app = app
        self._visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        known = bool(self._visitors.owner(request.cookies))
        app, path = self._app, scope["path"]
        if isinstance(self._visitors, Users):
            if not known and path not in OPEN:
                app = PlainTextResponse("Nobody is logged in.\n", 401)
                if path == "/" and scope["method"] == "GET":
                    app = RedirectResponse(f"/login{asked(request.url.query)}", 303)
        elif path == "/":  # one that is known gets the same again, so that it does not end
            token = request.cookies.get(COOKIE) or secrets.token_urlsafe(32)
            new = cookie(token[:MOST_CHARS], scope.get("scheme") == "https")

            async def send_with_cookie(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message).append("set-cookie", new)
                await send(message)

            await app(scope, receive, send_with_cookie)
            return
        await app(scope, receive, send)


def asked(query: str) -> str:
    """The part of a URL's `query` that a link to the page may have: "?q=…", or nothing."""
    kept = [(name, value) for name, value in parse_qsl(query) if name in ASKED]
    return f"?{urlencode(kept)}" if kept else ""


def cookie(token: str, secure: bool) -> str:
    """A Set-Cookie header that scripts and other sites' forms do not get to use."""
    found: SimpleCookie = SimpleCookie({COOKIE: token})
    morsel = found[COOKIE]
    morsel["max-age"], morsel["path"], morsel["samesite"] = str(KEPT_S), "/", "lax"
    morsel["httponly"] = True
    if secure:
        morsel["secure"] = True
    return morsel.OutputString()
