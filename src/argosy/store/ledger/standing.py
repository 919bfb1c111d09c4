"""What a tenant has used this month, and what is left of its limits, read from the ledger's sums."""

from collections.abc import Callable

import sqlalchemy as sa

from argosy.core.account import Account
from argosy.core.tenant import Standing
from argosy.store.database import Database
from argosy.store.ledger.tables import amounts, totals, wallets


class SqlStandings:
    """Standings from what is settled; ``month`` tells the billing month that runs now.

    ``pays`` gives an account as it is charged: by its plan's version, prepaid where that is.
    """

    def __init__(self, database: Database, month: Callable[[], str], pays: Callable[[Account], Account]) -> None:
        self._database = database
        self._month = month
        self._pays = pays

    def standing(self, account: Account) -> Standing:
        """The month that runs now."""
        month, limits = self._month(), self._pays(account).limits
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
