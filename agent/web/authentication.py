"""Whose request it is: Starlette's authentication, by one cookie.

    Middleware(AuthenticationMiddleware, backend=CookieBackend(users), on_error=ask_to_log_in)
    request.user.display_name     the owner, "user ada" or "browser 1f…"; empty without one

Without a users file, every browser gets a random cookie, and is an owner of its own. With one, the
cookie comes from the log-in (agent.web.login), and nothing but the log-in is served without it.
"""

import secrets
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, HTTPException
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
)
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.middleware import PAGE
from agent.web.users import Users, digest

COOKIE = "advisor"
MAX_TOKEN_CHARS = 100
COOKIE_AGE_S = 365 * 24 * 3600
LINK_PARAMETERS = ("q", "c", "comparison")  # a question, a conversation, and a slug
PUBLIC = ("/login", "/colours.css", "/page.css", "/favicon.ico")


def owner_of(token: str, users: Users | None = None) -> str:
    """Whose conversations the token of a cookie opens; empty if nobody's."""
    if users is None:
        return f"browser {digest(token)}" if token else ""
    name = users.logged_in(token)
    return f"user {name}" if name else ""


class CookieBackend(AuthenticationBackend):
    """Authenticates by COOKIE: as a user of the file, or as a browser if there is none."""

    def __init__(self, users: Users | None) -> None:
        self._users = users

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser] | None:
        if owner := owner_of(conn.cookies.get(COOKIE, ""), self._users):
            return AuthCredentials(["authenticated"]), SimpleUser(owner)
        if self._users and conn.scope["path"] not in PUBLIC:
            raise AuthenticationError("Log in first.\n")
        return None


def ask_to_log_in(connection: HTTPConnection, error: AuthenticationError) -> Response:
    """The response to a request without a log-in. A link to the page leads to the log-in."""
    path, query = connection.scope["path"], connection.url.query
    page = PAGE.fullmatch(path)
    if (path == "/" or page) and connection.scope["method"] == "GET":
        chosen = f"{urlencode({'comparison': page[1]})}&{query}" if page else query
        return RedirectResponse(f"/login{link_query(chosen)}", 303)
    return PlainTextResponse(str(error), 401)


def _owner(request: Request) -> str:
    if request.user.is_authenticated:
        return str(request.user.display_name)
    raise HTTPException(401, "Log in first.")


Owner = Annotated[str, Depends(_owner)]  # a route's parameter; 401 without an owner


class BrowserCookieMiddleware:
    """Gives a browser its cookie with the page, or the same one for another year."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = Response()
                set_cookie(cookie, token[:MAX_TOKEN_CHARS], scope.get("scheme") == "https")
                MutableHeaders(scope=message).append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        if scope["type"] != "http" or not (scope["path"] == "/" or PAGE.fullmatch(scope["path"])):
            await self._app(scope, receive, send)
            return
        token = Request(scope).cookies.get(COOKIE) or secrets.token_urlsafe(32)
        await self._app(scope, receive, send_with_cookie)


def set_cookie(response: Response, token: str, secure: bool) -> None:
    """Sets COOKIE so that neither scripts nor other sites' forms can use it."""
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_AGE_S, httponly=True, samesite="lax", secure=secure
    )


def link_query(query: str) -> str:
    """The part of a URL's query that a link to the page may have: "?q=…", or nothing."""
    found = [(name, value) for name, value in parse_qsl(query) if name in LINK_PARAMETERS]
    return f"?{urlencode(found)}" if found else ""
