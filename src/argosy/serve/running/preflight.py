"""What a browser asks before a page may ask: whether pages of other origins are let in at all.

The question carries no key, so that it is answered with yes; the request that follows is refused where its key names
origins and the page's is none of them. Keys are no cookies: a browser never adds them by itself.
"""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ANSWER = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, x-api-key, x-request-id",
    "access-control-max-age": "600",
    "vary": "origin",
}


class Preflight:
    """Wraps an app, and answers these questions for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question, or let the request pass."""
        head = Headers(scope=scope) if scope["type"] == "http" and scope["method"] == "OPTIONS" else Headers()
        if "origin" in head and "access-control-request-method" in head:
            answer = Response(status_code=204, headers={"access-control-allow-origin": head["origin"]} | _ANSWER)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)
