"""A generator whose steps are taken in threads, so that none of them holds up the server.

    async with aclosing(stepped(pool, steps, give_up)) as found:
        async for each in found: ...

Gradio takes the steps of a plain generator in threads too, but closes it in the event loop, where
it keeps trying for as long as a step takes.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")


async def stepped(
    pool: Executor, steps: Generator[T, None, None], give_up: Callable[[], None]
) -> AsyncGenerator[T, None]:
    """What `steps` yields, which is never None; each step is taken in a thread of `pool`.

    Whoever ends it half-way waits for nothing: `give_up` is called, which is to end the step that
    is being taken, and `steps` is closed in a thread of its own.
    """
    step: Future[T | None] = Future()
    step.set_result(None)
    try:
        while True:
            step = pool.submit(next, steps, None)
            if (found := await asyncio.wrap_future(step)) is None:
                return
            yield found
    finally:
        give_up()
        # of its own, because all of the pool's may wait for what this one closes
        step.add_done_callback(lambda _: threading.Thread(target=steps.close).start())
