"""The desk of a service: where limits are counted and the ledger is asked, for all of its workers."""

import asyncio
import logging
import math
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from argosy.core.ledger import Ask, Held, Ledger, LedgerError, Quantities, RefusedError, Reply
from argosy.serve.errors import RequestError
from argosy.serve.gate.limits import Limiter, Taken, tokens_of

T = TypeVar("T")
error_log = logging.getLogger("argosy.error")
_REFUSED = {
    "budget": "budget_spent",
    "quota": "quota_spent",
    "wallet": "wallet_empty",
    "price": "no_price",
    "suspended": "suspended",
}
_LATER = "Nothing was charged. Try again after the time in the header retry-after."


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What was given: a reservation, or the answer kept for a retry; ``head`` are headers for either."""

    held: Held | None = None
    reply: Reply | None = None
    head: Mapping[str, str] = field(default_factory=dict)


class Desk(Protocol):
    """Gives room and takes charges; all its refusals are RequestErrors. For one event loop."""

    async def take(self, ask: Ask, asked: str | None) -> Granted:
        """Room for an event. ``asked`` is the SHA-256 of a body under an idempotency key; None without such a key."""
        ...

    async def record(self, held: Held, quantities: Quantities) -> None:
        """Note durably how far a stream has come."""
        ...

    async def settle(self, held: Held, quantities: Quantities, reply: Reply | None) -> None:
        """Charge durably. Whoever stops waiting calls ``abandon``, or accepts that the event may be charged.

        Refused where the event was charged before for something else than this: another answer to the same
        idempotency key was faster, or the desk died and its successor charged what was recorded.
        """
        ...

    def release(self, held: Held) -> None:
        """Free a reservation; what was recorded is charged."""
        ...

    def abandon(self, held: Held) -> None:
        """Charge nothing for an event whose ``settle`` did not succeed."""
        ...

    async def aclose(self) -> None:
        """Take no more."""
        ...


@dataclass(slots=True, eq=False)
class LocalDesk:
    """The desk in this process. ``month_ends`` tells the seconds until quotas begin anew."""

    ledger: Ledger
    limiter: Limiter = field(default_factory=Limiter)
    month_ends: Callable[[], float] = lambda: math.inf
    _taken: dict[str, Taken] = field(default_factory=dict)  # by the reservation's token
    _asked: dict[tuple[str, str], str] = field(default_factory=dict)  # bodies in flight by tenant and event

    async def take(self, ask: Ask, asked: str | None) -> Granted:
        """Room for an event, or its answer if it was answered before."""
        if asked is None:
            return await self._reserve(ask)
        place = ask.tenant, ask.event
        if place in self._asked:
            raise _in_flight() if self._asked[place] == asked else _mismatch()
        self._asked[place] = asked
        try:
            reply = await self._replied(ask, asked)
            granted = await self._reserve(ask) if reply is None else Granted(reply=reply)
        except BaseException:
            del self._asked[place]
            raise
        if granted.held is None:
            del self._asked[place]
        return granted

    async def record(self, held: Held, quantities: Quantities) -> None:
        """Note durably how far a stream has come."""
        with _explained():
            await arrival(self.ledger.record(held, quantities))

    async def settle(self, held: Held, quantities: Quantities, reply: Reply | None) -> None:
        """Charge durably."""
        loop = asyncio.get_running_loop()
        charged = self.ledger.settle(held, quantities, reply)
        used = tokens_of(quantities)
        charged.add_done_callback(lambda _: _call(loop, lambda: self._end(held, used)))
        with _explained():
            receipt = await arrival(charged)
        if receipt.repeated and reply and receipt.reply != reply:
            raise _overtaken()
        if receipt.repeated and _used(receipt.usage.quantities) != _used(quantities):
            raise unavailable()

    def release(self, held: Held) -> None:
        """Free a reservation; what was recorded is charged."""
        self._end(held, None)
        self.ledger.release(held).add_done_callback(_note)

    def abandon(self, held: Held) -> None:
        """Charge nothing."""
        self._end(held, None)
        self.ledger.abandon(held)

    async def aclose(self) -> None:
        """Nothing is kept open here."""

    async def _replied(self, ask: Ask, asked: str) -> Reply | None:
        with _explained():
            receipt = await asyncio.to_thread(self.ledger.replied, ask.tenant, ask.event)
        if receipt is None:
            return None
        if receipt.reply is None:
            raise _forgotten()
        if receipt.reply.asked != asked:
            raise _mismatch()
        return receipt.reply

    async def _reserve(self, ask: Ask) -> Granted:
        try:
            taken = self.limiter.take(ask.tenant, ask.limits, tokens_of(ask.at_most))
        except RequestError as error:
            error.head = self.limiter.head(ask.tenant, ask.limits)
            raise
        try:
            held = await self._hold(ask)
        except BaseException:
            self.limiter.undo(taken)
            raise
        self._taken[held.token] = taken
        return Granted(held=held, head=self.limiter.head(ask.tenant, ask.limits))

    async def _hold(self, ask: Ask) -> Held:
        held = self.ledger.reserve(ask)
        try:
            with _explained():
                return await arrival(held)
        except RefusedError as error:
            raise refused(error, self.month_ends()) from error
        except asyncio.CancelledError:
            held.add_done_callback(self._let_go)
            raise

    def _let_go(self, late: "Future[Held]") -> None:
        """A reservation that nobody waits for."""
        if not late.cancelled() and late.exception() is None:
            self.ledger.release(late.result()).add_done_callback(_note)

    def _end(self, held: Held, tokens: int | None) -> None:
        taken = self._taken.pop(held.token, None)
        if taken is not None:
            self.limiter.end(taken, tokens)
        self._asked.pop((held.ask.tenant, held.ask.event), None)


async def arrival(future: "Future[T]") -> T:
    """The result of a future of another thread; whoever stops waiting leaves it as it is."""
    if future.done():
        return future.result()
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    future.add_done_callback(lambda _: _call(loop, wake))
    await waiter
    return future.result()


def slow(seconds: float) -> RequestError:
    """The refusal when the ledger takes longer than is waited for."""
    return RequestError(
        "The charge could not be written within {seconds} seconds.", code="ledger_slow", mend=_LATER, seconds=seconds
    )


def unavailable() -> RequestError:
    """The refusal when the ledger cannot be asked."""
    return RequestError("The charge could not be written.", code="ledger_unavailable", mend=_LATER)


def _call(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
        loop.call_soon_threadsafe(call)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what goes wrong in the ledger into an answer, and note what nobody expected."""
    try:
        yield
    except (RefusedError, ValueError):
        raise
    except LedgerError as error:
        raise unavailable() from error
    except Exception as error:
        _report(error)
        raise unavailable() from error


def _note(future: "Future[None]") -> None:
    """Say what went wrong where nobody waits."""
    error = None if future.cancelled() else future.exception()
    if error is not None:
        _report(error)


def _report(error: BaseException) -> None:
    # without the error's own words, which may quote values
    error_log.error("ledger: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


def refused(error: RefusedError, month_ends: float = math.inf) -> RequestError:
    """What a client is told of a refusal of the ledger's; quotas begin anew in ``month_ends`` seconds."""
    retry = month_ends if error.why == "quota" else math.inf
    values: dict[str, Any] = dict(error.values)
    return RequestError(error.message, code=_REFUSED[error.why], mend=error.mend, retry=retry, **values)


def _in_flight() -> RequestError:
    return RequestError(
        "A request with this idempotency key is being answered.",
        code="idempotency_in_flight",
        mend="Try again after the time in the header retry-after, with the same key and body.",
    )


def _overtaken() -> RequestError:
    return RequestError(
        "Another answer to this idempotency key came before this one.",
        code="idempotency_in_flight",
        mend="Try again after the time in the header retry-after, with the same key and body, to get it.",
    )


def _used(quantities: Quantities) -> dict[str, int]:
    return {unit: quantity for unit, quantity in quantities.items() if quantity}


def _mismatch() -> RequestError:
    return RequestError(
        "This idempotency key was used with another body.",
        code="idempotency_mismatch",
        mend="Take a new key for a new request.",
    )


def _forgotten() -> RequestError:
    return RequestError(
        "The request with this idempotency key was answered and charged; its answer is not kept.",
        code="idempotency_mismatch",
        mend="Take a new key to ask again.",
    )
