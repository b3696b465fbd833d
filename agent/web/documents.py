"""The routes by which a person adds a comparison on the page: send, see, correct, use.

    POST /documents?name=notes.docx     the document as the body; what is recognised in it
    POST /documents/ID/read             the same with corrections
    GET  /documents/ID                  how far indexing is
    POST /documents/ID/use              stores and indexes it; the address of its page

Where nobody may (`may_add`), there are no such routes.
"""

from pathlib import Path
from typing import Annotated, Any

from anyio import open_file, to_thread
from fastapi import APIRouter, Body, Request
from starlette.requests import ClientDisconnect

from agent.errors import InputError
from agent.urls import Hosts
from agent.web.authentication import Owner
from agent.web.context import WebContext
from agent.web.middleware import is_loopback
from agent.web.pages import page_path
from agent.web.uploads import MAX_BYTES, Corrections, Uploads


def may_add(context: WebContext, host: str, hosts: Hosts) -> bool:
    """Whether the people of the page may add comparisons (the setting `uploads`)."""
    if context.library is None or context.library.settings.uploads == "nobody":
        return False
    alone = is_loopback(host) and not hosts.names
    return context.library.settings.uploads == "everybody" or bool(context.users) or alone


def document_routes(uploads: Uploads) -> APIRouter:
    """The routes, for a page on which comparisons may be added: elsewhere there are none."""
    router = APIRouter(prefix="/documents")

    @router.post("")
    async def receive(request: Request, owner: Owner, name: str = "pasted.txt") -> dict[str, Any]:
        with uploads.busy(owner):
            draft = uploads.begin(owner, name)
            await _write(request, draft.file)
            return await to_thread.run_sync(uploads.read, draft)

    @router.post("/{draft_id}/read")
    def read(draft_id: str, owner: Owner, corrections: Corrections) -> dict[str, Any]:
        with uploads.busy(owner):
            return uploads.read(uploads.draft(owner, draft_id), corrections)

    @router.get("/{draft_id}")
    def progress(draft_id: str, owner: Owner) -> dict[str, str]:
        return {"progress": uploads.progress(owner, draft_id)}

    @router.post("/{draft_id}/use")
    def use(
        draft_id: str,
        owner: Owner,
        corrections: Annotated[Corrections, Body(embed=True)],
        replace: Annotated[bool, Body()] = False,
    ) -> dict[str, str]:
        with uploads.busy(owner):
            slug = uploads.use(uploads.draft(owner, draft_id), corrections, replace)
        return {"address": page_path(slug)}

    return router


async def _write(request: Request, file: Path) -> None:
    """Writes the body of `request` into `file`. Raises InputError beyond MAX_BYTES."""
    size_bytes = 0
    try:
        async with await open_file(file, "wb") as target:
            async for piece in request.stream():
                size_bytes += len(piece)
                if size_bytes > MAX_BYTES:
                    raise InputError(f"The document is over {MAX_BYTES >> 20} MiB.")
                await target.write(piece)
    except ClientDisconnect as error:
        raise InputError("The document did not arrive. Send it again.") from error
