"""The routes of a comparison's page beside Gradio's: panels, conversations, feedback and exports.

Each opens only what belongs to the owner of the request. An AdvisorError becomes JSON,
{"error": line}.
"""

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from agent.conversations.open import OpenConversations
from agent.errors import ConversationMissingError, InputError, UploadExistsError
from agent.web.authentication import Owner
from agent.web.context import WebContext
from agent.web.export import FORMS, exported
from agent.web.scorecard import MOST, RAISED, Weighed, raised
from knowledge.comparison import Comparison


def routes(context: WebContext, open_conversations: OpenConversations) -> APIRouter:
    """To be included in the application of the page."""
    router = APIRouter()

    @router.get("/panels")
    def panels() -> HTMLResponse:
        return HTMLResponse(context.panels.html)

    @router.get("/status")
    def status() -> dict[str, bool | str]:
        return asdict(context.advisor.status())

    @router.get("/conversations")
    def list_conversations(owner: Owner, search: str = "") -> list[dict[str, str]]:
        found = context.store.listed(owner, search[:100])
        return [{"id": each.id, "title": each.title, "changed": each.changed} for each in found]

    @router.post("/conversations/{name}/title")
    def rename(name: str, owner: Owner, title: Annotated[str, Body(embed=True)]) -> dict[str, str]:
        return {"title": context.store.rename(owner, name, title)}

    @router.delete("/conversations/{name}")
    def delete(name: str, owner: Owner) -> dict[str, str]:
        open_conversations.delete(owner, name)
        return {"deleted": name}

    @router.get("/conversations/{name}/weights")
    def suggest_weights(name: str, owner: Owner) -> list[dict[str, Any]]:
        conversation = context.store.open(owner, name)
        found = raised(conversation.turns, context.comparison)
        return [
            {"number": each.row.number, "weight": RAISED, "because": each.because} for each in found
        ]

    @router.get("/conversations/{name}/export.{form}")
    def export(name: str, form: str, owner: Owner, weighed: str = "") -> Response:
        if form not in FORMS:
            raise InputError(f'"{form[:10]}" is no format. Use one of {", ".join(FORMS)}.')
        conversation = context.store.open(owner, name)
        table = weighed_rows(context.comparison, weighed) if weighed else None
        headers = {"Content-Disposition": f'attachment; filename="conversation-{name}.{form}"'}
        content = exported(conversation, context.comparison, form, table)
        return Response(content, media_type=FORMS[form].media_type, headers=headers)

    @router.post("/feedback")
    def rate(
        owner: Owner,
        turn: Annotated[str, Body()],
        good: Annotated[bool, Body()],
        comment: Annotated[str, Body()] = "",
    ) -> dict[str, bool]:
        open_conversations.rate(owner, turn, good, comment)
        return {"good": good}

    return router


def weighed_rows(comparison: Comparison, given: str) -> Weighed:
    """The table with weights of a JSON list, [weight, leans] a row. Raises InputError."""
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


async def error_as_json(request: Request, error: Exception) -> JSONResponse:
    """The response to a request that ended with an AdvisorError."""
    status = 404 if isinstance(error, ConversationMissingError) else 400
    status = 409 if isinstance(error, UploadExistsError) else status
    return JSONResponse({"error": str(error)}, status)
