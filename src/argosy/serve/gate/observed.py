"""An admission that is watched: what it gives and takes is told by figures, traces and the access log."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from prometheus_client import Gauge
from starlette.requests import Request

from argosy.core.account import Caller, Scope
from argosy.core.ledger import Quantities, Reply
from argosy.serve.gate.admission import Admission, Charge, Free
from argosy.serve.running.edge import CALLER, Visit
from argosy.serve.running.metrics import Metrics
from argosy.serve.running.tracing import Span, Tracer

EVENT = "x-argosy-event"
"""The header that says what the ledger knows an answer by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """``inner``, watched; requests made within this process are let in with the caller they bring."""

    inner: Admission
    metrics: Metrics
    tracer: Tracer

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """Who asks."""
        visit: Visit = request.state.visit
        with self.span("admit", visit):
            caller: Caller = request.scope.get(CALLER) or await self.inner.enter(request, scope)
        visit.key, visit.tenant = caller.key.id, caller.account.tenant
        return caller

    @asynccontextmanager
    async def charge(
        self, request: Request, caller: Caller, *, model: str, at_most: Quantities, body: bytes = b""
    ) -> AsyncIterator[Charge]:
        """Room for one event."""
        visit: Visit = request.state.visit
        visit.model = model
        async with AsyncExitStack() as stack:
            with self.span("reserve", visit), self.metrics.ledger_queue.track_inprogress():
                around = self.inner.charge(request, caller, model=model, at_most=at_most, body=body)
                charge = await stack.enter_async_context(around)
            visit.event = visit.head[EVENT] = charge.event
            stack.enter_context(self.metrics.reserved.track_inprogress())
            stack.enter_context(_counted(self.metrics.queue_texts, at_most.get("texts", 1)))
            watched = _Watched(charge, self, visit)
            stack.callback(watched.end_work)
            yield watched

    def may_use(self, caller: Caller, models: Sequence[str]) -> list[str]:
        """The models of ``models`` that the caller may ask."""
        return self.inner.may_use(caller, models)

    async def aclose(self) -> None:
        """Let nobody in any more."""
        await self.inner.aclose()

    @contextmanager
    def span(self, name: str, visit: Visit) -> Iterator[None]:
        """A step of a request, as a trace shows it."""
        span = self.tracer.start(name, parent=visit.span)
        try:
            yield
        finally:
            span.end()


@contextmanager
def _counted(gauge: Gauge, amount: int) -> Iterator[None]:
    gauge.inc(amount)
    try:
        yield
    finally:
        gauge.dec(amount)


class _Watched:
    """A charge whose work is a span, and whose settling is timed."""

    def __init__(self, charge: Charge, by: Observed, visit: Visit) -> None:
        self._charge = charge
        self._by = by
        self._visit = visit
        self._work: Span | None = by.tracer.start("work", parent=visit.span)

    @property
    def event(self) -> str:
        """The event's id."""
        return self._charge.event

    @property
    def reply(self) -> Reply | None:
        """The answer that was given before."""
        return self._charge.reply

    async def record(self, quantities: Quantities) -> None:
        """Note how far a stream has come."""
        await self._charge.record(quantities)

    async def settle(self, quantities: Quantities, reply: Reply | None = None) -> None:
        """Charge."""
        self.end_work()
        start = time.perf_counter()
        with self._by.span("settle", self._visit), self._by.metrics.ledger_queue.track_inprogress():
            await self._charge.settle(quantities, reply)
        self._by.metrics.settle_seconds.observe(time.perf_counter() - start)
        self._visit.charged = not isinstance(self._charge, Free)

    def end_work(self) -> None:
        """The work is over, or was never begun."""
        if self._work:
            self._work.end()
            self._work = None
