"""Server-sent events that follow the client: nothing is made for one that is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

DONE = b"data: [DONE]\n\n"
GONE = "argosy.gone"
"""The key of a scope's state for a function that says whether what is sent now is dropped without a word."""
Tell = Callable[[bytes], Awaitable[None]]
"""Sends some bytes of an answer; what it has returned from is sent."""

_SEND_SECONDS = 30.0  # that a client may take nothing; then it counts as gone


def event(data: str) -> bytes:
    """One event."""
    return f"data: {data}\n\n".encode()


@asynccontextmanager
async def while_connected(receive: Receive) -> AsyncIterator[None]:
    """Run the block as long as the client is there; when it leaves, the block ends and ClientDisconnect is raised."""
    task, left = asyncio.current_task(), False

    async def watch() -> None:
        nonlocal left
        while (await receive())["type"] != "http.disconnect":
            pass
        left = True
        if task:
            task.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not left or (task and task.uncancel()):  # somebody else wants the end, too
            raise
        raise ClientDisconnect from None
    finally:
        watching.cancel()


class EventStream(Response):
    """Sends what ``write`` tells, and leaves ``held`` when that is over, however it ends.

    ``write`` runs while the client is there; ``finish`` after it, whether the client stays or not.
    """

    media_type = "text/event-stream"

    def __init__(
        self, write: Callable[[Tell, Receive], Awaitable[None]], held: AsyncExitStack, headers: dict[str, str]
    ) -> None:
        super().__init__(headers={**headers, "cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._write = write
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        gone: Callable[[], bool] = scope.get("state", {}).get(GONE, lambda: False)

        async def tell(data: bytes) -> None:
            try:
                async with asyncio.timeout(_SEND_SECONDS):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            except (TimeoutError, OSError) as error:
                raise ClientDisconnect from error
            if gone():
                raise ClientDisconnect

        async with self._held:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._write(tell, receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
