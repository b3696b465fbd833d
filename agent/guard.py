"""What keeps other web sites, and markup that slipped through, from using the page's server.

    app.add_middleware(Guard, paths=re.compile("/|/assets/.*"), loopback=True)

A page elsewhere can reach a server on this machine by a name of its own that it has rebound to
127.0.0.1, which the Host header shows, or by a request across origins, which the Origin header
shows. Not covered: other programs on this machine; they can send any header.
"""

import base64
import hashlib
import ipaddress
import re
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none, browsers hide the origin of a form's request
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Middleware: passes on requests of the page itself, and seals every response.

    Only `paths` are there. With `loopback`, only the names of this machine are answered to.
    """

    def __init__(self, app: ASGIApp, paths: re.Pattern[str], loopback: bool) -> None:
        self._app = app
        self._paths = paths
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            # compressed, the page's scripts could not be hashed
            kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            if scope["path"] == "/":
                scope = {**scope, "headers": kept}
            app = self._refusal(scope) or self._app
            await app(scope, receive, _Seal(send))
        # a websocket closes unopened

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._loopback and not is_loopback(_name(host)):
            return PlainTextResponse("This host name is not served here.\n", 421)
        elsewhere = headers.get("sec-fetch-site") == "cross-site" and scope["method"] != "GET"
        if elsewhere or (origin is not None and origin.partition("://")[2] != host):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        if not self._paths.fullmatch(scope["path"]):
            return PlainTextResponse("There is nothing here.\n", 404)
        return None


class _Seal:
    """Sends a response on with headers that keep a browser from doing anything else with it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None
        self._html = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update({**HEADERS, "Content-Security-Policy": policy()})
            if headers.get("content-type", "").startswith("text/html"):
                self._held = message  # its policy names the scripts that the body has
                return
        elif self._held is not None and message["type"] == "http.response.body":
            self._html += message.get("body", b"")
            if message.get("more_body", False):
                return
            MutableHeaders(scope=self._held)["Content-Security-Policy"] = policy(self._html)
            await self._send(self._held)
            message = {"type": "http.response.body", "body": self._html}
        await self._send(message)


def policy(html: bytes = b"") -> str:
    """A policy by which nothing remote loads, and of inline scripts only those of `html` run.

    Styles may be inline because gradio sets them on elements; eval may not be used.
    """
    scripts = re.findall(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts)
    hashes = "".join(f" 'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def is_loopback(name: str) -> bool:
    """Whether `name` is one that this machine alone has."""
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name).is_loopback)
    return name == "localhost"


def _name(host: str) -> str:
    """The name in a Host header, without the port; empty for one that is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
