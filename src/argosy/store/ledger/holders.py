"""Processes that hold reservations: each says that it lives; what the dead leave behind is cleared.

A holder whose last sign of life is older than ``EXPIRES`` by the database's clock (on SQLite: any other holder, for
there is one at a time) loses its leases; streams that it had recorded progress of are charged for that. Only a holder
that has itself lived that long without a pause clears others: after the database was gone for a while, each has time
to come back.
"""

import json
import logging
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from argosy.core.account import Limits
from argosy.core.ledger import Ask, Held, LedgerError, Quantities, RefusedError
from argosy.store.ledger import tables
from argosy.store.ledger.posting import Posting, Rules
from argosy.store.ledger.purses import Purse
from argosy.store.writing import put

EXPIRES = 20 * 10**6  # µs
_log = logging.getLogger(__name__)


def now(connection: sa.Connection, otherwise: int) -> int:
    """The time of the database's clock in microseconds, the same for all holders; SQLite has one, whose clock it is."""
    if connection.dialect.name == "sqlite":
        return otherwise
    asked = sa.select(sa.cast(sa.extract("epoch", sa.func.clock_timestamp()) * 1_000_000, sa.BigInteger))
    return int(connection.execute(asked).scalar_one())


def beat(connection: sa.Connection, holder: str, at: int) -> bool:
    """Say that a holder lives; False when it was taken for dead."""
    table = tables.holders
    return connection.execute(sa.update(table).where(table.c.holder == holder).values(beat=at)).rowcount == 1


def register(connection: sa.Connection, holder: str, name: str, at: int) -> None:
    """Make a holder known."""
    put(connection, tables.holders, [{"holder": holder, "name": name, "beat": at}])


def others(connection: sa.Connection, me: str, *, name: str | None) -> list[str]:
    """The other holders with a ``name`` (an empty one has none); without, every holder that left something."""
    table = tables.holders
    if name is not None:
        found = connection.scalars(sa.select(table.c.holder).where(table.c.name == name, table.c.holder != me))
        return sorted(found) if name else []
    columns = (table.c.holder, tables.leases.c.holder, tables.progress.c.holder)
    return sorted({holder for column in columns for holder in connection.scalars(sa.select(column).distinct())} - {me})


def dead(connection: sa.Connection, me: str, before: int) -> list[str]:
    """Holders without a sign of life since ``before``, and those who left something though they are not known."""
    table = tables.holders
    living = set(connection.scalars(sa.select(table.c.holder).where(table.c.beat > before)))
    return [holder for holder in others(connection, me, name=None) if holder not in living]


def clear(connection: sa.Connection, holder: str, rules: Rules, at: int) -> None:
    """Charge what a dead holder had recorded, as far as there is room, and take its leases back."""
    leases, progress = tables.leases, tables.progress
    streams = connection.execute(sa.select(progress).where(progress.c.holder == holder)).all()
    leased = connection.scalars(sa.select(leases.c.tenant).where(leases.c.holder == holder).distinct()).all()
    posting = Posting(connection, rules, at)
    asked = [(held_of(row.held), json.loads(row.quantities)) for row in streams]
    tenants = {*leased, *(held.ask.tenant for held, _ in asked)}
    posting.load(tenants, events={(held.ask.tenant, held.ask.event) for held, _ in asked}, limited=tenants)
    for held, quantities in asked:
        _charge(posting, held, quantities, holder)
    posting.flush()
    connection.execute(sa.delete(leases).where(leases.c.holder == holder))
    connection.execute(sa.delete(progress).where(progress.c.holder == holder))
    connection.execute(sa.delete(tables.holders).where(tables.holders.c.holder == holder))


def _charge(posting: Posting, held: Held, quantities: Quantities, holder: str) -> None:
    last = posting.latest.get((held.ask.tenant, held.ask.event))
    if last is not None and last.turn % 2 == 0:
        return  # charged already
    try:
        posting.charge(held, quantities, holder, {}, lambda purse: posting.leases.get(purse, {}).get(holder, 0))
    except (LedgerError, RefusedError):
        _log.warning("an interrupted stream of %s found no room or price and was not charged", held.ask.tenant)


def trim(connection: sa.Connection, holder: str, blocks: dict[Purse, int]) -> None:
    """Give back what stands idle: of each block keep at most so much, for some may just have been charged."""
    table = tables.leases
    for purse, most in sorted(blocks.items()):
        where = (table.c.holder == holder) & _of(purse)
        left = sa.case((table.c.amount > most, most), else_=table.c.amount)
        change = sa.update(table).values(amount=left, wanted=False) if most else sa.delete(table)
        connection.execute(change.where(where))


def want(connection: sa.Connection, holder: str, purses: set[Purse]) -> None:
    """Ask the other holders of purses for what stands idle with them."""
    table = tables.leases
    for purse in sorted(purses):
        where = (table.c.holder != holder) & _of(purse) & (table.c.amount > 0)
        connection.execute(sa.update(table).where(where).values(wanted=True))


def wanted(connection: sa.Connection, holder: str) -> set[Purse]:
    """The purses of which other holders want something."""
    table = tables.leases
    chosen = sa.select(table.c.tenant, table.c.kind, table.c.month, table.c.unit)
    found = connection.execute(chosen.where(table.c.holder == holder, table.c.wanted))
    return {Purse(row.tenant, row.kind, row.month, row.unit) for row in found}


def leased(connection: sa.Connection, holder: str) -> dict[Purse, int]:
    """Everything that a holder has leased."""
    table = tables.leases
    found = connection.execute(sa.select(table).where(table.c.holder == holder))
    return {Purse(row.tenant, row.kind, row.month, row.unit): row.amount for row in found}


def note(connection: sa.Connection, holder: str, streams: dict[str, tuple[Held, Quantities]]) -> None:
    """Write how far streams have come, by token."""
    rows: list[dict[str, Any]] = [
        {
            "tenant": held.ask.tenant,
            "token": token,
            "holder": holder,
            "held": json.dumps(_told(held)),
            "quantities": json.dumps(dict(quantities)),
        }
        for token, (held, quantities) in sorted(streams.items())
    ]
    put(connection, tables.progress, rows)


def forget(connection: sa.Connection, tokens: list[tuple[str, str]]) -> None:
    """Delete what was noted of streams, by tenant and token."""
    table = tables.progress
    for tenant, token in tokens:
        connection.execute(sa.delete(table).where(table.c.tenant == tenant, table.c.token == token))


def _of(purse: Purse) -> sa.ColumnElement[bool]:
    table = tables.leases
    return sa.and_(*(table.c[name] == value for name, value in purse._asdict().items()))


def _told(held: Held) -> dict[str, Any]:
    limits = held.ask.limits
    told_limits = {**{part.name: getattr(limits, part.name) for part in fields(limits)}, "quota": dict(limits.quota)}
    ask = {part.name: getattr(held.ask, part.name) for part in fields(held.ask)}
    ask.update(at_most=dict(held.ask.at_most), limits=told_limits)
    return {"ask": ask, "amount": held.amount, "token": held.token}


def held_of(text: str) -> Held:
    """A reservation as it was noted."""
    known = json.loads(text)
    ask = Ask(**{**known["ask"], "limits": Limits(**known["ask"]["limits"])})
    return Held(ask=ask, amount=known["amount"], token=known["token"])
