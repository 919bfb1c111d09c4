"""Leases between processes: never less than what is reserved of them, never more than there is, and given back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
import real_postgres
import sqlalchemy as sa
from books_of_tests import Clock, Tiers, ask, got

from argosy.core.account import Limits
from argosy.core.ledger import RefusedError
from argosy.store import holders, ledger
from argosy.store.database import Database
from argosy.store.ledger import SqlLedger
from argosy.store.purses import Purse

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
    settled: list[Future[object]] = []
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


def stop(one: SqlLedger) -> None:
    """No signs of life but those that the test gives."""
    one._closed.set()
    one._thread.join()
