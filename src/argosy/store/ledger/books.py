"""What the books say, and what is written to them beside events; for services and for administration alike."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from argosy.core.ledger import Usage
from argosy.store.database import Database
from argosy.store.ledger import tables
from argosy.store.ledger.posting import usage

_PAGE = 2_000  # lines read at once, so that no reader holds the log for long


def wall_clock() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a tenant has used in a month, what it cost by currency, and its wallets; micro-units."""

    month: str
    used: Mapping[str, int] = field(default_factory=dict)
    spent: Mapping[str, int] = field(default_factory=dict)
    wallets: Mapping[str, int] = field(default_factory=dict)


def charged(connection: sa.Connection, tenant: str, event: str) -> Usage | None:
    """The line that charges an event, unless it was taken back."""
    table = tables.lines
    where = (table.c.tenant == tenant) & (table.c.event == event)
    row = connection.execute(sa.select(table).where(where).order_by(table.c.turn.desc()).limit(1)).first()
    return None if row is None or row.turn % 2 else usage(row)


def between(database: Database, tenant: str, after: int, through: int | None = None) -> Iterator[Usage]:
    """The lines of a tenant with ``after`` < seq ≤ ``through`` in order; without, up to the last one of now."""
    table = tables.lines
    if through is None:
        with database.reading() as connection:
            through = connection.scalar(sa.select(sa.func.max(table.c.seq)).where(table.c.tenant == tenant)) or 0
    while after < through:
        where = (table.c.tenant == tenant) & (table.c.seq > after) & (table.c.seq <= through)
        with database.reading() as connection:
            rows = connection.execute(sa.select(table).where(where).order_by(table.c.seq).limit(_PAGE)).all()
        yield from (usage(row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq


def tenants(database: Database, month: str | None = None) -> list[str]:
    """The tenants with usage, in a ``month`` or ever."""
    table = tables.amounts
    chosen = sa.select(table.c.tenant).distinct().order_by(table.c.tenant)
    with database.reading() as connection:
        return list(connection.scalars(chosen if month is None else chosen.where(table.c.month == month)))


def balance(database: Database, tenant: str, month: str) -> Balance:
    """What a tenant has used and spent in a month, and what is in its wallets."""
    sums, money, wallets = tables.totals, tables.amounts, tables.wallets
    with database.reading() as connection:
        used = connection.execute(
            sa.select(sums.c.unit, sa.func.sum(sums.c.quantity))
            .where(sums.c.tenant == tenant, sums.c.month == month)
            .group_by(sums.c.unit)
        ).all()
        spent = connection.execute(
            sa.select(money.c.currency, sa.func.sum(money.c.amount))
            .where(money.c.tenant == tenant, money.c.month == month)
            .group_by(money.c.currency)
        ).all()
        held = connection.execute(sa.select(wallets.c.currency, wallets.c.balance).where(wallets.c.tenant == tenant))
        return Balance(
            month=month,
            used={unit: int(quantity) for unit, quantity in used},
            spent={currency: int(amount) for currency, amount in spent},
            wallets={row.currency: row.balance for row in held},
        )
