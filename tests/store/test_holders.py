"""Several holders of one ledger, stalls, lost leases, killed processes: nothing is charged twice or over."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import real_postgres
import sqlalchemy as sa
from books_of_tests import DAY, Clock, Tiers, ask, got

from argosy.core.account import Limits
from argosy.core.errors import BusyError
from argosy.core.ledger import Held, LedgerError, Pricing, Quantities, RefusedError, Totals
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger import bookkeeping, books, holders, tables
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify
from argosy.store.upgrade import upgrade

SCRIPT = Path(__file__).with_name("killable_ledger.py")
LIMITS = Limits(budget=30_000)


def spent(database: Database, tenant: str = "ten_a", month: str = "2026-11") -> int:
    """Micro-units of a month."""
    return books.balance(database, tenant, month).spent.get("EUR", 0)


def clear_dead(ledger: SqlLedger) -> None:
    """What a holder does that has lived for long enough, now."""
    got(ledger.database.write(ledger._clear))


def make_old(ledger: SqlLedger) -> None:
    """A holder that said nothing for a minute, as the database sees it; it is not told."""
    table = tables.holders
    silent = sa.update(table).where(table.c.holder == ledger._memory.holder).values(beat=table.c.beat - 60 * 10**6)
    ledger._closed.set()
    ledger._thread.join()
    got(ledger.database.write(lambda connection: connection.execute(silent)))


def test_one_service_a_file(tmp_path: Path) -> None:
    """A second ledger on the same file is refused; administration of the file is not."""
    file = tmp_path / "one.db"
    first, second = Database(sqlite_url(file)), Database(sqlite_url(file))
    upgrade(first)
    ledger = SqlLedger(first, Tiers())
    with pytest.raises(BusyError, match="Another service"):
        SqlLedger(second, Tiers())
    assert bookkeeping.credit(second, "ten_a", "EUR", 5, reference="r", reason="card") == 5
    ledger.close()
    SqlLedger(second, Tiers()).close()
    first.close()
    second.close()


def test_two_holders_use_a_whole_budget_and_no_more(postgres: real_postgres.Server) -> None:
    """Each leases blocks; one in the way of the other is given back when asked for, until everything is spent."""
    url = postgres.database("argosy_template")
    databases = [Database(url), Database(url)]
    ledgers = [SqlLedger(one, Tiers()) for one in databases]
    refused = 0
    for number in range(1_000):
        ledger = ledgers[number % 2]
        try:
            held = got(ledger.reserve(ask(f"e{number}", tokens=100, limits=LIMITS)))
        except RefusedError:
            refused += 1
            for other in ledgers:
                other._live_once(1)
        else:
            got(ledger.settle(held, {"completion_tokens": 100}))
        if spent(databases[0]) == 30_000:
            break
    assert spent(databases[0]) == 30_000
    assert refused <= 20
    assert verify(databases[1], Tiers()).differences == ()
    close(*ledgers)


def test_a_holder_that_is_taken_for_dead_finds_room_anew_or_fails(postgres: real_postgres.Server) -> None:
    """Its lease goes to others; its late settle is charged where there is room, and refused where there is none."""
    url = postgres.database("argosy_template")
    silent, alive = SqlLedger(Database(url), Tiers()), SqlLedger(Database(url), Tiers())
    two = [got(silent.reserve(ask(f"s{number}", tokens=4_000, limits=LIMITS))) for number in range(2)]
    make_old(silent)
    clear_dead(alive)
    other = got(alive.reserve(ask("a", tokens=5_000, limits=LIMITS)))
    assert got(alive.settle(other, {"completion_tokens": 5_000})).usage.amount == 15_000
    assert got(silent.settle(two[0], {"completion_tokens": 4_000})).usage.amount == 12_000
    with pytest.raises(LedgerError, match="no room"):
        got(silent.settle(two[1], {"completion_tokens": 4_000}))
    assert spent(alive.database) == 27_000
    close(silent, alive)


def test_a_dead_holders_streams_are_charged_once_for_what_was_recorded(postgres: real_postgres.Server) -> None:
    """Who clears charges them; should the dead one live after all, its settle gets that receipt."""
    url = postgres.database("argosy_template")
    silent, alive = SqlLedger(Database(url), Tiers()), SqlLedger(Database(url), Tiers())
    held = got(silent.reserve(ask("stream", tokens=4_000, limits=LIMITS)))
    got(silent.record(held, {"completion_tokens": 700}))
    got(silent.reserve(ask("plain", tokens=4_000, limits=LIMITS)))
    make_old(silent)
    for _ in range(2):
        clear_dead(alive)
    [line] = alive.between("ten_a", 0)
    assert (line.event, line.amount) == ("stream", 2_100)
    late = got(silent.settle(held, {"completion_tokens": 4_000}))
    assert late.repeated
    assert late.usage == line
    with alive.database.reading() as connection:
        assert holders.leased(connection, silent._memory.holder) == {}
    close(silent, alive)


def test_a_holders_name_clears_what_died_under_it(url: str) -> None:
    """The process that takes the place of another one needs not wait for it to be taken for dead."""
    dead = SqlLedger(Database(url), Tiers(), holder="web-1")
    got(dead.reserve(ask("e1", tokens=10_000, limits=LIMITS)))
    dead._closed.set()
    dead._thread.join()
    dead._unlock()
    dead.database.close()
    heir = SqlLedger(Database(url), Tiers(), holder="web-1")
    assert got(heir.reserve(ask("e2", tokens=10_000, limits=LIMITS)))
    close(heir)


def test_a_settle_in_a_new_month_needs_room_there(database: Database) -> None:
    """A reservation is of the month in which it was made: with the next month's budget spent, it fails."""
    clock = Clock()
    ledger = SqlLedger(database, Tiers(), clock=clock)
    old = [got(ledger.reserve(ask(f"o{number}", tokens=4_000, limits=LIMITS))) for number in range(2)]
    clock.now += 40 * DAY
    new = got(ledger.reserve(ask("n", tokens=8_000, limits=LIMITS)))
    got(ledger.settle(new, {"completion_tokens": 5_000}))
    assert got(ledger.settle(old[0], {"completion_tokens": 4_000})).usage.month == "2026-12"
    with pytest.raises(LedgerError, match="no room"):
        got(ledger.settle(old[1], {"completion_tokens": 4_000}))
    assert spent(database, month="2026-12") == 27_000
    ledger.close()


def test_a_month_is_closed_once_and_late_events_go_to_the_next(database: Database) -> None:
    """Clock set back after the close: the line is of the month behind it; a month that runs is not closed."""
    clock = Clock()
    ledger = SqlLedger(database, Tiers(), clock=clock)
    for number in range(3):
        got(ledger.settle(got(ledger.reserve(ask(f"e{number}", texts=1))), {"texts": 1}))
    late = got(ledger.reserve(ask("late", texts=1)))
    with pytest.raises(Exception, match="not over"):
        bookkeeping.close_month(database, "ten_a", "2026-11", clock=clock)
    clock.now += 30 * DAY
    assert bookkeeping.close_month(database, "ten_a", "2026-11", clock=clock) == (0, 3)
    clock.now -= 30 * DAY
    assert got(ledger.settle(late, {"texts": 1})).usage.month == "2026-12"
    assert bookkeeping.close_month(database, "ten_a", "2026-11", clock=clock) == (0, 3)
    ledger.close()


def test_what_is_given_up_while_the_disk_stalls_is_never_written(tmp_path: Path) -> None:
    """Another process holds the lock: abandoned settles leave no line, the one that is waited for is charged."""
    database = Database(sqlite_url(tmp_path / "slow.db"))
    upgrade(database)
    ledger = SqlLedger(database, Tiers())
    helds = [got(ledger.reserve(ask(f"e{number}", texts=1))) for number in range(3)]
    with closing(sqlite3.connect(tmp_path / "slow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = [ledger.settle(held, {"texts": 1}) for held in helds]
        for held in helds[:2]:
            ledger.abandon(held)
        other.execute("ROLLBACK")
    for future in waiting[:2]:
        with pytest.raises(LedgerError):
            got(future)
    assert got(waiting[2]).usage.seq == 1
    assert [line.event for line in ledger.between("ten_a", 0)] == ["e2"]
    ledger.close()
    database.close()


def commit_hook(database: Database, work: Callable[[], None]) -> None:
    """Do something when a commit is under way, once."""
    done: list[bool] = []

    def once(_connection: sa.Connection) -> None:
        if not done:
            done.append(True)
            work()

    sa.event.listen(database.engine, "commit", once)


def test_what_is_given_up_during_its_commit_is_taken_back(database: Database) -> None:
    """Written already, not told yet: a void line follows before anything else, and the future fails."""
    ledger = SqlLedger(database, Tiers())
    held = got(ledger.reserve(ask("e", texts=12)))
    commit_hook(database, lambda: ledger.abandon(held))
    with pytest.raises(LedgerError):
        got(ledger.settle(held, {"texts": 12}))
    got(ledger.settle(got(ledger.reserve(ask("next", texts=1))), {"texts": 1}))
    assert [(line.event, line.kind) for line in ledger.between("ten_a", 0)] == [
        ("e", "charge"),
        ("e", "void"),
        ("next", "charge"),
    ]
    assert ledger.replied("ten_a", "e") is None
    assert spent(database) == 0
    ledger.close()


def test_a_commit_whose_answer_is_lost_is_taken_back(postgres: real_postgres.Server) -> None:
    """The server committed and the line broke: whoever waited was told that nothing is charged, and so it is."""
    database = Database(postgres.database("argosy_template"))
    ledger = SqlLedger(database, Tiers())
    held = got(ledger.reserve(ask("e", texts=12)))
    real, broken = database.engine.dialect.do_commit, []

    def lose(raw: Any) -> None:
        real(raw)
        if not broken:
            broken.append(True)
            raw.close()
            import psycopg

            raise psycopg.OperationalError("the connection is lost")

    database.engine.dialect.do_commit = lose  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="nothing was charged"):
        got(ledger.settle(held, {"texts": 12}))
    again = got(ledger.settle(got(ledger.reserve(ask("e", texts=12))), {"texts": 12}))
    assert not again.repeated
    assert [line.kind for line in ledger.between("ten_a", 0)] == ["charge", "void", "charge"]
    close(ledger)


class Broken:
    """Prices that fail for one model."""

    def amount(self, plan: str, totals: Totals) -> int:
        """Nothing, or an error."""
        if any(model == "broken" for model, _ in totals):
            raise ZeroDivisionError
        return 0

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """Nothing."""
        return 0


def test_an_error_in_the_prices_fails_its_event_alone(database: Database) -> None:
    """Events that share the commit are charged."""
    pricing: Pricing = Broken()
    ledger = SqlLedger(database, pricing)
    helds = [got(ledger.reserve(ask(model, texts=1, model=model))) for model in ("good", "broken", "fine")]
    gate = threading.Event()
    database.write(lambda _: gate.wait())
    one, two, three = [ledger.settle(held, {"texts": 1}) for held in helds]
    gate.set()
    assert (got(one).usage.seq, got(three).usage.seq) == (1, 2)
    with pytest.raises(LedgerError):
        got(two)
    ledger.close()


def test_many_threads_never_pass_a_budget(database: Database) -> None:
    """Eight threads ask for three times the budget: what is charged fits, and nothing that fits is left."""
    ledger = SqlLedger(database, Tiers())
    charged: list[Held] = []

    def work(number: int) -> None:
        for turn in range(40):
            asked = ask(f"{number}-{turn}", tokens=100, limits=LIMITS)
            try:
                held = got(ledger.reserve(asked))
            except RefusedError:
                continue
            got(ledger.settle(held, {"completion_tokens": 100}))
            charged.append(held)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(charged) == 100
    assert spent(database) == 30_000
    assert [line.seq for line in ledger.between("ten_a", 0)] == list(range(1, 101))
    ledger.close()


def test_a_killed_process_leaves_what_it_told_of(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """SIGKILL again and again: every event that was acknowledged has one line, no event has two, the budget holds."""
    url = sqlite_url(tmp_path / "killed.db")
    told: list[str] = []
    for kill in range(request.config.getoption("--kills")):
        process = subprocess.Popen([sys.executable, str(SCRIPT), url, str(kill)], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        told += [process.stdout.readline().strip() for _ in range(30 + 17 * kill)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()
        process.wait()
        process.stdout.close()
    database = Database(url)
    SqlLedger(database, Tiers()).close()
    charged = list(books.between(database, "ten_a", 0))
    lines = [line.event for line in charged]
    assert len(lines) == len(set(lines))
    assert {event for event in told if event.startswith("e")} <= set(lines)
    assert all(spent(database, month=month) <= 10**7 for month in {line.month for line in charged})
    assert verify(database, Tiers()).differences == ()
    database.close()


def close(*ledgers: SqlLedger) -> None:
    """End ledgers and their databases."""
    for ledger in ledgers:
        ledger.close()
        ledger.database.close()
