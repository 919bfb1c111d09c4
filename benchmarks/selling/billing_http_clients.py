"""The clients of ``billing_http.py``: what they ask, how they leave, and what they note of what came."""

import asyncio
import json
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Literal, cast

Way = Literal["stay", "twice", "again", "leave"]
ROUTES = {"labels": "/v1/classify", "vectors": "/v1/embeddings", "texts": "/v1/chat/completions"}
_WAYS: tuple[Way, ...] = ("stay",) * 76 + ("twice",) * 6 + ("again",) * 6 + ("leave",) * 12
_MODELS = ("labels",) * 4 + ("vectors",) * 2 + ("texts",) * 4
_WORDS = ("good", "bad", "quick", "late", "好", "很差", "不错", "pump", "valve", "1/2″", "paint", "red", "glue", "fine")
_KEYED = 0.75
_PIECE = b'"content": "'
_DONE = b"data: [DONE]\n\n"
_HEAD_END, _LAST_CHUNK = b"\r\n\r\n", b"0\r\n\r\n"
_PATIENCE = 120.0  # seconds
_AGAIN = {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of one attempt; status 0 where no head came, ``whole`` where nothing is missing."""

    status: int = 0
    head: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False


@dataclass(slots=True, kw_only=True)
class Wish:
    """One thing that a client wants once, and everything he was told of it."""

    tenant: str
    secret: str
    model: str
    way: Way
    key: str | None
    body: bytes
    stream: bool
    full: dict[str, int]  # what all of it uses
    answers: list[str] = field(default_factory=list)  # SHA-256 of the bodies that came whole
    told: list[dict[str, int]] = field(default_factory=list)  # what they said that was used
    events: set[str] = field(default_factory=set)  # as heads name them
    blind: int = 0  # attempts without a head
    broken: int = 0  # attempts that may have been charged without a whole answer
    seen: int = 0  # tokens of a stream that broke off
    refused: bool = False
    forgotten: bool = False
    replayed: int = 0

    @property
    def event(self) -> str | None:
        """What the ledger knows it by, as the documentation has it; None where only a head could tell."""
        return f"idem_{sha256(f'{ROUTES[self.model]} {self.key}'.encode()).hexdigest()}" if self.key else None

    def request(self) -> bytes:
        """The bytes that are sent."""
        head = [
            f"POST {ROUTES[self.model]} HTTP/1.1",
            "host: 127.0.0.1",
            f"authorization: Bearer {self.secret}",
            "content-type: application/json",
            f"content-length: {len(self.body)}",
            *([f"idempotency-key: {self.key}"] if self.key else []),
        ]
        return "\r\n".join([*head, "", ""]).encode() + self.body

    def hear(self, heard: Heard) -> bool:
        """Note an attempt; whether the client has what he can get."""
        if event := heard.head.get("x-argosy-event"):
            self.events.add(event)
        self.blind += heard.status == 0
        if heard.status == HTTPStatus.OK:
            return self._hear_answer(heard)
        if heard.status == 0 or not heard.whole:
            self.broken += 1
            return False
        if heard.status in _AGAIN:
            return False
        self.refused |= heard.status == HTTPStatus.PAYMENT_REQUIRED
        self.forgotten |= heard.status == HTTPStatus.UNPROCESSABLE_ENTITY
        if not (self.refused or self.forgotten):
            sys.exit(f"an answer that nobody expected: {heard.status} {heard.body.decode()}")
        return True

    def _hear_answer(self, heard: Heard) -> bool:
        if not heard.whole or (self.stream and not heard.body.endswith(_DONE)):
            self.broken += 1
            self.seen = max(self.seen, pieces(heard.body))
            return False
        self.answers.append(sha256(heard.body).hexdigest())
        self.told.append(usage(heard.body, stream=self.stream) | {"requests": 1, "texts": self.full.get("texts", 0)})
        self.replayed += "idempotent-replayed" in heard.head
        return True


def pieces(body: bytes) -> int:
    """The tokens of a stream: whole events that have a text in them."""
    return sum(_PIECE in event and _PIECE + b'"' not in event for event in body.split(b"\n\n")[:-1])


def usage(body: bytes, *, stream: bool) -> dict[str, int]:
    """The tokens that an answer says were used."""
    told = json.loads(body.split(b"\n\n")[-3].removeprefix(b"data: ") if stream else body)["usage"]
    return {unit: told.get(unit, 0) for unit in ("prompt_tokens", "completion_tokens")}


def wishes(draw: random.Random, count: int, tenants: Mapping[str, str]) -> Iterator[Wish]:
    """``count`` wishes of tenants, given with their secrets; the last tenant wants more than the others."""
    names = [*tenants, *[list(tenants)[-1]] * (len(tenants) // 2)]
    for number in range(count):
        tenant, model, way = draw.choice(names), draw.choice(_MODELS), draw.choice(_WAYS)
        stream = model == "texts" and draw.random() < 0.5  # noqa: PLR2004 - every second
        body, full = _text(draw, stream=stream) if model == "texts" else _texts(draw, model)
        keyed = way in {"twice", "again"} or draw.random() < _KEYED
        yield Wish(
            tenant=tenant,
            secret=tenants[tenant],
            model=model,
            way=way,
            key=f"wish-{number}" if keyed else None,
            body=json.dumps({"model": model, **body}).encode(),
            stream=stream,
            full=full,
        )


def _texts(draw: random.Random, model: str) -> tuple[dict[str, Any], dict[str, int]]:
    texts = [" ".join(draw.choices(_WORDS, k=draw.randint(1, 30))) for _ in range(draw.choice((1, 1, 2, 2, 8)))]
    tokens = sum(len(text if model == "labels" else text.split()) for text in texts)
    return {"input": texts}, {"requests": 1, "texts": len(texts), "prompt_tokens": tokens}


def _text(draw: random.Random, *, stream: bool) -> tuple[dict[str, Any], dict[str, int]]:
    words, most = draw.randint(1, 60), draw.randint(1, 100)
    turn = {"role": "user", "content": " ".join(draw.choices(_WORDS, k=words))}
    body: dict[str, Any] = {"messages": [turn], "max_tokens": most}
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return body | more, {"requests": 1, "prompt_tokens": 1 + words, "completion_tokens": min(2 * words, most)}


class Connection(asyncio.Protocol):
    """One kept connection that asks one thing at a time, and keeps every byte that comes."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.data = bytearray()
        self.lost = False
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.data += data
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - any end is an end
        """Whoever waits is told."""
        self.lost = True
        self._news.set()

    async def ask(self, request: bytes, *, leave_after: int | None = None) -> Heard:
        """What came; a client who leaves says so after that many pieces, and hears what was on its way to him."""
        self.data.clear()
        self.transport.write(request)
        said = False
        while not self.lost and not _whole(self.data):
            self._news.clear()
            if leave_after is not None and not said and self.data.count(_PIECE) > leave_after:
                self.transport.write_eof()
                said = True
            await asyncio.wait_for(self._news.wait(), _PATIENCE)
        return parse(bytes(self.data))

    async def hang_up(self, request: bytes, seconds: float) -> Heard:
        """Ask, and be gone after ``seconds``."""
        self.data.clear()
        self.transport.write(request)
        await asyncio.sleep(seconds)
        self.transport.abort()
        return parse(bytes(self.data))


def _whole(data: bytearray) -> bool:
    end = data.find(_HEAD_END)
    if end < 0:
        return False
    head = bytes(data[:end]).lower()
    start = head.find(b"content-length: ")
    if start < 0:
        return data.endswith(_LAST_CHUNK)
    return len(data) >= end + len(_HEAD_END) + int(head[start:].split(b"\r\n", 1)[0].split(b" ")[1])


def parse(data: bytes) -> Heard:
    """An answer, or what there is of it."""
    told, end, body = data.partition(_HEAD_END)
    if not end:
        return Heard()
    first, *lines = told.decode("latin-1").split("\r\n")
    head = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if "content-length" not in head:
        body = _unchunked(body)
    return Heard(status=int(first.split(" ")[1]), head=head, body=body, whole=_whole(bytearray(data)))


def _unchunked(data: bytes) -> bytes:
    parts = []
    while b"\r\n" in data:
        size, _, data = data.partition(b"\r\n")
        parts.append(data[: int(size, 16)])
        data = data[int(size, 16) + 2 :]
    return b"".join(parts)


class Crowd:
    """All clients of a service at ``port``; ``done`` counts wishes that are over, ``progress`` tells of each."""

    def __init__(self, port: int, draw: random.Random) -> None:
        self.done = 0
        self.asked = 0
        self.progress = asyncio.Semaphore(0)
        self._port = port
        self._draw = draw
        self._free: list[Connection] = []

    async def serve(self, wish: Wish) -> None:
        """Whatever the client of a wish does."""
        if wish.way == "twice":
            await asyncio.gather(self._until_over(wish), self._until_over(wish))
        elif wish.way == "leave" and (wish.hear(await self._leave(wish)) or not wish.key):
            pass  # it came nevertheless, or he does not come back
        else:
            await self._until_over(wish)
        if wish.way == "again" and wish.answers:
            await self._until_over(wish)
        self.done += 1
        self.progress.release()

    async def _until_over(self, wish: Wish) -> None:
        while True:
            if wish.hear(await self._ask(wish, None)) or not wish.key:
                return
            await asyncio.sleep(0.1 * self._draw.random())  # before the next try

    async def _leave(self, wish: Wish) -> Heard:
        if wish.stream:
            return await self._ask(wish, self._draw.randrange(wish.full["completion_tokens"]))
        self.asked += 1
        return await (await self._connect()).hang_up(wish.request(), 0.01 * self._draw.random())

    async def _ask(self, wish: Wish, leave_after: int | None) -> Heard:
        self.asked += 1
        connection = await self._connect()
        heard = await connection.ask(wish.request(), leave_after=leave_after)
        if heard.whole and leave_after is None and heard.head.get("connection") != "close":
            self._free.append(connection)
        else:
            connection.transport.abort()
        return heard

    async def _connect(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if not connection.lost:
                return connection
        loop = asyncio.get_running_loop()
        while True:
            try:
                _, made = await loop.create_connection(Connection, "127.0.0.1", self._port)
            except ConnectionError:  # the service has no place at the moment
                await asyncio.sleep(0.1 * self._draw.random())
            else:
                return made

    def close(self) -> None:
        """Hang up."""
        for connection in self._free:
            connection.transport.abort()
