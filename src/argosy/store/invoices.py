"""Published plans and issued invoices: what they say is never changed, only the state of an invoice is."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import DataError, MissingError
from argosy.store.database import Database, metadata
from argosy.store.ledger import tables
from argosy.store.ledger.books import wall_clock
from argosy.store.tenants import audit
from argosy.store.writing import put

Clock = Callable[[], int]
DRAFT, SENT, PAID, OVERDUE, VOID = "draft", "sent", "paid", "overdue", "void"

plans_table = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    comment="Versions of plans by their digest; triggers refuse to change or delete one.",
)
offers_table = sa.Table(
    "plan_offers",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("plan", sa.Text, sa.ForeignKey("plans.id"), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment="From when on which version was offered under its name.",
)
numbers_table = sa.Table(
    "invoice_numbers",
    metadata,
    sa.Column("prefix", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)
invoices_table = sa.Table(
    "invoices",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("tenant", sa.Text, nullable=False, index=True),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("credits", sa.Text),  # the number of the invoice that this one takes back in part
    sa.Column("body", sa.Text, nullable=False),  # canonical JSON
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("owed", sa.BigInteger, nullable=False),
    sa.Column("issued", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),  # when it came into its state
    comment="Triggers refuse to change or delete anything of an invoice but its state.",
)
reminders_table = sa.Table(
    "invoice_reminders",
    metadata,
    sa.Column("number", sa.Text, sa.ForeignKey("invoices.number"), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """That a version of a plan is offered under its name from ``at`` on; ``body`` is the plan as JSON."""

    plan: str
    name: str
    currency: str
    body: str
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An invoice as it is kept: ``body`` is its canonical JSON, ``owed`` what is to be paid of ``total``.

    Amounts are micro-units, ``issued``, ``due`` and ``changed`` microseconds since the epoch.
    """

    number: str
    tenant: str
    month: str
    currency: str
    credits: str | None
    body: str
    digest: str
    total: int
    owed: int
    issued: int
    due: int
    state: str = DRAFT
    changed: int = 0


class SqlPlans:
    """The plans that were ever offered."""

    def __init__(self, database: Database, *, clock: Clock = wall_clock) -> None:
        self._database = database
        self._clock = clock

    def publish(self, offers: Collection[Offer]) -> "Future[int]":
        """Offer these versions under their names from now on, and tell how many were not offered before."""

        def work(connection: sa.Connection) -> int:
            now = {(offer.name, offer.currency): offer.plan for offer in _offers(connection)}
            news = [offer for offer in offers if now.get((offer.name, offer.currency)) != offer.plan]
            about = [{name: getattr(offer, name) for name in ("name", "currency", "body")} for offer in news]
            rows = [{"id": offer.plan, **told} for offer, told in zip(news, about, strict=True)]
            put(connection, plans_table, rows, replace=False)
            for offer in news:
                connection.execute(offers_table.insert().values(plan=offer.plan, at=self._clock()))
                audit.append(connection, "argosy", "plan.offer", offer.plan, {}, clock=self._clock)
            return len(news)

        return self._database.write(work)

    def offers(self) -> list[Offer]:
        """Every version with the time from which it was offered, in this order."""
        with self._database.reading() as connection:
            return _offers(connection)

    def body(self, plan: str) -> str | None:
        """The plan of an id as JSON."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(plans_table.c.body).where(plans_table.c.id == plan))


class SqlInvoices:
    """Invoices with their numbers and states; each change stands in the audit log."""

    def __init__(self, database: Database, *, clock: Clock = wall_clock) -> None:
        self._database = database
        self._clock = clock

    def issue(
        self, prefix: str, year: int, compose: Callable[[str], Issued], actor: str, *, paying: Mapping[str, str] = {}
    ) -> "Future[Issued]":
        """Keep what ``compose`` makes of the next number of ``prefix`` and ``year``: no number is left out.

        A tenant has one invoice a month and currency that is not void: where there is one, it is the result.
        ``paying`` are invoices that come into another state with it.
        """

        def work(connection: sa.Connection) -> Issued:
            number = _next(connection, prefix, year)
            made = compose(number)
            standing = None if made.credits else _standing(connection, made.tenant, made.month, made.currency)
            if standing is not None:
                return standing
            put(connection, numbers_table, [{"prefix": prefix, "year": year, "last": int(number.rpartition("-")[2])}])
            values = {field.name: getattr(made, field.name) for field in fields(Issued)}
            connection.execute(invoices_table.insert().values(**{**values, "changed": self._clock()}))
            details = {"tenant": made.tenant, "digest": made.digest, "credits": made.credits}
            audit.append(connection, actor, "invoice.issue", number, details, clock=self._clock)
            for other, state in paying.items():
                self._move(connection, other, state, actor)
            return _find(connection, number)

        return self._database.write(work)

    def find(self, number: str) -> Issued:
        """One invoice; raises MissingError."""
        with self._database.reading() as connection:
            return _find(connection, number)

    def list(
        self, *, tenant: str | None = None, month: str | None = None, states: Collection[str] = ()
    ) -> "list[Issued]":
        """Invoices by number."""
        query = sa.select(invoices_table).order_by(invoices_table.c.issued, invoices_table.c.number)
        if tenant is not None:
            query = query.where(invoices_table.c.tenant == tenant)
        if month is not None:
            query = query.where(invoices_table.c.month == month)
        if states:
            query = query.where(invoices_table.c.state.in_(list(states)))
        with self._database.reading() as connection:
            return [Issued(**row._asdict()) for row in connection.execute(query)]

    def move(self, number: str, state: str, actor: str, *, since: Collection[str]) -> "Future[Issued]":
        """Bring an invoice into a state from one of ``since``; where it is in it already, nothing happens.

        Raises DataError from any other.
        """

        def work(connection: sa.Connection) -> Issued:
            found = _find(connection, number, lock=True)
            if found.state == state:
                return found
            if found.state not in since:
                raise DataError(
                    "The invoice {number} is {found}; only one that is {expected} can become {state}.",
                    mend="See: argosy invoice list",
                    number=number,
                    found=found.state,
                    expected=", ".join(since),
                    state=state,
                )
            self._move(connection, number, state, actor)
            return _find(connection, number)

        return self._database.write(work)

    def remind(self, number: str, stage: str, actor: str) -> "Future[bool]":
        """Note that a reminder went out; whether it is the first of its stage."""

        def work(connection: sa.Connection) -> bool:
            _find(connection, number, lock=True)
            known = sa.select(reminders_table).where(
                reminders_table.c.number == number, reminders_table.c.stage == stage
            )
            if connection.execute(known).first():
                return False
            connection.execute(reminders_table.insert().values(number=number, stage=stage, at=self._clock()))
            audit.append(connection, actor, "invoice.remind", number, {"stage": stage}, clock=self._clock)
            return True

        return self._database.write(work)

    def reminded(self, number: str) -> frozenset[str]:
        """The stages of the reminders that went out."""
        query = sa.select(reminders_table.c.stage).where(reminders_table.c.number == number)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def from_wallet(self, tenant: str, currency: str, after: int, through: int) -> int:
        """Micro-units of the ledger's lines with ``after`` < seq ≤ ``through`` that were taken from the wallet."""
        line = tables.lines.c
        query = sa.select(sa.func.coalesce(sa.func.sum(line.amount), 0)).where(
            line.tenant == tenant, line.seq > after, line.seq <= through, line.prepaid, line.currency == currency
        )
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def covered(self, tenant: str, month: str) -> tuple[int, int]:
        """The ledger's lines that a month's invoice covers, or would if the month were closed now: (after, through]."""
        closing, line = tables.closings.c, tables.lines.c
        closed = sa.select(closing.after_seq, closing.through_seq).where(
            closing.tenant == tenant, closing.month == month
        )
        before = sa.select(sa.func.max(closing.through_seq)).where(closing.tenant == tenant, closing.month < month)
        last = sa.select(sa.func.max(line.seq)).where(line.tenant == tenant, line.month <= month)
        with self._database.reading() as connection:
            if row := connection.execute(closed).one_or_none():
                return row.after_seq, row.through_seq
            after = connection.scalar(before) or 0
            return after, max(after, connection.scalar(last) or 0)

    def lines_of(self, tenant: str, month: str) -> tuple[int, int]:
        """The lines of a month, which stand together: (after, through]."""
        line = tables.lines.c
        query = sa.select(sa.func.min(line.seq), sa.func.max(line.seq)).where(
            line.tenant == tenant, line.month == month
        )
        with self._database.reading() as connection:
            first, last = connection.execute(query).one()
        return (first - 1, last) if last else (0, 0)

    def currencies(self, tenant: str, after: int, through: int) -> frozenset[str]:
        """The currencies of the lines with ``after`` < seq ≤ ``through``."""
        line = tables.lines.c
        query = sa.select(line.currency).distinct().where(line.tenant == tenant, line.seq > after, line.seq <= through)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def _move(self, connection: sa.Connection, number: str, state: str, actor: str) -> None:
        where = invoices_table.c.number == number
        connection.execute(invoices_table.update().where(where).values(state=state, changed=self._clock()))
        audit.append(connection, actor, f"invoice.{state}", number, {}, clock=self._clock)


def _offers(connection: sa.Connection) -> list[Offer]:
    plan, offer = plans_table.c, offers_table.c
    query = (
        sa.select(plan.id.label("plan"), plan.name, plan.currency, plan.body, offer.at)
        .join_from(offers_table, plans_table, offer.plan == plan.id)
        .order_by(offer.seq)
    )
    return [Offer(**row._asdict()) for row in connection.execute(query)]


def _next(connection: sa.Connection, prefix: str, year: int) -> str:
    """The next number, with the row of its sequence locked."""
    put(connection, numbers_table, [{"prefix": prefix, "year": year, "last": 0}], replace=False)
    where = (numbers_table.c.prefix == prefix) & (numbers_table.c.year == year)
    last = connection.scalar(sa.select(numbers_table.c.last).where(where).with_for_update()) or 0
    return f"{prefix}-{year}-{last + 1:06}"


def _standing(connection: sa.Connection, tenant: str, month: str, currency: str) -> Issued | None:
    invoice = invoices_table.c
    query = sa.select(invoices_table).where(
        invoice.tenant == tenant,
        invoice.month == month,
        invoice.currency == currency,
        invoice.credits.is_(None),
        invoice.state != VOID,
    )
    row = connection.execute(query).one_or_none()
    return Issued(**row._asdict()) if row else None


def _find(connection: sa.Connection, number: str, *, lock: bool = False) -> Issued:
    query = sa.select(invoices_table).where(invoices_table.c.number == number)
    row: sa.Row[Any] | None = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise MissingError("There is no invoice {number!r}.", mend="See: argosy invoice list", number=number)
    return Issued(**row._asdict())
