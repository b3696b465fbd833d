"""The page of each comparison, made when it is first opened, and its addresses.

pages = Pages(context, page_app)
app.mount("/comparisons/{slug}", pages)      the comparison of that slug
app.mount("/", pages)                        the one chosen at the start
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import quote, urlencode

from anyio import to_thread
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from agent.web.context import WebContext
from knowledge.errors import AdvisorError

COMPARISON = r"/comparisons/[^/]+"  # the path that a comparison's page lies beneath


def page_path(slug: str, **query: str) -> str:
    """The address of a comparison's page; parameters without a value are left out."""
    given = urlencode({name: value for name, value in query.items() if value})
    return f"/comparisons/{quote(slug)}/{f'?{given}' if given else ''}"


class Pages:
    """An ASGI application that passes a request on to the page of its comparison.

    `make` makes the application of one; whatever it starts ends with `lifespan`.
    """

    def __init__(self, start: WebContext, make: Callable[[WebContext], FastAPI]) -> None:
        self._start, self._make = start, make
        self._made: dict[str, tuple[WebContext, FastAPI]] = {}
        self._making = asyncio.Lock()
        self._running: AsyncExitStack | None = None

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as self._running:
            await self._page(self._start.comparison.slug)
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        slug = scope.get("path_params", {}).get("slug", self._start.comparison.slug)
        try:
            page = await self._page(slug)
        except AdvisorError as error:
            await PlainTextResponse(f"{error}\n", 404)(scope, receive, send)
            return
        await page(scope, receive, send)

    async def _page(self, slug: str) -> FastAPI:
        async with self._making:
            # reading an index may take a second
            context = await to_thread.run_sync(self._start.another, slug)
            before, page = self._made.get(slug, (None, None))
            if page is None or before is not context:  # a replaced document has another context
                page = self._make(context)
                self._made[slug] = context, page
                if self._running:
                    await self._running.enter_async_context(page.router.lifespan_context(page))
            return page
