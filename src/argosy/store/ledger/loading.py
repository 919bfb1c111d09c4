"""What a transaction reads before it writes: tenants' rows, locked, and their sums, leases and wallets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from argosy.store.ledger import tables
from argosy.store.ledger.purses import Purse
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


def _chosen(table: sa.Table, *columns: str) -> sa.Select[Any]:
    """The rows with one of the values given for each column; made once, so that its text is found again."""
    return sa.select(table).where(*(table.c[name].in_(sa.bindparam(name, expanding=True)) for name in columns))


_HEADS = _chosen(tables.tenants, "tenant").order_by(tables.tenants.c.tenant).with_for_update()
_TOTALS = _chosen(tables.totals, "tenant", "month")
_AMOUNTS = _chosen(tables.amounts, "tenant", "month")
_LEASES = _chosen(tables.leases, "tenant")
_WALLETS = _chosen(tables.wallets, "tenant")
# by the event alone: SQLite has no index for pairs, and would read every line
_EVENTS = tables.lines.c.event.in_(sa.bindparam("events", expanding=True))
_LINES = sa.select(tables.lines).where(_EVENTS).order_by(tables.lines.c.turn)


def lock(connection: sa.Connection, tenants: Collection[str]) -> dict[str, Head]:
    """The rows of tenants, made where they are new, locked until the transaction ends."""
    heads: dict[str, Head] = {}
    names = sorted(tenants)
    _lock_some(connection, names, heads)
    missing = [name for name in names if name not in heads]
    put(connection, tables.tenants, [head_row(name, Head()) for name in missing], replace=False)
    _lock_some(connection, missing, heads)
    return heads


def _lock_some(connection: sa.Connection, names: list[str], heads: dict[str, Head]) -> None:
    for part in parts(names):
        for tenant, seq, at, month, closed in connection.execute(_HEADS, {"tenant": part}):
            heads[tenant] = Head(seq, at, month, closed)


def sums(connection: sa.Connection, tenants: Collection[str], months: Collection[str]) -> Months:
    """The sums of some months."""
    found: Months = {}
    for part in parts(sorted(tenants)):
        asked = {"tenant": part, "month": sorted(months)}
        for tenant, month, plan, model, unit, quantity in connection.execute(_TOTALS, asked):
            found.setdefault((tenant, month), Month()).totals.setdefault(plan, {})[model, unit] = quantity
        for tenant, month, plan, currency, cost in connection.execute(_AMOUNTS, asked):
            found.setdefault((tenant, month), Month()).amounts[plan, currency] = cost
    return found


def purses(connection: sa.Connection, tenants: Collection[str]) -> tuple[Leases, Wallets]:
    """What anybody has leased of tenants' purses, and what is in their wallets."""
    leases: Leases = {}
    wallets: Wallets = {}
    for part in parts(sorted(tenants)):
        for tenant, kind, month, unit, holder, amount, _ in connection.execute(_LEASES, {"tenant": part}):
            leases.setdefault(Purse(tenant, kind, month, unit), {})[holder] = amount
        for tenant, currency, balance in connection.execute(_WALLETS, {"tenant": part}):
            wallets[tenant, currency] = balance
    return leases, wallets


def latest(connection: sa.Connection, events: Collection[Event]) -> dict[Event, Any]:
    """The last line of each event that has one."""
    return {
        (row.tenant, row.event): row
        for part in parts(sorted({event for _, event in events}))
        for row in connection.execute(_LINES, {"events": part})
        if (row.tenant, row.event) in events
    }


def head_row(name: str, head: Head) -> dict[str, Any]:
    """A tenant's row as it is written."""
    return {"tenant": name, "seq": head.seq, "at": head.at, "month": head.month, "closed": head.closed}


def parts(names: list[Any]) -> Iterable[list[Any]]:
    """Some at a time."""
    return (names[start : start + _PART] for start in range(0, len(names), _PART))
