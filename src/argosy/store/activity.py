"""What tenants did and were charged, by month: one state of the accounts, the ledger and the invoices together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from argosy.core.tenant import Entry, Tenant
from argosy.store.database import Database
from argosy.store.invoices import Issued, invoices_table
from argosy.store.ledger import tables
from argosy.store.tenants.accounts import tenant_of, tenants_table
from argosy.store.tenants.audit import audit_table

_TERMS = ("tenant.create", "tenant.set", "tenant.suspend", "tenant.resume")  # actions that tell a tenant's plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a tenant was answered in a billing month under a version of a plan; what was taken back is taken off.

    ``amount`` is micro-units of ``currency``; ``first`` is when something was charged for, in microseconds since the
    epoch, None where nothing was.
    """

    tenant: str
    month: str
    plan: str
    currency: str
    events: int
    amount: int
    first: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One state of the books.

    ``used`` is by (tenant, month, plan), then by (model, unit). ``early`` is what tenants were answered in the span
    after their creation that was asked for; ``closed`` are the (tenant, month) with a closing of their own, ``through``
    is each tenant's last month that was closed. ``terms`` are the audit log's entries about tenants' plans in order.
    """

    tenants: tuple[Tenant, ...]
    answers: tuple[Answers, ...]
    used: Mapping[tuple[str, str, str], Mapping[tuple[str, str], int]]
    early: Mapping[str, int]
    invoices: tuple[Issued, ...]
    closed: frozenset[tuple[str, str]]
    through: Mapping[str, str]
    terms: tuple[Entry, ...]


def activity(database: Database, span: int) -> Activity:
    """The state of now, while others may write; ``span`` is how many microseconds after its creation are early."""
    with database.reading() as connection:
        if not database.sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        heads = connection.execute(sa.select(tables.tenants.c.tenant, tables.tenants.c.closed))
        closings = connection.execute(sa.select(tables.closings.c.tenant, tables.closings.c.month))
        return Activity(
            through={row.tenant: row.closed for row in heads},
            closed=frozenset((row.tenant, row.month) for row in closings),
            tenants=_tenants(connection),
            answers=_answers(connection),
            used=_used(connection),
            early=_early(connection, span),
            invoices=_invoices(connection),
            terms=_terms(connection),
        )


def _tenants(connection: sa.Connection) -> tuple[Tenant, ...]:
    order = sa.select(tenants_table).order_by(tenants_table.c.created, tenants_table.c.id)
    return tuple(tenant_of(row) for row in connection.execute(order))


def _answers(connection: sa.Connection) -> tuple[Answers, ...]:
    line = tables.lines.c
    groups = (line.tenant, line.month, line.plan, line.currency)
    first = sa.func.min(sa.case((line.amount > 0, line.at)))
    sums = (_counted().label("events"), sa.func.sum(line.amount).label("amount"), first.label("first"))
    query = sa.select(*groups, *sums).group_by(*groups).order_by(*groups)
    return tuple(
        Answers(**{**row._asdict(), "events": int(row.events), "amount": int(row.amount)})
        for row in connection.execute(query)
    )


def _used(connection: sa.Connection) -> dict[tuple[str, str, str], dict[tuple[str, str], int]]:
    found: dict[tuple[str, str, str], dict[tuple[str, str], int]] = {}
    for row in connection.execute(sa.select(tables.totals)):
        found.setdefault((row.tenant, row.month, row.plan), {})[row.model, row.unit] = row.quantity
    return found


def _early(connection: sa.Connection, span: int) -> dict[str, int]:
    line, tenant = tables.lines.c, tenants_table.c
    query = (
        sa.select(line.tenant, _counted().label("events"))
        .join_from(tables.lines, tenants_table, tenant.id == line.tenant)
        .where(line.at < tenant.created + span)
        .group_by(line.tenant)
    )
    return {row.tenant: int(row.events) for row in connection.execute(query)}


def _invoices(connection: sa.Connection) -> tuple[Issued, ...]:
    order = sa.select(invoices_table).order_by(invoices_table.c.issued, invoices_table.c.number)
    return tuple(Issued(**row._asdict()) for row in connection.execute(order))


def _terms(connection: sa.Connection) -> tuple[Entry, ...]:
    query = sa.select(audit_table).where(audit_table.c.action.in_(_TERMS)).order_by(audit_table.c.seq)
    return tuple(Entry(**{**row._asdict(), "details": json.loads(row.details)}) for row in connection.execute(query))


def _counted() -> sa.ColumnElement[int]:
    """Charges less those that were taken back."""
    return sa.func.sum(sa.case((tables.lines.c.turn % 2 == 0, 1), else_=-1))
