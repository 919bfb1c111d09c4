"""Whether the ledger's sums are those of its lines: everything that was derived is reckoned again."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import ArgosyError
from argosy.core.ledger import Pricing, Totals
from argosy.store.database import Database
from argosy.store.ledger import tables

_PAGE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a tenant's books don't agree; ``what`` is a stable name such as ``seq``, ``total``, ``price``."""

    tenant: str
    what: str
    place: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many tenants and lines were looked at, and every difference."""

    tenants: int
    lines: int
    differences: tuple[Difference, ...]


def verify(database: Database, pricing: Pricing) -> Verdict:
    """Reckon all tenants' books again, each from one state of the database; works beside a service that writes."""
    with database.reading() as connection:
        names = list(connection.scalars(sa.select(tables.tenants.c.tenant).order_by(tables.tenants.c.tenant)))
    lines, found = 0, []
    for name in names:
        with database.reading() as connection:
            books = _Books(connection, name, pricing)
            found += list(books.differences())
            lines += books.lines
    return Verdict(tenants=len(names), lines=lines, differences=tuple(found))


class _Books:
    """What a tenant's lines add up to."""

    def __init__(self, connection: sa.Connection, tenant: str, pricing: Pricing) -> None:
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ")
        self._connection = connection
        self._tenant = tenant
        self._pricing = pricing
        self.lines = 0
        self._head = (0, 0, "")  # seq, at, month
        self._totals: dict[tuple[str, str, str, str], int] = defaultdict(int)
        self._amounts: dict[tuple[str, str, str], int] = defaultdict(int)
        self._wallets: dict[str, int] = defaultdict(int)
        self._turns: dict[str, int] = {}

    def differences(self) -> Iterator[Difference]:
        """Every one."""
        head = self._rows(tables.tenants)[0]
        for row in self._all_lines():
            yield from self._line(row)
        if (head.seq, head.at) != self._head[:2] or head.month != self._head[2]:
            yield self._tell("seq", "last line", self._head, (head.seq, head.at, head.month))
        totals = {(row.month, row.plan, row.model, row.unit): row.quantity for row in self._rows(tables.totals)}
        yield from self._compare("total", self._totals, totals)
        amounts = {(row.month, row.plan, row.currency): row.amount for row in self._rows(tables.amounts)}
        yield from self._prices(amounts)
        for row in self._rows(tables.credits_):
            self._wallets[row.currency] += row.amount
        wallets = {row.currency: row.balance for row in self._rows(tables.wallets)}
        yield from self._compare("wallet", self._wallets, wallets)
        yield from self._closings()

    def _all_lines(self) -> Iterator[Any]:
        table = tables.lines
        chosen = sa.select(table).where(table.c.tenant == self._tenant).order_by(table.c.seq)
        yield from self._connection.execution_options(yield_per=_PAGE).execute(chosen)

    def _line(self, row: Any) -> Iterator[Difference]:
        seq, at, month = self._head
        self.lines += 1
        if row.seq != seq + 1:
            yield self._tell("seq", f"line {row.seq}", seq + 1, row.seq)
        if row.at < at or row.month < month:
            yield self._tell("time", f"line {row.seq}", (at, month), (row.at, row.month))
        turn = self._turns.get(row.event, -1) + 1
        if row.turn != turn:
            yield self._tell("event", row.event, turn, row.turn)
        self._turns[row.event] = row.turn
        self._head = (row.seq, row.at, row.month)
        for unit, quantity in json.loads(row.quantities).items():
            self._totals[row.month, row.plan, row.model, unit] += quantity
        self._amounts[row.month, row.plan, row.currency] += row.amount
        if row.prepaid:
            self._wallets[row.currency] -= row.amount

    def _prices(self, stored: dict[tuple[str, str, str], int]) -> Iterator[Difference]:
        """Lines add up to what is stored, and that is what the plan says of the totals."""
        for (month, plan, currency), amount in sorted(self._amounts.items()):
            place = f"{month} {plan} {currency}"
            try:
                base = self._pricing.amount(plan, {})
                priced = self._pricing.amount(plan, self._of(month, plan))
            except ArgosyError as error:
                yield self._tell("price", place, "", str(error))
                continue
            found = stored.pop((month, plan, currency), 0)
            if amount + base != found:
                yield self._tell("amount", place, amount + base, found)
            if priced != found:
                yield self._tell("price", place, priced, found)
        yield from (self._tell("amount", " ".join(key), 0, amount) for key, amount in stored.items() if amount)

    def _of(self, month: str, plan: str) -> Totals:
        return {
            (model, unit): quantity
            for (one, of, model, unit), quantity in self._totals.items()
            if (one, of) == (month, plan)
        }

    def _closings(self) -> Iterator[Difference]:
        """Closed months follow each other without a gap, and hold the lines of their months."""
        last = 0
        for row in sorted(self._rows(tables.closings), key=lambda row: str(row.month)):
            if row.after_seq != last or row.through_seq < last:
                yield self._tell("closing", row.month, last, row.after_seq)
            last = row.through_seq
            table = tables.lines
            late = (table.c.tenant == self._tenant) & (table.c.seq > last) & (table.c.month <= row.month)
            count = self._connection.scalar(sa.select(sa.func.count()).select_from(table).where(late))
            if count:
                yield self._tell("closing", row.month, 0, count)

    def _compare(self, what: str, expected: dict[Any, int], found: dict[Any, int]) -> Iterator[Difference]:
        for key in sorted({*expected, *found}):
            if expected.get(key, 0) != found.get(key, 0):
                place = key if isinstance(key, str) else " ".join(key)
                yield self._tell(what, place, expected.get(key, 0), found.get(key, 0))

    def _rows(self, table: sa.Table) -> list[Any]:
        return list(self._connection.execute(sa.select(table).where(table.c.tenant == self._tenant)))

    def _tell(self, what: str, place: str, expected: object, found: object) -> Difference:
        return Difference(tenant=self._tenant, what=what, place=place, expected=str(expected), found=str(found))
