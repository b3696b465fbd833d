"""A generator whose steps run in threads, so that none of them blocks the event loop.

    async with aclosing(iterate_in_threads(pool, generator, cancel)) as items:
        async for item in items: ...

Gradio runs a plain generator's steps in threads too, but closes it in the event loop, which blocks
as long as the current step takes.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")


async def iterate_in_threads(
    pool: Executor, generator: Generator[T, None, None], cancel: Callable[[], None]
) -> AsyncGenerator[T, None]:
    """The items of `generator`, none of which is None; each step runs in a thread of `pool`.

    Closing it half-way waits for nothing: `cancel`, called first, should end the current step, and
    `generator` is closed in a thread of its own.
    """
    step: Future[T | None] = Future()
    step.set_result(None)
    try:
        while True:
            step = pool.submit(next, generator, None)
            if (item := await asyncio.wrap_future(step)) is None:
                return
            yield item
    finally:
        cancel()
        # a thread of its own: all threads of the pool may wait for what `generator` holds
        step.add_done_callback(lambda _: threading.Thread(target=generator.close).start())
