"""Connections that end: whoever sends no whole request in time, or no end of a refused one, is hung up on.

uvicorn bounds how long a connection may idle after an answer, and nothing before it or beside it.
"""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from argosy.serve.wire.stream import GONE

HEAD_SECONDS = 10.0  # from the connection, or a request's first byte, to the end of its head
REST_BYTES = 256 * 1024  # of a body that go on coming after its answer
_LINGER_SECONDS = 1.0  # in which who sends more than that may read the answer; he is not read any more
CONNECTIONS = 1000  # at once
_PIECES, _PIECE = 1_000, 64  # that a body may come in, whatever their size, and the bytes that more must have
_NO_HTTP = {
    "message": "This is no valid HTTP request.",
    "type": "invalid_request_error",
    "param": None,
    "code": "bad_request",
}


class _Counting(h11.Connection):
    """Ends a body that comes in too many pieces: each costs the same to read, one byte or many."""

    pieces = taken = 0

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Data):
            self.pieces, self.taken = self.pieces + 1, self.taken + len(event.data)
            if self.pieces > _PIECES + self.taken // _PIECE:
                message = "too many pieces"
                raise h11.RemoteProtocolError(message)
        elif isinstance(event, h11.Request):
            self.pieces = self.taken = 0
        return event


class Door(H11Protocol):
    """One connection."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.conn = _Counting(h11.SERVER)
        self.app_state = {**self.app_state, GONE: lambda: self.transport.is_closing()}  # noqa: PLW0108 - it has none yet
        self.since = 0.0  # when it began to wait, by the loop's clock
        self._rest = 0
        self._late: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has asked nothing that is not answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def free(self) -> bool:
        """Whether its place may be given to another."""
        return self.waiting and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let somebody in; where all places are taken, those who have waited longest lose theirs, some at a time."""
        if len(self.connections) >= CONNECTIONS:
            idle = [one for one in self.connections if isinstance(one, Door) and one.free]
            if not idle:
                transport.abort()
                return
            for one in sorted(idle, key=lambda one: one.since)[: max(1, CONNECTIONS // 16)]:
                self.connections.discard(one)
                one.transport.abort()
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Read on; what goes on coming after an answer is bounded."""
        if self.waiting and self.conn.their_state is h11.SEND_BODY:
            self._rest += len(data)
            if self._rest > REST_BYTES:
                self.transport.pause_reading()
                self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
                return
        super().data_received(data)
        if not self.waiting:
            self._stop_expecting()
        elif self._late is None and not self.transport.is_closing():
            self._expect()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.since, self._rest = self.loop.time(), 0
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_expecting()
        if self.transport is not None:  # None: it was not let in
            super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the same for all: it could quote the request
        """Refuse what is no HTTP, and whatever was begun with it."""
        if not self.waiting:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = json.dumps({"error": _NO_HTTP}).encode()
            head = [(b"content-type", b"application/json"), (b"connection", b"close")]
            head.append((b"content-length", str(len(body)).encode()))
            events = (h11.Response(status_code=400, headers=head), h11.Data(data=body), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def _expect(self) -> None:
        self.since = self.loop.time()
        self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_expecting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self.transport.abort()
