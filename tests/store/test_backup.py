"""Backups are taken beside a writer, and restored into either kind of database."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from books_of_tests import Tiers, ask, got

from argosy.core.errors import DataError, MissingError
from argosy.store.backup import back_up, read_manifest, restore
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger import bookkeeping, books
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify
from argosy.store.upgrade import newest, upgrade


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").database()
    return sqlite_url(tmp_path / "restored.db")


def test_a_backup_beside_a_writer_is_one_moment_and_restores(database: Database, empty: str, tmp_path: Path) -> None:
    """What was settled before the backup is in it, in books that verify, and nothing is half there."""
    ledger = SqlLedger(database, Tiers())
    bookkeeping.credit(database, "ten_a", "EUR", 10**9, reference="pay", reason="card")
    stop, settled = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            held = got(ledger.reserve(ask(f"e{len(settled)}", texts=3, tenant="ten_a")))
            settled.append(got(ledger.settle(held, {"texts": 3})).usage)

    writer = threading.Thread(target=write)
    writer.start()
    while len(settled) < 20:
        pass
    before = len(settled)
    manifest = back_up(database, tmp_path / "copy.argosy")
    stop.set()
    writer.join()
    ledger.close()
    assert before <= manifest.rows["ledger_lines"] <= len(settled)
    assert manifest.version == newest()
    assert restore(tmp_path / "copy.argosy", empty) == manifest == read_manifest(tmp_path / "copy.argosy")
    restored = Database(empty)
    lines = list(books.between(restored, "ten_a", 0))
    assert lines == settled[: len(lines)]
    assert len(lines) == manifest.rows["ledger_lines"]
    verdict = verify(restored, Tiers())
    assert verdict.differences == ()
    reopened = SqlLedger(restored, Tiers())
    assert got(reopened.settle(got(reopened.reserve(ask("e0", texts=3))), {"texts": 3})).repeated
    reopened.close()
    restored.close()


def test_a_backup_is_refused_where_it_cannot_be_right(database: Database, tmp_path: Path) -> None:
    """No second file of one name, no restore over tables, nothing from a damaged, newer or foreign file."""
    file = tmp_path / "copy.argosy"
    back_up(database, file)
    with pytest.raises(DataError, match="already"):
        back_up(database, file)
    with pytest.raises(DataError, match="not empty"):
        restore(file, str(database.url.render_as_string(hide_password=False)))
    with pytest.raises(MissingError):
        read_manifest(tmp_path / "none")
    (tmp_path / "text").write_text("no backup", encoding="utf-8")
    with pytest.raises(DataError, match="no backup"):
        read_manifest(tmp_path / "text")
    raw = sqlite3.connect(file)
    raw.execute("INSERT INTO ledger_tenants VALUES ('ten_x', 0, 0, '', '')")
    raw.commit()
    with pytest.raises(DataError, match="damaged"):
        read_manifest(file)
    raw.execute("""UPDATE argosy_backup SET manifest = replace(manifest, '"format": 1', '"format": 2')""")
    raw.commit()
    raw.close()
    with pytest.raises(DataError, match="format"):
        read_manifest(file)


def test_a_restored_backup_of_an_older_version_is_upgraded(tmp_path: Path) -> None:
    """The tables are made as they were, filled, and brought up to this version."""
    old = Database(sqlite_url(tmp_path / "old.db"))
    upgrade(old, to="0001")
    assert back_up(old, tmp_path / "copy.argosy").version == "0001"
    old.close()
    restore(tmp_path / "copy.argosy", sqlite_url(tmp_path / "new.db"))
    new = Database(sqlite_url(tmp_path / "new.db"))
    with new.reading() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest()
    new.close()
