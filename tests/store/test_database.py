"""The door to a database: shared commits, failures that stay with their own, and versions."""

import resource
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import real_postgres
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from books_of_tests import Tiers, ask, got

from argosy.core.errors import BusyError, DataError, MachineError
from argosy.store import database as doors
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger import tables
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify
from argosy.store.upgrade import newest, upgrade

ROW = {"seq": 0, "at": 0, "month": "", "closed": ""}


def insert(name: str) -> Any:
    """A change that adds a row, whose key is unique."""
    return lambda connection: connection.execute(sa.insert(tables.tenants).values(tenant=name, **ROW))


def names(database: Database) -> list[str]:
    """The rows that were committed."""
    with database.reading() as connection:
        return sorted(connection.scalars(sa.select(tables.tenants.c.tenant)))


def blocked(database: Database, *changes: Any) -> list["Future[Any]"]:
    """Changes that are committed together: they wait behind one that waits for all of them."""
    gate = threading.Event()
    first = database.write(lambda _: gate.wait())
    later = [database.write(change) for change in changes]
    gate.set()
    got(first)
    return later


def test_a_change_that_fails_takes_no_other_with_it(database: Database) -> None:
    """Of three changes in one commit the second fails: the first and the third are there."""
    one, two, three = blocked(database, insert("a"), insert("a"), insert("b"))
    got(one), got(three)
    with pytest.raises(sa.exc.IntegrityError):
        got(two)
    assert names(database) == ["a", "b"]


def test_a_commit_that_fails_fails_everyone_in_it_and_the_writer_goes_on(url: str) -> None:
    """Nobody is told of success, nothing is there, and the next change is written."""
    database = Database(url)

    def refuse(connection: sa.Connection) -> None:
        if refusing:
            raise sqlite3.OperationalError("database or disk is full")

    refusing = [True]
    sa.event.listen(database.engine, "commit", refuse)
    changes = blocked_quietly(database, insert("a"), insert("b"))
    for change in changes:
        with pytest.raises(MachineError, match="full"):
            got(change)
    refusing.clear()
    assert names(database) == []
    got(database.write(insert("c")))
    assert names(database) == ["c"]
    database.close()


def blocked_quietly(database: Database, *changes: Any) -> list["Future[Any]"]:
    """The same where the first commit may fail."""
    gate = threading.Event()
    database.write(lambda _: gate.wait())
    later = [database.write(change) for change in changes]
    gate.set()
    return later


def test_a_full_disk_is_told_and_ends_the_whole_transaction(tmp_path: Path) -> None:
    """SQLite ends a transaction by itself when the disk is full: nothing of it is written, nor outside of it."""
    database = Database(sqlite_url(tmp_path / "full.db"))
    upgrade(database)

    def fill(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        try:
            for number in range(4_000):
                insert(f"big {number} " + "x" * 400)(connection)
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    one, two, three = blocked_quietly(database, insert("a"), fill, insert("b"))
    for change in (one, two, three):
        with pytest.raises(MachineError, match="full"):
            got(change)
    assert names(database) == []
    got(database.write(insert("c")))
    assert names(database) == ["c"]
    database.close()


def test_a_lock_that_another_process_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BusyError after the stated wait; when the lock is gone, the next change is written."""
    monkeypatch.setattr(doors, "_BUSY_SECONDS", 0.05)
    database = Database(sqlite_url(tmp_path / "busy.db"))
    upgrade(database)
    with closing(sqlite3.connect(tmp_path / "busy.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            got(database.write(insert("a")))
        other.execute("ROLLBACK")
    got(database.write(insert("b")))
    assert names(database) == ["b"]
    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """DataError, whether it is read or written."""
    (tmp_path / "text.db").write_text("no database " * 200, encoding="utf-8")
    database = Database(sqlite_url(tmp_path / "text.db"))
    with pytest.raises(DataError, match="damaged"):
        upgrade(database)
    database.close()


def test_a_change_after_the_end_is_refused(database: Database) -> None:
    """Nobody waits for ever."""
    database.close()
    with pytest.raises(MachineError, match="closed"):
        got(database.write(insert("a")))


def test_what_is_written_is_heard_of_in_that_order(database: Database) -> None:
    """By the writer itself, before it goes on: what is known in memory is never older than what was told before."""
    heard: list[tuple[int, str]] = []

    def write(number: int) -> "Future[None]":
        return database.write(lambda _: None, lambda _: heard.append((number, threading.current_thread().name)))

    got([write(number) for number in range(50)][-1])
    assert heard == [(number, "argosy-writer") for number in range(50)]


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody reads for long, the write-ahead log stays near the bound, whatever is written."""
    monkeypatch.setattr(doors, "_WAL_PAGES", 50)
    database = Database(sqlite_url(tmp_path / "log.db"))
    upgrade(database)
    log = tmp_path / "log.db-wal"
    made = log.stat().st_size  # what making the tables took is one long change; its room is used again
    for number in range(300):
        got(database.write(insert(f"{number} " + "x" * 9_000)))
        assert log.stat().st_size < made + 60 * 4_120  # 300 changes take 900 pages and more
    database.close()


def test_a_log_that_cannot_be_shortened_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file may not grow any more, the log may: changes are written, and none waits for ever."""
    file = tmp_path / "small.db"
    database = Database(sqlite_url(file))
    upgrade(database)
    for number in range(40):
        got(database.write(insert(f"{number} " + "x" * 40_000)))
    with database.engine.connect() as connection:
        doors.checkpoint(connection, "TRUNCATE")
    monkeypatch.setattr(doors, "_WAL_PAGES", 1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, before[1]))
    try:
        for number in range(3):
            database.write(insert(f"more {number} " + "x" * 40_000)).result(timeout=3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(names(database)) == 43
    database.close()


def test_readers_are_waited_for_when_the_log_has_grown_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the second bound the log starts anew from its beginning once a reader that held it has gone."""
    modes: list[str] = []
    real = doors.checkpoint
    monkeypatch.setattr(doors, "checkpoint", lambda one, mode: (modes.append(mode), real(one, mode)))
    database, log = Database(sqlite_url(tmp_path / "long.db")), tmp_path / "long.db-wal"
    upgrade(database)
    got(database.write(insert("first")))
    with database.reading() as connection:
        connection.execute(sa.select(tables.tenants)).all()
        monkeypatch.setattr(doors, "_WAL_PAGES", 10)
        monkeypatch.setattr(doors, "_WAL_LIMIT", log.stat().st_size + 12 * 4096)
        for number in range(8):
            got(database.write(insert(f"behind a reader {number} " + "x" * 9_000)))
        assert modes[0] == "PASSIVE"
        assert modes[-1] == "RESTART"
    got(database.write(insert("after")))
    got(database.write(insert("the log begins anew")))
    longest = log.stat().st_size
    for number in range(15):
        got(database.write(insert(f"{number} " + "x" * 9_000)))
    assert log.stat().st_size == longest
    database.close()


def test_a_file_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    """Reading goes on; a change is refused, with what to do."""
    file = tmp_path / "read.db"
    made = Database(sqlite_url(file))
    upgrade(made)
    got(made.write(insert("a")))
    made.close()
    database = Database(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(MachineError, match="cannot be written") as refused:
        got(database.write(insert("b")))
    assert "right to write" in refused.value.mend
    assert names(database) == ["a"]
    database.close()


def test_nobody_waits_for_a_database_that_is_closing(url: str) -> None:
    """Whatever is asked for while it closes is written or refused; a change that collided is tried once more."""
    database = Database(url)
    tries: list[int] = []

    def collide(connection: sa.Connection) -> int:
        tries.append(1)
        if len(tries) == 1:
            database._closed = True
            database._changes.put(None)
            raise sa.exc.OperationalError("", {}, _Collision())
        return len(tries)

    assert database.write(collide).result(timeout=3) == 2
    database._thread.join()
    database._changes.put(doors._Change(insert("late"), late := Future()))
    database.close()
    with pytest.raises(MachineError, match="closed"):
        late.result(timeout=3)


class _Collision(Exception):
    """What PostgreSQL says when it took a transaction back because of another one."""

    sqlstate = "40001"


def test_postgres_may_go_and_come_back(postgres: real_postgres.Server) -> None:
    """While the server is gone changes fail with what to do; when it is back, the same Database writes."""
    database = Database(postgres.database("argosy_template"))
    got(database.write(insert("a")))
    postgres.stop("immediate")
    try:
        with pytest.raises(MachineError, match="does not answer"):
            got(database.write(insert("b")))
    finally:
        postgres.start()
    got(database.write(insert("c")))
    assert names(database) == ["a", "c"]
    database.close()


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    """What Alembic made is what the ledger's tables say."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours, "compare_type": False})
        changes = compare_metadata(context, doors.metadata)
    assert [change for change in changes if "ledger" in str(change)] == []


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The ledger's tables alone."""
    return kind != "table" or str(name).startswith("ledger_")


def test_lines_are_append_only(database: Database) -> None:
    """The database itself refuses to change or delete lines, credits and closings."""
    ledger = SqlLedger(database, Tiers())
    got(ledger.settle(got(ledger.reserve(ask("e", texts=1))), {"texts": 1}))
    for statement in ("UPDATE ledger_lines SET amount = 0", "DELETE FROM ledger_lines"):
        with pytest.raises(Exception, match="append-only"):
            got(database.write(lambda connection, said=statement: connection.execute(sa.text(said))))
    ledger.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    """An older Argosy touches nothing of it."""
    got(
        database.write(
            lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        )
    )
    with pytest.raises(DataError, match="9999") as refused:
        upgrade(database)
    assert newest() in str(refused.value)


START = """
import sys
from argosy.store.database import Database
from argosy.store.upgrade import upgrade
database = Database(sys.argv[1])
upgrade(database)
database.close()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_processes_that_start_at_once_upgrade_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Three processes on an empty database: each finds the tables, none fails."""
    url = request.getfixturevalue("postgres").database() if kind == "postgres" else sqlite_url(tmp_path / "new.db")
    starting = [subprocess.Popen([sys.executable, "-c", START, url]) for _ in range(3)]
    assert [process.wait(60) for process in starting] == [0, 0, 0]
    database = Database(url)
    assert names(database) == []
    database.close()


def test_verify_tells_what_was_changed(database: Database) -> None:
    """A total, an amount, a wallet and a tenant's row that somebody changed are each found."""
    ledger = SqlLedger(database, Tiers())
    got(ledger.settle(got(ledger.reserve(ask("e", texts=12))), {"texts": 12}))
    ledger.close()
    assert verify(database, Tiers()).differences == ()
    for statement in (
        "UPDATE ledger_totals SET quantity = quantity + 1",
        "UPDATE ledger_amounts SET amount = amount - 1",
        "INSERT INTO ledger_wallets VALUES ('ten_a', 'EUR', 5)",
        "UPDATE ledger_tenants SET seq = 7",
    ):
        got(database.write(lambda connection, said=statement: connection.execute(sa.text(said))))
    verdict = verify(database, Tiers())
    assert {found.what for found in verdict.differences} == {"total", "amount", "price", "wallet", "seq"}
    assert (verdict.tenants, verdict.lines) == (1, 1)


def test_an_error_of_the_database_quotes_no_values(database: Database) -> None:
    """Texts and secrets are in no message that may come into a log."""
    query = sa.text("SELECT * FROM nowhere WHERE word = :word").bindparams(word="a secret")
    with pytest.raises(sa.exc.DBAPIError) as caught, database.engine.connect() as connection:
        connection.execute(query)
    assert "a secret" not in str(caught.value)
