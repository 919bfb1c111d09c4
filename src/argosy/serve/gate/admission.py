"""The way in: who asks, whether there is room, and what is reserved before any work."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request

from argosy.core.account import Account, Caller, Key, Scope
from argosy.core.ledger import Quantities, Reply


class Charge(Protocol):
    """A reservation for one event; a block that ends without ``settle`` is charged for what was recorded, or nothing.

    ``reply`` is the kept answer where the event was charged before (a retry with the same idempotency key): it is
    sent as it is, and nothing is done or settled.
    """

    @property
    def event(self) -> str:
        """The event's id, unique within the tenant."""
        ...

    @property
    def reply(self) -> Reply | None:
        """The answer that was given before."""
        ...

    async def record(self, quantities: Quantities) -> None:
        """Note how far a stream has come; durable when this returns."""
        ...

    async def settle(self, quantities: Quantities, reply: Reply | None = None) -> None:
        """Charge; durable when this returns. Await it before the last byte goes out.

        Raises RequestError (503, unbilled) when the ledger cannot write in time.
        """
        ...


class Admission(Protocol):
    """Lets requests in."""

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """Who asks, from the head alone; raises RequestError for a key that is unknown, over, or not for this."""
        ...

    def charge(
        self, request: Request, caller: Caller, *, model: str, at_most: Quantities, body: bytes = b""
    ) -> AbstractAsyncContextManager[Charge]:
        """Room for one event; raises RequestError where limits, quota or budget have none.

        ``body`` is what an idempotency key stands for: another body under the same key is refused.
        """
        ...

    def may_use(self, caller: Caller, models: Sequence[str]) -> list[str]:
        """The models of ``models`` that the caller may ask."""
        ...

    async def aclose(self) -> None:
        """Let nobody in any more."""
        ...


@dataclass(frozen=True, slots=True)
class Free:
    """A charge that costs nothing."""

    event: str
    reply: Reply | None = None

    async def record(self, quantities: Quantities) -> None:
        """Nothing is kept."""

    async def settle(self, quantities: Quantities, reply: Reply | None = None) -> None:
        """Nothing is charged."""


_ANYBODY = Caller(
    key=Key(id="open", tenant="open", prefix="open"), account=Account(tenant="open", plan="open", currency="XXX")
)


@dataclass(frozen=True, slots=True)
class Open:
    """Admission of a service that sells nothing: everybody may ask everything, and nothing is counted."""

    anybody: Caller = field(default=_ANYBODY)

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """Anybody."""
        return self.anybody

    @asynccontextmanager
    async def charge(
        self, request: Request, caller: Caller, *, model: str, at_most: Quantities, body: bytes = b""
    ) -> AsyncIterator[Charge]:
        """A charge that costs nothing."""
        yield Free(request.state.visit.id)

    def may_use(self, caller: Caller, models: Sequence[str]) -> list[str]:
        """All of them."""
        return list(models)

    async def aclose(self) -> None:
        """Nothing is kept open."""
