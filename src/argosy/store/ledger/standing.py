"""What a tenant has used this month, and what is left of its limits, read from the ledger's sums."""

from collections.abc import Callable

import sqlalchemy as sa

from argosy.core.account import Account, Limits
from argosy.core.ledger import RefusedError
from argosy.core.tenant import Day, Standing
from argosy.store.database import Database
from argosy.store.ledger.books import wall_clock
from argosy.store.ledger.months import QUARTER, Calendar
from argosy.store.ledger.tables import amounts, closings, lines, totals, wallets

Clock = Callable[[], int]


class SqlStandings:
    """Standings from what is settled in the month that runs now by the clock of ``time_zone``.

    ``pays`` gives an account as it is charged: by its plan's version, prepaid where that is.
    """

    def __init__(
        self, database: Database, time_zone: str, pays: Callable[[Account], Account], *, clock: Clock = wall_clock
    ) -> None:
        self._database = database
        self._calendar = Calendar(time_zone)
        self._pays = pays
        self._clock = clock

    def standing(self, account: Account) -> Standing:
        """The month that runs now."""
        month, limits = self._calendar.month(self._clock()), self._limits(account)
        with self._database.reading() as connection:
            used = _used(connection, account.tenant, month)
            amount = _amount(connection, account, month)
            wallet = _wallet(connection, account) if limits.prepaid else None
        by_unit = {unit: sum(count for (_, of), count in used.items() if of == unit) for unit in limits.quota}
        return Standing(
            month=month,
            used=used,
            amount=amount,
            budget_left=None if limits.budget is None else max(0, limits.budget - amount),
            quota_left={unit: max(0, most - by_unit[unit]) for unit, most in limits.quota.items()},
            wallet=wallet,
        )

    def _limits(self, account: Account) -> Limits:
        """Those that the plan sets too; an account whose plan has no prices still has its own."""
        try:
            return self._pays(account).limits
        except RefusedError:
            return account.limits

    def amounts(self) -> dict[tuple[str, str], int]:
        """Micro-units charged in the month that runs now, by (tenant, currency)."""
        table = amounts.c
        query = (
            sa.select(table.tenant, table.currency, sa.func.sum(table.amount).label("amount"))
            .where(table.month == self._calendar.month(self._clock()))
            .group_by(table.tenant, table.currency)
        )
        with self._database.reading() as connection:
            return {(row.tenant, row.currency): int(row.amount) for row in connection.execute(query)}

    def days(self, account: Account) -> list[Day]:
        """The days of the month that runs now, up to today; money in the account's currency."""
        known = self._calendar.days(self._clock())
        found = dict.fromkeys(known, (0, 0))
        with self._database.reading() as connection:
            for quarter, events, amount in connection.execute(_quarters(account, self._calendar.month(self._clock()))):
                day = self._calendar.day(quarter * QUARTER)
                before = found.get(day, (0, 0))
                found[day] = (before[0] + int(events), before[1] + int(amount))
        return [Day(day=day, events=events, amount=amount) for day, (events, amount) in sorted(found.items())]


def _quarters(account: Account, month: str) -> sa.Select[int, int, int]:
    """A tenant's lines of a month summed by quarters of an hour: days begin on one in every zone."""
    line = lines.c
    closed = sa.select(sa.func.coalesce(sa.func.max(closings.c.through_seq), 0)).where(
        closings.c.tenant == account.tenant, closings.c.month < month
    )
    quarter = sa.cast(line.at, sa.BigInteger) // QUARTER
    return (
        sa.select(
            quarter.label("quarter"),
            sa.func.sum(sa.case((line.turn % 2 == 0, 1), else_=-1)),
            sa.func.sum(sa.case((line.currency == account.currency, line.amount), else_=0)),
        )
        .where(line.tenant == account.tenant, line.month == month, line.seq > closed.scalar_subquery())
        .group_by(quarter)
    )


def _used(connection: sa.Connection, tenant: str, month: str) -> dict[tuple[str, str], int]:
    query = (
        sa.select(totals.c.model, totals.c.unit, sa.func.sum(totals.c.quantity).label("quantity"))
        .where(totals.c.tenant == tenant, totals.c.month == month)
        .group_by(totals.c.model, totals.c.unit)
        .order_by(totals.c.model, totals.c.unit)
    )
    return {(row.model, row.unit): int(row.quantity) for row in connection.execute(query)}


def _amount(connection: sa.Connection, account: Account, month: str) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(amounts.c.amount), 0)).where(
        amounts.c.tenant == account.tenant, amounts.c.month == month, amounts.c.currency == account.currency
    )
    return int(connection.execute(query).scalar_one())


def _wallet(connection: sa.Connection, account: Account) -> int:
    query = sa.select(wallets.c.balance).where(
        wallets.c.tenant == account.tenant, wallets.c.currency == account.currency
    )
    return int(connection.execute(query).scalar_one_or_none() or 0)
