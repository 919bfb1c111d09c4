"""Requests to an app as the bytes that a server hands it: heads and bodies that no client would send."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

SECONDS = 20  # in which whatever was asked has an answer
Head = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0: nothing."""

    status: int
    head: dict[str, str]
    body: bytes

    def error(self) -> dict[str, Any]:
        """The error, once its shape is checked."""
        told = json.loads(self.body)
        assert set(told) == {"error"}
        error: dict[str, Any] = told["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"]
        return error


@dataclass(frozen=True, slots=True)
class Raw:
    """An app that runs."""

    app: FastAPI
    client: TestClient

    def ask(
        self, method: str, path: str, head: Head, body: bytes = b"", *, pieces: int = 1, leaves: bool = False
    ) -> Answer:
        """One request; its body comes in ``pieces``, and who sent it ``leaves`` then."""
        assert self.client.portal is not None
        return self.client.portal.call(self._ask, method, path, head, _cut(body, pieces), leaves)

    async def _ask(self, method: str, path: str, head: Head, body: list[bytes], leaves: bool) -> Answer:  # noqa: FBT001
        bare, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(bare),
            "raw_path": bare.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": head,
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 9),
        }
        sent: list[Message] = []
        waiting = list(body)

        async def receive() -> Message:
            if not waiting and leaves:
                return {"type": "http.disconnect"}
            if not waiting:
                await asyncio.Event().wait()
            piece = waiting.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

        async def send(message: Message) -> None:
            sent.append(message)

        async with asyncio.timeout(SECONDS):
            await self.app(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"")
        start = sent[0]
        return Answer(
            start["status"],
            {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]},
            b"".join(message.get("body", b"") for message in sent[1:]),
        )


@contextmanager
def raw(app: FastAPI) -> Iterator[Raw]:
    """The app, started."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Raw(app, client)


def _cut(body: bytes, pieces: int) -> list[bytes]:
    size = max(1, -(-len(body) // pieces))
    return [body[at : at + size] for at in range(0, len(body), size)] or [b""]
