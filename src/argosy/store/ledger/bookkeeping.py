"""What administration writes to the books: money paid into wallets, and months that are closed."""

from collections.abc import Callable

import sqlalchemy as sa

from argosy.core.errors import DataError
from argosy.store.database import Database
from argosy.store.ledger import loading, tables
from argosy.store.ledger.books import wall_clock
from argosy.store.ledger.months import Calendar
from argosy.store.ledger.purses import Purse
from argosy.store.tenants import audit
from argosy.store.writing import put

Clock = Callable[[], int]


def credit(  # noqa: PLR0913 - whose, how much, why, and who says so
    database: Database,
    tenant: str,
    currency: str,
    amount: int,
    *,
    reference: str,
    reason: str,
    actor: str = "argosy",
    clock: Clock = wall_clock,
) -> int:
    """Pay ``amount`` micro-units into a tenant's wallet (negative: out of it); the balance.

    Once per ``reference``: the same again changes nothing. Raises DataError for another amount under the same
    reference, and where more is taken out than is neither spent nor reserved.
    """

    def work(connection: sa.Connection) -> int:
        head = loading.lock(connection, [tenant])[tenant]
        leases, wallets = loading.purses(connection, [tenant])
        balance = wallets.get((tenant, currency), 0)
        if _is_credited(connection, tenant, reference, (currency, amount)):
            return balance
        free = balance - sum(leases.get(Purse(tenant, "wallet", "", currency), {}).values())
        if free + amount < 0:
            raise DataError(
                "The wallet has {free} micro-units that are neither spent nor reserved, and {out} are to be taken out.",
                mend="Take out less, or wait for what is under way.",
                free=free,
                out=-amount,
            )
        line = {"tenant": tenant, "reference": reference, "currency": currency, "amount": amount, "reason": reason}
        connection.execute(sa.insert(tables.credits_).values(**line, at=max(clock(), head.at)))
        put(connection, tables.wallets, [{"tenant": tenant, "currency": currency, "balance": balance + amount}])
        audit.append(connection, actor, "wallet.credit", tenant, {"currency": currency, "amount": amount}, clock=clock)
        return balance + amount

    return database.write(work).result()


def close_month(
    database: Database, tenant: str, month: str, *, time_zone: str = "UTC", clock: Clock = wall_clock
) -> tuple[int, int]:
    """Let a month that is over get no more lines; its lines are those with ``after`` < seq ≤ ``through``.

    What comes later is a line of the next month that is open. Again: the same numbers. Months before that had lines
    and were not closed are part of it. Raises DataError for a month that is not over.
    """
    calendar = Calendar(time_zone)

    def work(connection: sa.Connection) -> tuple[int, int]:
        at = max(clock(), loading.lock(connection, [tenant])[tenant].at)
        table = tables.closings
        where = (table.c.tenant == tenant) & (table.c.month >= month)
        found = connection.execute(sa.select(table).where(where).order_by(table.c.month).limit(1)).first()
        if found is not None:
            return (found.after_seq, found.through_seq if found.month == month else found.after_seq)
        if calendar.month(at) <= month:
            raise DataError(
                "The month {month} is not over in the time zone {zone}.",
                mend="Close it when it is over.",
                month=month,
                zone=time_zone,
            )
        after, through = _range(connection, tenant, month)
        closing = {"tenant": tenant, "month": month, "after_seq": after, "through_seq": through}
        connection.execute(sa.insert(table).values(**closing, at=at))
        connection.execute(sa.update(tables.tenants).where(tables.tenants.c.tenant == tenant).values(closed=month))
        return after, through

    return database.write(work).result()


def _is_credited(connection: sa.Connection, tenant: str, reference: str, money: tuple[str, int]) -> bool:
    """Whether this very payment was made before; raises DataError where its reference stands for another."""
    table = tables.credits_
    where = (table.c.tenant == tenant) & (table.c.reference == reference)
    found = connection.execute(sa.select(table).where(where)).first()
    if found is not None and (found.currency, found.amount) != money:
        raise DataError(
            "The reference {reference!r} stands for {amount} micro-units of {currency} already.",
            mend="Give this payment a reference of its own.",
            reference=reference,
            amount=found.amount,
            currency=found.currency,
        )
    return found is not None


def _range(connection: sa.Connection, tenant: str, month: str) -> tuple[int, int]:
    """After the last closing, through the last line of the month."""
    closings, lines = tables.closings, tables.lines
    after = connection.scalar(sa.select(sa.func.max(closings.c.through_seq)).where(closings.c.tenant == tenant)) or 0
    where = (lines.c.tenant == tenant) & (lines.c.seq > after) & (lines.c.month <= month)
    return after, connection.scalar(sa.select(sa.func.max(lines.c.seq)).where(where)) or after
