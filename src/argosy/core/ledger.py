"""What is metered and charged: quantities, reservations, and the ledger that keeps both.

Money is an integer of micro-units: millionths of the currency's unit. Times are microseconds since the epoch, UTC.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, Protocol

from argosy.core.account import Limits
from argosy.core.errors import ArgosyError

Unit = Literal["requests", "texts", "rows", "prompt_tokens", "completion_tokens", "milliseconds"]
UNITS: tuple[Unit, ...] = ("requests", "texts", "rows", "prompt_tokens", "completion_tokens", "milliseconds")
Quantities = Mapping[str, int]
"""How much of each unit; a unit that is missing is 0."""
Totals = Mapping[tuple[str, str], int]
"""A tenant's quantities of a month under one plan, by (model, unit)."""
Why = Literal["budget", "quota", "wallet", "price", "suspended"]


class RefusedError(ArgosyError):
    """A reservation that was not given, and ``why``: no room in the budget, quota or wallet, or no price."""

    def __init__(self, message: str, *, why: Why, mend: str = "", **values: object) -> None:
        super().__init__(message, where="", mend=mend, **values)
        self.why = why


class LedgerError(ArgosyError):
    """The ledger could not write in time, or lost the reservation; nothing was charged."""


class Pricing(Protocol):
    """Pure functions of a plan's version; raise RefusedError (``price``) for a model or a plan without a price."""

    def amount(self, plan: str, totals: Totals) -> int:
        """Micro-units that a month's ``totals`` cost under ``plan``, each line rounded half-even once."""
        ...

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """Micro-units that ``quantities`` more can cost at most, whatever the totals before them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one event may come to: reserved before the work, so that no limit is passed.

    ``event`` is unique within the tenant; ``subject`` is an opaque id of the person concerned, where one was named;
    ``version`` is the number of the model's version that answers, empty where the model has none.
    """

    tenant: str
    event: str
    key: str
    model: str
    route: str
    plan: str
    currency: str
    at_most: Quantities
    limits: Limits = field(default_factory=Limits)
    subject: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A reservation: ``amount`` micro-units and the quantities of ``ask`` are kept free until it is settled."""

    ask: Ask
    amount: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A line of the ledger, never changed: what an event used and what it cost.

    ``seq`` counts a tenant's lines from 1 without a gap, in the order of their commits; ``at`` never goes back within
    a tenant. ``kind`` ``void`` takes back the charge of the same event: its quantities and amount are negative.
    ``month`` is the billing month, such as ``2026-11``, in the ledger's time zone. ``version`` is the number of the
    model's version that answered; empty where it has none, and in lines from before versions were told.
    """

    tenant: str
    seq: int
    event: str
    kind: Literal["charge", "void"]
    key: str
    model: str
    route: str
    plan: str
    currency: str
    quantities: Quantities
    amount: int
    at: int
    month: str
    subject: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer kept for a retry of the same event; ``asked`` is the SHA-256 of the request's body."""

    asked: str
    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That an event was charged, and how; ``repeated`` says that it had been before, so that nothing was added."""

    usage: Usage
    repeated: bool = False
    reply: Reply | None = None


class Ledger(Protocol):
    """Reserves, settles and tells; several threads may call it.

    A future that has a result is durable: it survives power loss. Refusals and failures come as its exception.
    """

    def reserve(self, ask: Ask) -> "Future[Held]":
        """Keep free what the event may cost; RefusedError where there is no room or no price."""
        ...

    def record(self, held: Held, quantities: Quantities) -> "Future[None]":
        """Note how far a stream has come: what an interruption is charged for. Replaces what was noted before."""
        ...

    def settle(self, held: Held, quantities: Quantities, reply: Reply | None = None) -> "Future[Receipt]":
        """Charge an event once, free the rest; again with the same event: the first receipt, ``repeated``.

        Quantities above those reserved are an error of the caller (ValueError). LedgerError when the reservation is
        lost and there is no room to charge without it.
        """
        ...

    def release(self, held: Held) -> "Future[None]":
        """Free what was reserved and charge nothing; a reservation with recorded quantities is charged for these."""
        ...

    def abandon(self, held: Held) -> None:
        """Give up waiting for ``settle``: what is not written yet never is, and what is gets a void line."""
        ...

    def replied(self, tenant: str, event: str) -> Receipt | None:
        """The receipt of an event charged before, with the reply kept for it, if any."""
        ...

    def between(self, tenant: str, after: int, through: int | None = None) -> Iterator[Usage]:
        """The lines of a tenant with ``after`` < seq ≤ ``through`` in order."""
        ...
