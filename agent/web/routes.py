"""What the page asks for beside Gradio: the shelf, conversations, feedback, exports and log-in.

Everything here is small and quick, and opens only what belongs to who asks. An AdvisorError becomes
JSON, {"error": line}.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Body, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse

from agent.conversations.open import OpenConversations
from agent.errors import ConversationMissingError, InputError, LoginError
from agent.web.context import WebContext
from agent.web.entrance import asked, cookie
from agent.web.export import FORMS, exported
from agent.web.panels import log_in_page
from agent.web.scorecard import MOST, RAISED, Weighed, raised
from agent.web.users import COOKIE, Users
from knowledge.comparison import Comparison

STATIC = Path(__file__).parent / "static"
FILES = ("colours.css", "page.css", "page.js", "shelf.js", "conversations.js")


def routes(context: WebContext, open_conversations: OpenConversations) -> APIRouter:
    """All of them, to be included in the application."""
    router = APIRouter()

    def owner(request: Request) -> str:
        if found := context.visitors.owner(request.cookies):
            return found
        raise HTTPException(401, "Nobody is logged in.")

    for file in FILES:
        router.get(f"/{file}")(_sending(STATIC / file))

    @router.get("/shelf")
    def show_shelf() -> HTMLResponse:
        return HTMLResponse(context.panels.html)

    @router.get("/status")
    def status() -> dict[str, bool | str]:
        return asdict(context.advisor.status())

    @router.get("/conversations")
    def list_conversations(request: Request, search: str = "") -> list[dict[str, str]]:
        found = context.store.listed(owner(request), search[:100])
        return [{"id": each.id, "title": each.title, "changed": each.changed} for each in found]

    @router.post("/conversations/{name}/title")
    def rename(
        name: str, request: Request, title: Annotated[str, Body(embed=True)]
    ) -> dict[str, str]:
        return {"title": context.store.rename(owner(request), name, title)}

    @router.delete("/conversations/{name}")
    def delete(name: str, request: Request) -> dict[str, str]:
        open_conversations.delete(owner(request), name)
        return {"deleted": name}

    @router.get("/conversations/{name}/matters")
    def matters(name: str, request: Request) -> list[dict[str, Any]]:
        conversation = context.store.open(owner(request), name)
        found = raised(conversation.turns, context.comparison)
        return [
            {"number": each.row.number, "weight": RAISED, "because": each.because} for each in found
        ]

    @router.get("/conversations/{name}/export.{form}")
    def export(name: str, form: str, request: Request, weighed: str = "") -> Response:
        if form not in FORMS:
            raise InputError(f'"{form[:10]}" is no form. Use one of {", ".join(FORMS)}.')
        conversation = context.store.open(owner(request), name)
        table = weighed_rows(context.comparison, weighed) if weighed else None
        headers = {"Content-Disposition": f'attachment; filename="conversation-{name}.{form}"'}
        content = exported(conversation, context.comparison, form, table)
        return Response(content, media_type=FORMS[form].media_type, headers=headers)

    @router.post("/feedback")
    def rate(
        request: Request,
        turn: Annotated[str, Body()],
        good: Annotated[bool, Body()],
        comment: Annotated[str, Body()] = "",
    ) -> dict[str, bool]:
        open_conversations.rate(owner(request), turn, good, comment)
        return {"good": good}

    if isinstance(context.visitors, Users):
        _add_log_in(router, context.comparison, context.visitors)
    return router


def _sending(file: Path) -> Callable[[], FileResponse]:
    """Sends `file`; a parameter of its own would be one of the request's, and name any file."""
    return lambda: FileResponse(file)


def weighed_rows(comparison: Comparison, given: str) -> Weighed:
    """The table weighed as a JSON list says, [weight, leans] for each row.

    Raises InputError if it says something else.
    """
    rows = comparison.of_kind("dimension")
    try:
        pairs = [(float(weight), float(leans)) for weight, leans in json.loads(given)]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f'"{given[:40]}" is no list of [weight, leans].') from error
    within = all(0 <= weight <= MOST and -1 <= leans <= 1 for weight, leans in pairs)
    if len(pairs) != len(rows) or not within:
        raise InputError(
            f"The table has {len(rows)} rows, weights from 0 to {MOST} and leanings from -1 to 1."
        )
    return Weighed(comparison, tuple((row, *pair) for row, pair in zip(rows, pairs, strict=True)))


def _add_log_in(router: APIRouter, comparison: Comparison, people: Users) -> None:
    one_at_a_time = CapacityLimiter(1)  # whoever waits has no thread and no memory meanwhile

    @router.get("/login")
    def show_log_in(request: Request) -> HTMLResponse:
        return HTMLResponse(log_in_page(comparison, asked(request.url.query)))

    @router.post("/login")
    async def log_in(
        request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
    ) -> Response:
        address = request.client.host if request.client else ""
        link = asked(request.url.query)
        try:
            token = await to_thread.run_sync(
                people.log_in, name, password, address, limiter=one_at_a_time
            )
        except LoginError as error:
            return HTMLResponse(log_in_page(comparison, link, str(error), name), 403)
        response = RedirectResponse(f"/{link}", 303)
        response.headers.append("set-cookie", cookie(token, request.url.scheme == "https"))
        return response

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        people.log_out(request.cookies)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response


async def error_as_json(request: Request, error: Exception) -> JSONResponse:
    """The answer to a request that ended with an AdvisorError."""
    status = 404 if isinstance(error, ConversationMissingError) else 400
    return JSONResponse({"error": str(error)}, status)
