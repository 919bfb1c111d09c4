"""Ask the service from within its own process: the same routes, checks and charges as a request from outside."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from argosy.core.account import Caller
from argosy.serve.running.edge import CALLER, Visit, new_event
from argosy.serve.running.tracing import SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: ``key`` is its idempotency key, ``language`` that of its errors.

    Without a ``caller`` it is let in by ``head``, further headers, as one from outside is.
    """

    path: str
    body: bytes
    caller: Caller | None
    key: str
    language: str = "en"
    head: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Answered:
    """The whole answer to a request."""

    status: int = 500
    headers: Headers
    body: bytes = b""


def request_of(asked: Asked) -> Request:
    """A request for work that has no route of its own; its visit is noted nowhere."""
    scope = scope_of(asked)
    event = new_event()
    scope["state"] = {"visit": Visit(event, event, SILENT.start("job"))}
    scope["route"] = _Route(asked.path)
    return Request(scope, _nobody)


async def ask(app: ASGIApp, asked: Asked) -> Answered:
    """What ``app`` answers; a failure of the app is its answer 500."""
    answer = Answered(headers=Headers())
    parts: list[bytes] = []
    waiting: list[Message] = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else await _nobody()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope_of(asked), receive, send)
    answer.body = b"".join(parts)
    return answer


def scope_of(asked: Asked) -> Scope:
    """The ASGI scope of a request, which brings its caller where it has one."""
    headers = {
        "host": "argosy",
        "content-type": "application/json",
        "accept-language": asked.language,
        "idempotency-key": asked.key,
        **asked.head,
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": None,
        "server": None,
    } | ({CALLER: asked.caller} if asked.caller else {})


@dataclass(frozen=True, slots=True)
class _Route:
    path: str


async def _nobody() -> Message:
    """Nobody hangs up."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}
