"""What a transaction reads before it writes: tenants' rows, locked, and their sums, leases and wallets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from argosy.store import tables
from argosy.store.purses import Purse
from argosy.store.writing import put

_PART = 400  # names in one question, so that it stays below every driver's number of parameters
Event = tuple[str, str]  # tenant and event


@dataclass(slots=True)
class Head:
    """A tenant's row: the number, time and month of its last line, and the last month that was closed."""

    seq: int = 0
    at: int = 0
    month: str = ""
    closed: str = ""


@dataclass(slots=True)
class Month:
    """Sums of a tenant's month: quantities by plan, model and unit; money by plan and currency."""

    totals: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    amounts: dict[tuple[str, str], int] = field(default_factory=dict)

    def spent(self, purse: Purse) -> int:
        """What of a budget or a quota is used."""
        if purse.kind == "budget":
            return sum(amount for (_, currency), amount in self.amounts.items() if currency == purse.unit)
        return sum(
            quantity for totals in self.totals.values() for (_, unit), quantity in totals.items() if unit == purse.unit
        )


Months = dict[tuple[str, str], Month]
"""By tenant and month."""
Leases = dict[Purse, dict[str, int]]
"""By purse and holder."""
Wallets = dict[tuple[str, str], int]
"""By tenant and currency."""


def lock(connection: sa.Connection, tenants: Collection[str]) -> dict[str, Head]:
    """The rows of tenants, made where they are new, locked until the transaction ends."""
    table = tables.tenants
    chosen = sa.select(table).order_by(table.c.tenant).with_for_update()
    heads: dict[str, Head] = {}
    names = sorted(tenants)
    for part in parts(names):
        _lock_some(connection, chosen.where(table.c.tenant.in_(part)), heads)
    missing = [name for name in names if name not in heads]
    put(connection, table, [head_row(name, Head()) for name in missing], replace=False)
    for part in parts(missing):
        _lock_some(connection, chosen.where(table.c.tenant.in_(part)), heads)
    return heads


def _lock_some(connection: sa.Connection, chosen: sa.Select[Any], heads: dict[str, Head]) -> None:
    for tenant, seq, at, month, closed in connection.execute(chosen):
        heads[tenant] = Head(seq, at, month, closed)


def sums(connection: sa.Connection, tenants: Collection[str], months: Collection[str]) -> Months:
    """The sums of some months."""
    found: Months = {}
    total, amount = tables.totals, tables.amounts
    for part in parts(sorted(tenants)):
        where = total.c.tenant.in_(part) & total.c.month.in_(sorted(months))
        for tenant, month, plan, model, unit, quantity in connection.execute(sa.select(total).where(where)):
            found.setdefault((tenant, month), Month()).totals.setdefault(plan, {})[model, unit] = quantity
        where = amount.c.tenant.in_(part) & amount.c.month.in_(sorted(months))
        for tenant, month, plan, currency, cost in connection.execute(sa.select(amount).where(where)):
            found.setdefault((tenant, month), Month()).amounts[plan, currency] = cost
    return found


def purses(connection: sa.Connection, tenants: Collection[str]) -> tuple[Leases, Wallets]:
    """What anybody has leased of tenants' purses, and what is in their wallets."""
    leases: Leases = {}
    wallets: Wallets = {}
    lease, wallet = tables.leases, tables.wallets
    for part in parts(sorted(tenants)):
        for row in connection.execute(sa.select(lease).where(lease.c.tenant.in_(part))):
            leases.setdefault(Purse(row.tenant, row.kind, row.month, row.unit), {})[row.holder] = row.amount
        for row in connection.execute(sa.select(wallet).where(wallet.c.tenant.in_(part))):
            wallets[row.tenant, row.currency] = row.balance
    return leases, wallets


def latest(connection: sa.Connection, events: Collection[Event]) -> dict[Event, Any]:
    """The last line of each event that has one."""
    table = tables.lines
    found = {}
    for part in parts(list(events)):
        where = sa.tuple_(table.c.tenant, table.c.event).in_(part)
        for row in connection.execute(sa.select(table).where(where).order_by(table.c.turn)):
            found[row.tenant, row.event] = row
    return found


def head_row(name: str, head: Head) -> dict[str, Any]:
    """A tenant's row as it is written."""
    return {"tenant": name, "seq": head.seq, "at": head.at, "month": head.month, "closed": head.closed}


def parts(names: list[Any]) -> Iterable[list[Any]]:
    """Some at a time."""
    return (names[start : start + _PART] for start in range(0, len(names), _PART))
