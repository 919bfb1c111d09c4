"""Leases between processes: never less than what is reserved of them, never more than there is, and given back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
import real_postgres
import sqlalchemy as sa
from books_of_tests import DAY, Clock, Tiers, ask, got

from argosy.core.account import Limits
from argosy.core.ledger import LedgerError, Pricing, Quantities, RefusedError, Reply, Totals
from argosy.store.database import Database
from argosy.store.ledger import bookkeeping, books, holders, replies, tables
from argosy.store.ledger import sql as ledger
from argosy.store.ledger.purses import Purse
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify

MONTH = "2026-11"
BUDGET = Purse("ten_a", "budget", MONTH, "EUR")


@pytest.fixture
def two(postgres: real_postgres.Server) -> Iterator[list[SqlLedger]]:
    """Two processes' ledgers on one PostgreSQL."""
    url = postgres.database("argosy_template")
    opened = [SqlLedger(Database(url), Tiers(), clock=Clock()) for _ in range(2)]
    yield opened
    for one in opened:
        one.close()
        one.database.close()


def leased(one: SqlLedger) -> dict[Purse, int]:
    """What the database says that a process has leased."""
    with one.database.reading() as connection:
        return holders.leased(connection, one._memory.holder)


def held_up(database: Database, work: Callable[[], None]) -> None:
    """Do something while the writer waits, so that all of it is written in one commit."""
    begun, gate = threading.Event(), threading.Event()

    def wait(_connection: sa.Connection) -> None:
        begun.set()
        gate.wait()

    database.write(wait)
    begun.wait()
    work()
    gate.set()


@pytest.mark.parametrize("need", [1, 7, 1_000, 9_999])
def test_what_is_reserved_is_leased_to_the_unit(database: Database, need: int) -> None:
    """After each reservation, from memory or not, the lease covers all that is reserved of it."""
    one = SqlLedger(database, Tiers(), clock=Clock())
    limits, reserved = Limits(budget=30_000), 0
    while True:
        try:
            reserved += got(one.reserve(ask(f"e{reserved}", tokens=need, limits=limits))).amount
        except RefusedError:
            break
        assert reserved <= leased(one)[BUDGET] <= 30_000
        if reserved > 300:
            break
    assert reserved
    one.close()


def test_what_is_given_back_is_never_more_than_is_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A charge that is written just before an idle block is given back has used it up: the budget is not passed."""
    monkeypatch.setattr(ledger, "_IDLE", -1.0)
    one, limits = SqlLedger(database, Tiers(), clock=Clock()), Limits(budget=3_000)
    stop(one)
    held = got(one.reserve(ask("e1", tokens=900, limits=limits)))
    settled: list[Future[Any]] = []
    giving = threading.Thread(target=one._live_once, args=(1,))

    def settle_and_give_back() -> None:
        settled.append(one.settle(held, {"completion_tokens": 900}))
        giving.start()
        while database._changes.qsize() < 2:
            pass

    held_up(database, settle_and_give_back)
    giving.join()
    got(settled[0])
    assert leased(one).get(BUDGET, 0) <= 300
    with pytest.raises(RefusedError):
        got(one.reserve(ask("e2", tokens=900, limits=limits)))
    one.close()


class Volume:
    """A text costs 1,000 micro-units; from the eleventh of a month on all of plan ``p@1`` cost 100 each."""

    def amount(self, plan: str, totals: Totals) -> int:
        """What a month costs."""
        texts = sum(totals.values())
        return texts * (100 if texts > 10 and plan == "p@1" else 1_000)

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """What more can cost at most."""
        return sum(quantities.values()) * 1_000


@pytest.mark.parametrize("limits", [Limits(budget=20_000), Limits(prepaid=True)])
def test_taking_back_what_made_the_month_cheaper_passes_no_limit(database: Database, limits: Limits) -> None:
    """Where the dearer month has no room, the charge stays, and everybody else is charged as before."""
    clock = Clock()
    one = SqlLedger(database, Volume(), clock=clock)
    bookkeeping.credit(database, "ten_a", "EUR", 20_000, reference="r", reason="card", clock=clock)
    helds, amounts = [], []
    for plan, texts in (("p@1", 10), ("p@1", 1), ("q@1", 18)):
        helds.append(got(one.reserve(ask(f"{plan} {texts}", texts=texts, plan=plan, limits=limits))))
        amounts.append(got(one.settle(helds[-1], {"texts": texts})).usage.amount)
    assert amounts == [10_000, -8_900, 18_000]
    one.abandon(helds[1])
    assert got(one.settle(got(one.reserve(ask("e", "ten_b", texts=1))), {"texts": 1})).usage.amount == 1_000
    found = books.balance(database, "ten_a", MONTH)
    assert found.spent == {"EUR": 19_100}
    assert found.wallets == {"EUR": 900 if limits.prepaid else 20_000}
    one.close()
    assert verify(database, Volume()).differences == ()


def test_taking_back_what_made_the_month_cheaper_is_charged_where_there_is_room(database: Database) -> None:
    """The month costs again what it cost before."""
    one, limits = SqlLedger(database, Volume(), clock=Clock()), Limits(budget=20_000)
    for texts in (10, 1):
        held = got(one.reserve(ask(f"e{texts}", texts=texts, limits=limits)))
        got(one.settle(held, {"texts": texts}))
    one.abandon(held)
    got(one.settle(got(one.reserve(ask("e", "ten_b", texts=1))), {"texts": 1}))
    assert [line.amount for line in one.between("ten_a", 0)] == [10_000, -8_900, 8_900]
    one.close()


def test_a_price_that_cannot_be_asked_fails_its_reservation_alone(database: Database) -> None:
    """The future hears of it, as of any other refusal."""

    class Gone:
        amount, most = Tiers().amount, lambda *_: 1 // 0

    pricing: Pricing = Gone()
    one = SqlLedger(database, pricing, clock=Clock())
    future = one.reserve(ask("e", texts=1))
    with pytest.raises(ZeroDivisionError):
        got(future)
    one.close()


def test_a_month_that_costs_more_than_can_be_counted_fails_its_event_alone(database: Database) -> None:
    """Amounts are integers of 64 bits; events of others in the same commit are charged."""
    one = SqlLedger(database, Tiers(), clock=Clock())
    dear = got(one.reserve(ask("dear", "ten_b", tokens=2**62)))
    fair = got(one.reserve(ask("fair", texts=12)))
    settled: list[Future[Any]] = []

    def settle() -> None:
        settled.append(one.settle(dear, {"completion_tokens": 2**62}))
        settled.append(one.settle(fair, {"texts": 12}))

    held_up(database, settle)
    with pytest.raises(LedgerError, match="more than can be counted"):
        got(settled[0])
    assert got(settled[1]).usage.amount == 2_000
    one.close()


def test_replies_that_are_over_are_deleted_as_fast_as_they_come(database: Database) -> None:
    """More than one clearing deletes: the next one follows at once, until none is left."""
    clock = Clock()
    one = SqlLedger(database, Tiers(), clock=clock)
    stop(one)
    old = Reply(asked="ab" * 32, status=200, media_type="text/plain", body=b"yes")
    rows = [replies.row("ten_a", f"e{number}", None, old, clock()) for number in range(1_200)]
    got(database.write(lambda connection: replies.keep(connection, rows)))
    for beat in (30, 31, 32):
        one._live_once(beat)
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.replies)) == 0
    one.close()


def test_what_is_over_is_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that many tenants came to through many months knows nothing of them but the last month."""
    monkeypatch.setattr(ledger, "_IDLE", -1.0)
    clock = Clock()
    one = SqlLedger(database, Tiers(), clock=clock)
    stop(one)
    limits = Limits(budget=30_000, quota={"texts": 50, "completion_tokens": 900})
    for month in range(3):
        clock.now += month * 31 * DAY
        for tenant in range(5):
            held = got(one.reserve(ask(f"e{month}", f"ten_{tenant}", tokens=9, limits=limits)))
            got(one.settle(held, {"completion_tokens": 5}))
        one._live_once(1)
    one._live_once(1)
    memory = one._memory
    assert (memory.blocks._blocks, memory.open, memory.doubtful, memory.waiting) == ({}, {}, {}, [])
    assert leased(one) == {}
    one.close()


@pytest.mark.parametrize("kind", ["quota", "wallet"])
def test_two_holders_use_a_whole_quota_or_wallet_and_no_more(two: list[SqlLedger], kind: str) -> None:
    """As budgets: what one has idle comes to the other that asks for it, to the last unit."""
    limits = Limits(quota={"completion_tokens": 1_000}) if kind == "quota" else Limits(prepaid=True)
    bookkeeping.credit(two[0].database, "ten_a", "EUR", 3_000, reference="r", reason="card", clock=Clock())
    charged = refused = 0
    while charged < 100 and refused < 20:
        one = two[(charged + refused) % 2]
        try:
            held = got(one.reserve(ask(f"e{charged}", tokens=10, limits=limits)))
        except RefusedError:
            refused += 1
            for other in two:
                other._live_once(1)
        else:
            got(one.settle(held, {"completion_tokens": 10}))
            charged += 1
    for one in two:
        one._live_once(1)
        with pytest.raises(RefusedError) as more:
            got(one.reserve(ask("more", tokens=1, limits=limits)))
        assert more.value.why == kind
    found = books.balance(two[0].database, "ten_a", MONTH)
    assert (charged, found.used) == (100, {"completion_tokens": 1_000})
    assert found.wallets == {"EUR": 0 if kind == "wallet" else 3_000}
    assert verify(two[1].database, Tiers()).differences == ()


def test_two_services_with_a_budget_for_ten_sell_ten(two: list[SqlLedger]) -> None:
    """Sixteen clients of each ask at once and again: ten are answered, whoever asked first."""
    limits, charged, lock = Limits(budget=3_000), [], threading.Lock()

    def buy(one: SqlLedger, name: str) -> None:
        for again in range(20):
            try:
                held = got(one.reserve(ask(f"{name}-{again}", tokens=100, limits=limits)))
            except RefusedError:
                if len(charged) == 10:
                    return
                one._live_once(1)
                continue
            got(one.settle(held, {"completion_tokens": 100}))
            with lock:
                charged.append(name)

    names = [(one, f"{place}.{client}") for place, one in enumerate(two) for client in range(16)]
    buyers = [threading.Thread(target=buy, args=both) for both in names]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert len(charged) == 10
    assert books.balance(two[0].database, "ten_a", MONTH).spent == {"EUR": 3_000}
    assert len(list(two[1].between("ten_a", 0))) == 10


class Collision(Exception):
    """What PostgreSQL says when it took a transaction back because of another one."""

    sqlstate = "40001"


def test_progress_that_is_written_late_charges_nobody_who_gave_up(database: Database) -> None:
    """A change that collided is written behind those that came after it: what was forgotten by then stays so."""
    one = SqlLedger(database, Tiers(), clock=Clock())
    held = got(one.reserve(ask("e", tokens=9)))
    given_up: list[bool] = []

    def collide(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO ledger_progress") and not given_up:
            given_up.append(True)
            one.abandon(held)
            raise sa.exc.OperationalError(statement, {}, Collision())

    sa.event.listen(database.engine, "before_cursor_execute", collide)
    got(one.record(held, {"completion_tokens": 5}))
    one.close()
    assert given_up
    assert list(one.between("ten_a", 0)) == []


def stop(one: SqlLedger) -> None:
    """No signs of life but those that the test gives."""
    one._closed.set()
    one._thread.join()
