"""Tenants, keys, usage, invoices and the audit log as they go out; times in RFC 3339, money in decimals as text."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from argosy.core.account import Key, Limits
from argosy.core.tenant import Entry, InvoiceHead, NewKey, Standing, Tenant
from argosy.serve.billing import money

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TenantTold(BaseModel):
    """A tenant; ``suspended`` is the reason, null while it is active."""

    object: Literal["tenant"] = "tenant"
    id: str
    name: str
    status: Literal["active", "suspended"]
    suspended: str | None
    plan: str
    price: str | None
    currency: str
    limits: "LimitsTold"
    pins: dict[str, str]
    billing: dict[str, str]
    created: str


class LimitsTold(BaseModel):
    """What a tenant may use; null is without a limit."""

    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrent: int | None
    quota: dict[str, int]
    budget: str | None
    prepaid: bool


class KeyTold(BaseModel):
    """A key without its secret."""

    object: Literal["key"] = "key"
    id: str
    tenant: str
    prefix: str
    scopes: list[str]
    models: list[str]
    origins: list[str]
    role: str | None
    created: str
    expires: str | None
    revoked: str | None


class IssuedTold(KeyTold):
    """A key with its secret, which is told this once."""

    secret: str


class AccountTold(BaseModel):
    """An account as its own keys see it."""

    object: Literal["account"] = "account"
    tenant: str
    name: str
    status: Literal["active", "suspended"]
    suspended: str | None
    plan: str
    currency: str
    limits: "LimitsTold"


class UsedTold(BaseModel):
    """How much of a unit was used of a model."""

    model: str
    unit: str
    quantity: int


class LeftTold(BaseModel):
    """What is left this month; null is without a limit."""

    budget: str | None
    quota: dict[str, int]
    wallet: str | None


class StandingTold(BaseModel):
    """What a tenant has used in a month: ``amount`` is charged so far, before fees, credits and tax."""

    object: Literal["usage"] = "usage"
    tenant: str
    month: str
    currency: str
    amount: str
    used: list[UsedTold]
    left: LeftTold


class EntryTold(BaseModel):
    """An entry of the audit log; ``hash`` is the SHA-256 of the entry's canonical JSON, ``previous`` included."""

    object: Literal["audit.entry"] = "audit.entry"
    seq: int
    at: str
    actor: str
    action: str
    about: str
    details: dict[str, Any]
    previous: str
    hash: str


class HeadTold(BaseModel):
    """The last entry: noted elsewhere, it proves later that nothing before it was changed or cut off."""

    object: Literal["audit.head"] = "audit.head"
    seq: int
    hash: str


class InvoiceTold(BaseModel):
    """An invoice as a list shows it."""

    object: Literal["invoice"] = "invoice"
    id: str
    month: str
    state: str
    currency: str
    total: str
    due: str | None


def time_told(at: int) -> str:
    """Microseconds since the epoch in RFC 3339.

    >>> time_told(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def tenant_told(tenant: Tenant) -> TenantTold:
    """A tenant as it goes out."""
    return TenantTold(
        id=tenant.id,
        name=tenant.name,
        status="active" if tenant.suspended is None else "suspended",
        suspended=tenant.suspended,
        plan=tenant.plan,
        price=tenant.price,
        currency=tenant.currency,
        limits=limits_told(tenant.limits),
        pins=dict(tenant.pins),
        billing=asdict(tenant.billing),
        created=time_told(tenant.created),
    )


def own_told(tenant: Tenant) -> AccountTold:
    """An account as it goes out to its own keys."""
    return AccountTold(
        tenant=tenant.id,
        name=tenant.name,
        status="active" if tenant.suspended is None else "suspended",
        suspended=tenant.suspended,
        plan=tenant.price or tenant.plan,
        currency=tenant.currency,
        limits=limits_told(tenant.limits),
    )


def limits_told(limits: Limits) -> LimitsTold:
    """Limits as they go out."""
    return LimitsTold(**{**asdict(limits), "budget": _or_none(money.plain, limits.budget)})


def key_told(key: Key) -> KeyTold:
    """A key as it goes out."""
    return KeyTold(
        id=key.id,
        tenant=key.tenant,
        prefix=key.prefix,
        scopes=sorted(key.scopes),
        models=sorted(key.models),
        origins=list(key.origins),
        role=key.role,
        created=time_told(key.created),
        expires=_or_none(time_told, key.expires),
        revoked=_or_none(time_told, key.revoked),
    )


def issued_told(issued: NewKey) -> IssuedTold:
    """A new key as it goes out, once."""
    return IssuedTold(**key_told(issued.key).model_dump(), secret=issued.secret)


def standing_told(tenant: str, currency: str, standing: Standing) -> StandingTold:
    """Usage as it goes out."""
    left = LeftTold(
        budget=_or_none(money.plain, standing.budget_left),
        quota=dict(standing.quota_left),
        wallet=_or_none(money.plain, standing.wallet),
    )
    return StandingTold(
        tenant=tenant,
        month=standing.month,
        currency=currency,
        amount=money.plain(standing.amount),
        used=[
            UsedTold(model=model, unit=unit, quantity=quantity)
            for (model, unit), quantity in sorted(standing.used.items())
        ],
        left=left,
    )


def entry_told(entry: Entry) -> EntryTold:
    """An entry of the audit log as it goes out."""
    return EntryTold(**{**asdict(entry), "at": time_told(entry.at)})


def invoice_told(head: InvoiceHead) -> InvoiceTold:
    """An invoice as it goes out in a list."""
    return InvoiceTold(**{**asdict(head), "total": money.plain(head.total), "due": _or_none(time_told, head.due)})


def _or_none(tell: Callable[[int], str], value: int | None) -> str | None:
    return None if value is None else tell(value)
