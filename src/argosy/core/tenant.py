"""A tenant as its operator knows it, what a key may be made for, and an entry of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.core.account import Key, Limits, Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A buyer or a seller as documents name it; empty is unknown.

    ``title`` is the registered name, ``taxpayer`` the identification number (or unified social credit code), as a
    Chinese invoice (fapiao) wants them; ``email`` is where bills go, or where buyers may ask.
    """

    email: str = ""
    title: str = ""
    taxpayer: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    bank_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Who buys: ``plan`` is what it pays by, unless it has a ``price`` of its own (the id of another plan's version).

    ``suspended`` is the reason why it is refused, such as ``unpaid``; None while it is active.
    """

    id: str
    name: str
    plan: str
    currency: str
    price: str | None = None
    limits: Limits = field(default_factory=Limits)
    pins: Mapping[str, str] = field(default_factory=dict)
    billing: Party = field(default_factory=Party)
    suspended: str | None = None
    created: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a new key may do; a ``role`` makes it a key of the admin side, without scopes. No models: all of them."""

    scopes: frozenset[Scope] = frozenset()
    models: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    role: Role | None = None
    expires: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key with the secret that opens it; the secret is told this once and kept nowhere."""

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what, about which object, and when; ``hash`` covers it and, through ``previous``, all before."""

    seq: int
    at: int
    actor: str
    action: str
    about: str
    details: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a tenant has used in a month, and what it has left; ``left`` None is without a limit.

    ``used`` is by (model, unit), ``amount`` the micro-units that were charged, before fees, credits and tax.
    """

    month: str
    used: Mapping[tuple[str, str], int] = field(default_factory=dict)
    amount: int = 0
    budget_left: int | None = None
    quota_left: Mapping[str, int] = field(default_factory=dict)
    wallet: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day of the billing zone came to: events charged (less those taken back) and their micro-units."""

    day: str
    events: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHead:
    """An invoice as a list shows it; ``total`` in micro-units, ``due`` microseconds since the epoch."""

    id: str
    tenant: str
    month: str
    state: str
    currency: str
    total: int
    due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document to download."""

    name: str
    media_type: str
    body: bytes
