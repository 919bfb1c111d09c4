"""The way into a service that sells: a key, its rights, and room for what is asked, before any work."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.requests import ClientDisconnect, Request

from argosy.core.account import Account, Caller, Key, Scope
from argosy.core.ids import new_id
from argosy.core.ledger import Ask, Held, Quantities, RefusedError, Reply, Unit
from argosy.serve.errors import RequestError
from argosy.serve.gate.admission import Charge, Free
from argosy.serve.gate.desk import Desk, Granted, refused, slow
from argosy.serve.gate.keys import Directory, identify, secret_of
from argosy.serve.persons.privacy import Naming, name_of
from argosy.serve.releases.lane import VERSION
from argosy.serve.running.edge import CLIENT_LEFT
from argosy.serve.service import model_forbidden
from argosy.serve.wire.stream import GONE

_TIME: Unit = "milliseconds"
_LONGEST_TIME = 600_000  # milliseconds that a request is charged for at most, and that are reserved for it
_IDEMPOTENCY = "idempotency-key"
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_EXPOSED = "x-request-id, x-argosy-event, retry-after, idempotent-replayed, " + ", ".join(
    f"x-ratelimit-{part}-{unit}" for part in ("limit", "remaining", "reset") for unit in ("requests", "tokens")
)


class Guarded:
    """Admission by key; the charge of an answer is waited for ``seconds`` at most, then the answer is refused.

    ``pays`` gives an account as it pays now, its plan by the id of a version; RefusedError where that has no prices.
    ``naming`` gives the person concerned, where a request names one, an opaque id for the ledger.

    Where a plan has a price for time, a request is charged for the whole milliseconds from the room that it was given
    to its charge, 600,000 at most, which is what is reserved for it; what it waits for before its work counts.
    """

    def __init__(
        self,
        directory: Directory,
        desk: Desk,
        pays: Callable[[Account], Account],
        *,
        seconds: float,
        naming: Naming | None = None,
    ) -> None:
        self._directory = directory
        self._desk = desk
        self._pays = pays
        self._seconds = seconds
        self._naming = naming

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """Who asks, by the head alone; looks into memory only, so that bad keys cost next to nothing."""
        caller = identify(self._directory, secret_of(request) or request.headers.get("x-api-key", "").strip())
        _check_origin(request, caller.key)
        _check_rights(caller, scope)
        return caller

    @asynccontextmanager
    async def charge(
        self, request: Request, caller: Caller, *, model: str, at_most: Quantities, body: bytes = b""
    ) -> AsyncIterator[Charge]:
        """Room for one event, or the answer that was given to it before."""
        if caller.key.models and model not in caller.key.models:
            raise model_forbidden(model)
        route = str(getattr(request.scope.get("route"), "path", "other"))
        event, asked = _identity(request, route, body)
        account = self._paying(caller.account)
        if account.timed:
            at_most = {**at_most, _TIME: _LONGEST_TIME}
        ask = Ask(
            tenant=account.tenant,
            event=event,
            key=caller.key.id,
            model=model,
            route=route,
            plan=account.plan,
            currency=account.currency,
            at_most=at_most,
            limits=account.limits,
            subject=await self._subject_of(request, caller, body),
            version=request.state.visit.head.get(VERSION, ""),
        )
        granted = await self._granted(ask, asked)
        request.state.visit.head.update(granted.head)
        if granted.held is None:
            request.state.visit.head["idempotent-replayed"] = "true"
            yield Free(event, granted.reply)
            return
        charge = _Metered(granted.held, self._desk, self._seconds, request, keep=asked is not None)
        try:
            yield charge
        finally:
            charge.close()

    async def _subject_of(self, request: Request, caller: Caller, body: bytes) -> str | None:
        if self._naming is None or not (name := name_of(request, body)):
            return None
        try:
            async with asyncio.timeout(self._seconds):
                return await self._naming.subject_of(caller, name)
        except TimeoutError:
            raise slow(self._seconds) from None

    async def _granted(self, ask: Ask, asked: str | None) -> Granted:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._desk.take(ask, asked)
        except TimeoutError:
            raise slow(self._seconds) from None

    def may_use(self, caller: Caller, models: Sequence[str]) -> list[str]:
        """The models that the key names, or all."""
        return [model for model in models if not caller.key.models or model in caller.key.models]

    def _paying(self, account: Account) -> Account:
        try:
            return self._pays(account)
        except RefusedError as error:
            raise refused(error) from error

    async def aclose(self) -> None:
        """Let nobody in any more."""
        await self._desk.aclose()


@dataclass(slots=True, eq=False)
class _Metered:
    """A reservation on its way to a charge; its reply is only kept where an idempotency key may ask for it."""

    held: Held
    desk: Desk
    seconds: float
    request: Request
    keep: bool
    reply: Reply | None = None
    over: bool = False
    since: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> str:
        return self.held.ask.event

    async def record(self, quantities: Quantities) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                await self.desk.record(self.held, self._timed(quantities))
        except TimeoutError:
            raise slow(self.seconds) from None

    async def settle(self, quantities: Quantities, reply: Reply | None = None) -> None:
        if await _left(self.request):
            raise ClientDisconnect
        self.over = True
        try:
            async with asyncio.timeout(self.seconds):
                await self.desk.settle(self.held, self._timed(quantities), reply if self.keep else None)
        except TimeoutError:
            self.desk.abandon(self.held)
            raise slow(self.seconds) from None
        except Exception:
            self.desk.abandon(self.held)
            raise

    def close(self) -> None:
        """Free what was not settled."""
        if not self.over:
            self.desk.release(self.held)

    def _timed(self, quantities: Quantities) -> Quantities:
        """What was used, with the time that it took where that is sold."""
        most = self.held.ask.at_most.get(_TIME)
        if most is None:
            return quantities
        return {**quantities, _TIME: min(most, int(1000 * (time.monotonic() - self.since)))}


async def _left(request: Request) -> bool:
    """Whether the client of an answer that has not begun is gone; whom a stream reaches is known by the stream."""
    if request.state.visit.status != CLIENT_LEFT:
        return False
    gone = request.scope["state"].get(GONE)  # the connection itself knows at once
    return bool(gone()) if gone else await request.is_disconnected()


def _identity(request: Request, route: str, body: bytes) -> tuple[str, str | None]:
    """The event's id, and the body's SHA-256 where an idempotency key stands for it; the key counts for one route."""
    key = request.headers.get(_IDEMPOTENCY)
    if key is None:
        return f"evt_{new_id()}", None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestError(
            "The idempotency key must have 1 to 255 characters of visible ASCII.",
            code="bad_request",
            param=_IDEMPOTENCY,
            mend="Take a random one, such as a UUID.",
        )
    return f"idem_{sha256(f'{route} {key}'.encode()).hexdigest()}", sha256(body).hexdigest()


def _check_origin(request: Request, key: Key) -> None:
    """A key that names origins is for these pages alone; what a browser may read is told to it."""
    origin = request.headers.get("origin")
    if key.origins and origin not in key.origins:
        raise RequestError(
            "This key may only be used by pages of its own origins.",
            code="origin_forbidden",
            mend="Ask the seller to add the origin of your page.",
        )
    if origin:
        request.state.visit.head |= {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": _EXPOSED,
            "vary": "origin",
        }


def _check_rights(caller: Caller, scope: Scope) -> None:
    if caller.key.role is not None or scope not in caller.key.scopes:
        raise RequestError(
            "This key has no scope {scope!r}.",
            code="no_scope",
            mend="Ask the seller for a key with this scope.",
            scope=scope,
        )
    if caller.account.suspended and scope != "account":  # who must pay may see what
        raise RequestError(
            "This account is suspended.", code="suspended", mend="Settle what is owed, or ask the seller."
        )
