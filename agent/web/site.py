"""The routes that all comparisons share: static files, which comparisons there are, the log-in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse

from agent.web.authentication import Owner
from agent.web.context import WebContext
from agent.web.documents import document_routes
from agent.web.login import login_routes
from agent.web.pages import page_path
from agent.web.uploads import Uploads
from knowledge.documents.reader import SUFFIXES

STATIC = Path(__file__).parent / "static"
FILES = (
    "colours.css",
    "page.css",
    "page.js",
    "panels.js",
    "conversations.js",
    "comparisons.js",
    "documents.js",
)


def site_routes(context: WebContext, uploads: Uploads | None = None) -> APIRouter:
    """To be included in the application, ahead of the pages; `context` is that of the start.

    Comparisons can be added where there are `uploads`.
    """
    router = APIRouter()

    for file in FILES:
        router.get(f"/{file}")(_send_file(STATIC / file))

    @router.get("/")
    def open_page(
        request: Request, comparison: str = "", q: str = "", c: str = ""
    ) -> RedirectResponse:
        """To the page of `comparison`, or of that which the conversation `c` is about, or of the
        start.
        """
        known = context.titles
        owner = request.user.display_name
        about = context.store.comparison_of(owner, c) if c and owner and not comparison else ""
        chosen = next((slug for slug in (comparison, about) if slug in known), "")
        return RedirectResponse(page_path(chosen or context.comparison.slug, q=q, c=c), 307)

    @router.get("/comparisons")
    def list_comparisons(owner: Owner) -> dict[str, Any]:
        by_title = sorted(context.titles.items(), key=lambda named: named[1].casefold())
        return {
            "comparisons": [{"title": title, "address": page_path(s)} for s, title in by_title],
            "may_add": uploads is not None,
            "formats": ",".join(SUFFIXES),
            "shared": bool(context.users),
        }

    if uploads:
        router.include_router(document_routes(uploads))
    if context.users:
        router.include_router(login_routes(context.comparison.title, context.users))
    return router


def _send_file(file: Path) -> Callable[[], FileResponse]:
    # with a parameter for the file, a request could name any
    return lambda: FileResponse(file)
