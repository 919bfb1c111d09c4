"""Captures: a share of requests and answers, noted off the request path; a full queue drops and never delays."""

import asyncio
import json
import logging
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from prometheus_client import CollectorRegistry, Counter
from starlette.requests import Request

from argosy.core.account import Caller, Scope
from argosy.core.captured import Captured
from argosy.core.ledger import Quantities, Reply
from argosy.data.redact import mask
from argosy.serve.gate.admission import Admission, Charge
from argosy.serve.persons.privacy import Privacy, name_of
from argosy.serve.releases.lane import VERSION

error_log = logging.getLogger("argosy.error")
_QUEUE = 256  # exchanges that wait at most
_LARGEST = 256 * 1024  # bytes of one, so that what waits stays below 64 MiB
_BATCH = 100
_HASH = 2**64
_ASKED = ("input", "prompt", "messages", "query", "documents")  # what a body holds of the person's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request's body and its answer as they went over the wire."""

    tenant: str
    subject: str
    event: str
    model: str
    version: str
    at: int
    body: bytes
    answer: bytes


class Captures:
    """Takes the ``keeper``'s share of the exchanges, the same ones whoever asks: the event's hash decides."""

    def __init__(self, keeper: Privacy, registry: CollectorRegistry, *, redact: Callable[[str], str] = mask) -> None:
        self.share = keeper.share
        self._keeper = keeper
        self._redact = redact
        self._waiting: queue.Queue[Exchange | None] = queue.Queue(_QUEUE)
        self._thread = threading.Thread(target=self._run, name="argosy-captures", daemon=True)
        self._counted = Counter(
            "argosy_captures", "Exchanges sampled, by what became of them.", ["fate"], registry=registry
        )

    def wants(self, event: str) -> bool:
        """Whether the exchange of this event is in the sample."""
        return int.from_bytes(sha256(event.encode()).digest()[:8]) < self.share * _HASH

    def offer(self, exchange: Exchange) -> None:
        """Hand an exchange over; it is dropped, and counted, where too many wait."""
        large = len(exchange.body) + len(exchange.answer) > _LARGEST
        try:
            if not large:
                self._waiting.put_nowait(exchange)
        except queue.Full:
            large = True
        if large:
            self._counted.labels("dropped").inc()

    def start(self) -> None:
        """Begin to keep."""
        self._thread.start()

    def stop(self) -> None:
        """Keep what waits, and end."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            going = None not in batch
            self._keep([one for one in batch if one is not None])

    def _keep(self, batch: Sequence[Exchange]) -> None:
        try:
            kept = self._keeper.keep([self._captured(one) for one in batch]) if batch else 0
        except Exception as error:  # noqa: BLE001 - a capture that fails must not end the captures
            error_log.error("captures failed: %s", type(error).__name__)
            self._counted.labels("failed").inc(len(batch))
            return
        self._counted.labels("kept").inc(kept)
        self._counted.labels("refused").inc(len(batch) - kept)

    def _captured(self, one: Exchange) -> Captured:
        asked = _parsed(one.body)
        words = {name: asked[name] for name in _ASKED if name in asked} if isinstance(asked, dict) else None
        return Captured(
            tenant=one.tenant,
            subject=one.subject,
            event=one.event,
            model=one.model,
            version=one.version,
            at=one.at,
            asked=redacted(words, self._redact),
            answer=redacted(_parsed(one.answer), self._redact),
        )


def capturing(admission: Admission, captures: Captures | None) -> Admission:
    """The admission, with captures where there are any."""
    return Capturing(admission, captures) if captures else admission


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """A JSON value with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redacted(one, redact) for one in value]
    if isinstance(value, dict):
        return {name: redacted(one, redact) for name, one in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class Capturing:
    """An admission whose charges, once settled, offer their exchange to ``captures``."""

    admission: Admission
    captures: Captures

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """As the admission within."""
        return await self.admission.enter(request, scope)

    @asynccontextmanager
    async def charge(
        self, request: Request, caller: Caller, *, model: str, at_most: Quantities, body: bytes = b""
    ) -> AsyncIterator[Charge]:
        """As the admission within."""
        async with self._inner(request, caller, model, at_most, body) as charge:
            if charge.reply or not self.captures.wants(charge.event):
                yield charge
                return
            yield _Watched(charge, self.captures, _exchange(request, caller, model, charge.event, body))

    def may_use(self, caller: Caller, models: Sequence[str]) -> list[str]:
        """As the admission within."""
        return self.admission.may_use(caller, models)

    def _inner(
        self, request: Request, caller: Caller, model: str, at_most: Quantities, body: bytes
    ) -> AbstractAsyncContextManager[Charge]:
        return self.admission.charge(request, caller, model=model, at_most=at_most, body=body)

    async def aclose(self) -> None:
        """As the admission within."""
        await self.admission.aclose()


@dataclass(frozen=True, slots=True)
class _Watched:
    """A charge in the sample."""

    charge: Charge
    captures: Captures
    exchange: Callable[[bytes], Exchange]

    @property
    def event(self) -> str:
        return self.charge.event

    @property
    def reply(self) -> Reply | None:
        return self.charge.reply

    async def record(self, quantities: Quantities) -> None:
        await self.charge.record(quantities)

    async def settle(self, quantities: Quantities, reply: Reply | None = None) -> None:
        await self.charge.settle(quantities, reply)
        self.captures.offer(self.exchange(reply.body if reply else b""))


def _exchange(request: Request, caller: Caller, model: str, event: str, body: bytes) -> Callable[[bytes], Exchange]:
    def made(answer: bytes) -> Exchange:
        return Exchange(
            tenant=caller.account.tenant,
            subject=name_of(request, body),
            event=event,
            model=model,
            version=request.state.visit.head.get(VERSION, ""),
            at=time.time_ns() // 1000,
            body=body,
            answer=answer,
        )

    return made


def _parsed(content: bytes) -> Any:
    """JSON, or the text that a stream of events came to; nothing for what is neither."""
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return _told(content) or None


def _told(stream: bytes) -> str:
    """The whole text of a stream: a number that is cut between two pieces is found in the whole alone."""
    lines = (line.removeprefix(b"data: ") for line in stream.splitlines() if line.startswith(b"data: {"))
    choices = [choice for line in lines for choice in json.loads(line).get("choices", ())]
    return "".join(choice.get("text") or choice.get("delta", {}).get("content") or "" for choice in choices)


@asynccontextmanager
async def keeping(
    privacy: Privacy | None, captures: Captures | None, forget: Callable[[], None]
) -> AsyncIterator[None]:
    """While the block runs captures are kept and erasures are heard of: ``forget`` is called on the event loop."""
    if privacy is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def tell() -> None:
        loop.call_soon_threadsafe(forget)

    privacy.start(tell)
    if captures:
        captures.start()
    try:
        yield
    finally:
        await asyncio.to_thread(privacy.stop)
        if captures:
            await asyncio.to_thread(captures.stop)
