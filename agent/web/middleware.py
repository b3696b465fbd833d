"""What keeps other web sites, and markup that slipped through, from using the page's server.

    FastAPI(middleware=[
        Middleware(SecurityHeadersMiddleware),
        Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts("127.0.0.1", Hosts())),
        Middleware(OwnRequestsMiddleware, paths=re.compile("/|/assets/.*")),
    ])

A page elsewhere can reach a server on this machine by a name of its own that it has rebound to
127.0.0.1, which the Host header shows, or by a request across origins, which the Origin header
shows. A proxy that ends TLS before the server has to pass the Host header on. Not covered: other
programs on this machine; they can send any header.
"""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.urls import Hosts

PORTS = {"http": 80, "https": 443}  # those that an Origin header leaves out
PAGE = re.compile(r"/comparisons/([^/]+)/")  # the path of a comparison's page, and its slug
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none, browsers hide the origin of a form's request
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeadersMiddleware:
    """Adds HEADERS and the content security policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            page = bool(PAGE.fullmatch(scope["path"]))
            scope = {**scope, "headers": list(_trusted_headers(scope, page))}
            send = _Seal(send, page)
        await self._app(scope, receive, send)


class OwnRequestsMiddleware:
    """Passes on what the page itself asks for: `paths`, from its own origin, over HTTP.

    Starlette's TrustedHostMiddleware checks the Host header only. A request of another site to the
    right host shows in Origin and Sec-Fetch-Site, and gradio answers to more paths than the page
    needs.
    """

    def __init__(self, app: ASGIApp, paths: re.Pattern[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            return  # closes unopened
        app = self._refusal(scope) if scope["type"] == "http" else None
        await (app or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        elsewhere = headers.get("sec-fetch-site") == "cross-site" and scope["method"] != "GET"
        if elsewhere or (origin is not None and not _same(origin.lower(), host, scope["scheme"])):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        if not self._paths.fullmatch(scope["path"]):
            return PlainTextResponse("There is nothing here.\n", 404)
        return None


class _Seal:
    """Sends a response on with headers that keep a browser from doing anything else with it.

    Scripts that stand in it run only if it is the `page` itself.
    """

    def __init__(self, send: Send, page: bool) -> None:
        self._send = send
        self._page = page
        self._held: Message | None = None
        self._html = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update({**HEADERS, "Content-Security-Policy": policy()})
            kind = headers.get("content-type", "")
            if kind.startswith("text/event-stream"):
                headers["X-Accel-Buffering"] = "no"  # a proxy would hold an answer until its end
            elif kind.startswith("text/html") and self._page and message["status"] == 200:
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


def allowed_hosts(host: str, hosts: Hosts) -> list[str]:
    """Names for TrustedHostMiddleware: any on a network address without `hosts`, else those of
    loopback and of `hosts`.
    """
    if not is_loopback(host) and not hosts.names:
        return ["*"]
    loopback = {"localhost", "127.0.0.1", "::1", *([host] if is_loopback(host) else [])}
    # the header has brackets around an IPv6 address
    return [f"[{name}]" if ":" in name else name for name in (*loopback, *hosts.names)]


def is_loopback(name: str) -> bool:
    """Whether `name` is one that this machine alone has."""
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name).is_loopback)
    return name == "localhost"


def _trusted_headers(scope: Scope, page: bool) -> Iterator[tuple[bytes, bytes]]:
    """The headers of a request that the application gets. Uvicorn has put what a trusted proxy
    forwards into `scope`; an untrusted one is not believed.
    """
    for name, value in scope["headers"]:
        compressed = page and name == b"accept-encoding"  # its scripts could not be hashed
        if not compressed and not name.startswith(b"x-forwarded-"):
            yield name, value


def _same(origin: str, host: str, scheme: str) -> bool:
    """Whether a page of `origin` was asked for by the Host header `host`. A proxy may have spoken
    https for us without saying so, but does not say so for nothing.
    """
    given, _, rest = origin.partition("://")
    if not rest or given not in PORTS or (scheme == "https" and given != "https"):
        return False
    return host in (rest, f"{rest}:{PORTS[given]}")
