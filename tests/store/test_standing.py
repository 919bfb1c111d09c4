"""What tenants have used, told by days and for all of them at once; the same on SQLite and PostgreSQL."""

from books_of_tests import DAY, NOVEMBER, Clock, Tiers, ask, got

from argosy.core.account import Account
from argosy.core.tenant import Day
from argosy.store.database import Database
from argosy.store.ledger.months import Calendar
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.standing import SqlStandings

ZONE = "Asia/Kathmandu"  # five hours and three quarters before Greenwich


def test_days_add_up_to_the_month(database: Database) -> None:
    """Each day by the zone's clock, empty ones too, up to today; other tenants and months are left out."""
    clock = Clock()
    ledger = SqlLedger(database, Tiers(), time_zone=ZONE, clock=clock)
    standings = SqlStandings(database, ZONE, lambda account: account, clock=clock)
    for event, at in (("before", NOVEMBER - 10 * DAY), ("one", NOVEMBER), ("two", NOVEMBER), ("late", NOVEMBER + DAY)):
        clock.now = at
        got(ledger.settle(got(ledger.reserve(ask(event, tokens=10))), {"completion_tokens": 10}))
    got(ledger.settle(got(ledger.reserve(ask("other", tenant="ten_b", tokens=1))), {"completion_tokens": 1}))
    ledger.close()
    account = Account(tenant="ten_a", plan="p@1", currency="EUR")
    days = standings.days(account)
    first = Calendar(ZONE).day(NOVEMBER)
    assert [day.day for day in days] == [f"2026-11-{number:02}" for number in range(1, len(days) + 1)]
    assert days[-1].day == Calendar(ZONE).day(NOVEMBER + DAY)
    assert [day for day in days if day.events] == [
        Day(day=first, events=2, amount=60),
        Day(day=days[-1].day, events=1, amount=30),
    ]
    assert sum(day.amount for day in days) == standings.standing(account).amount
    assert standings.amounts() == {("ten_a", "EUR"): 90, ("ten_b", "EUR"): 3}
    assert standings.days(Account(tenant="ten_c", plan="p@1", currency="EUR"))[0].events == 0
