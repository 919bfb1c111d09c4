"""Which versions answered what, summed from the ledger's lines: for whom, for how much, and in which closed month."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from argosy.core.ledger import Usage
from argosy.store.database import Database
from argosy.store.ledger import tables
from argosy.store.ledger.posting import usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one version answered a tenant in a billing month under a plan; charges that were taken back are taken off.

    ``closed`` is the month whose closing covers the lines, which its invoices name; empty before. ``first`` and
    ``last`` are microseconds since the epoch, ``amount`` micro-units of ``currency``.
    """

    tenant: str
    model: str
    version: str
    month: str
    closed: str
    plan: str
    currency: str
    events: int = 0
    quantities: Mapping[str, int] = field(default_factory=dict)
    amount: int = 0
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are summed: those of a model's version, or of a tenant with ``after`` < seq ≤ ``through``."""

    model: str | None = None
    version: str | None = None
    tenant: str | None = None
    after: int = 0
    through: int | None = None


def answered(database: Database, wanted: Wanted) -> list[Answered]:
    """The sums by tenant, model, version, month, closing, plan and currency; read in one question."""
    line, closing = tables.lines.c, tables.closings.c
    back = (line.turn % 2).label("back")
    groups = (
        line.tenant,
        line.model,
        line.version,
        line.month,
        closing.month.label("closed"),
        line.plan,
        line.currency,
    )
    sums = (
        sa.func.count().label("lines"),
        sa.func.sum(line.amount).label("amount"),
        sa.func.min(line.at).label("first"),
        sa.func.max(line.at).label("last"),
    )
    covers = (closing.tenant == line.tenant) & (closing.after_seq < line.seq) & (line.seq <= closing.through_seq)
    query = (
        # quantities as they stand: few are different, so that their JSON is read here
        sa.select(*groups, back, line.quantities, *sums)
        .select_from(tables.lines.outerjoin(tables.closings, covers))
        .where(*_conditions(wanted))
        .group_by(*groups, back, line.quantities)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        key = (row.tenant, row.model, row.version, row.month, row.closed or "", row.plan, row.currency)
        found.setdefault(key, []).append(row)
    return [_summed(key, found[key]) for key in sorted(found)]


def told_by(database: Database, event: str) -> list[Usage]:
    """The last line of an event, of each tenant that has one."""
    table = tables.lines
    query = sa.select(table).where(table.c.event == event).order_by(table.c.tenant, table.c.turn)
    with database.reading() as connection:
        last = {row.tenant: row for row in connection.execute(query)}
    return [usage(row) for row in last.values()]


def closing_of(database: Database, tenant: str, seq: int) -> str:
    """The month whose closing covers a line; empty while none does."""
    closing = tables.closings.c
    where = (closing.tenant == tenant) & (closing.after_seq < seq) & (seq <= closing.through_seq)
    with database.reading() as connection:
        return str(connection.scalar(sa.select(closing.month).where(where)) or "")


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    line = tables.lines.c
    asked = {"model": wanted.model, "version": wanted.version, "tenant": wanted.tenant}
    conditions = [line[name] == value for name, value in asked.items() if value is not None]
    if wanted.through is not None:
        conditions += [line.seq > wanted.after, line.seq <= wanted.through]
    return conditions


def _summed(key: tuple[str, ...], rows: list[Any]) -> Answered:
    tenant, model, version, month, closed, plan, currency = key
    quantities: dict[str, int] = {}
    for row in rows:
        for unit, quantity in json.loads(row.quantities).items():
            quantities[unit] = quantities.get(unit, 0) + quantity * row.lines
    return Answered(
        tenant=tenant,
        model=model,
        version=version,
        month=month,
        closed=closed,
        plan=plan,
        currency=currency,
        events=sum(-row.lines if row.back else row.lines for row in rows),
        quantities=quantities,
        amount=sum(int(row.amount) for row in rows),
        first=min(row.first for row in rows),
        last=max(row.last for row in rows),
    )
