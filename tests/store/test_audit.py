"""The audit log: whatever is done to it afterwards is found, and nobody may do it."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.store.database import Database
from argosy.store.ledger import bookkeeping
from argosy.store.tenants.audit import START, SqlAudit, _canonical, _entry, append, sealed, verify

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
Row = dict[str, Any]
REPLACE = "INSERT OR REPLACE INTO audit SELECT seq, at, 'x', action, about, details, previous, hash FROM audit"


def chain(length: int) -> list[Row]:
    """A log as it is stored."""
    rows: list[Row] = []
    for seq in range(1, length + 1):
        row: Row = {"seq": seq, "at": seq * 10, "actor": "cli:0", "action": "key.create", "about": f"key_{seq}"}
        row |= {"details": json.dumps({"n": seq}), "previous": rows[-1]["hash"] if rows else START}
        rows.append(sealed(row))
    return rows


def note(database: Database, number: int) -> "Future[object]":
    """An entry."""
    return database.write(lambda connection: append(connection, "cli:0", "key.create", f"key_{number}", {"n": number}))


def test_an_untouched_log_is_whole() -> None:
    """Its head is that of its last entry; an empty one has the start's."""
    rows = chain(5)
    assert verify(iter(rows)) == (5, rows[-1]["hash"])
    assert verify(iter([])) == (0, START)


@given(st.data())
def test_a_changed_entry_is_found(data: st.DataObject) -> None:
    """Any other value in any column of any entry."""
    rows = chain(6)
    row = rows[data.draw(st.integers(0, 5))]
    column = data.draw(st.sampled_from(sorted(row)))
    other = st.integers() if isinstance(row[column], int) else st.text()
    row[column] = data.draw(other.filter(lambda value: value != row[column]))
    with pytest.raises(DataError):
        verify(iter(rows))


@given(st.data())
def test_removed_and_reordered_entries_are_found(data: st.DataObject) -> None:
    """Whatever is left of a log in whatever order, unless it is its beginning, which a noted head finds."""
    rows = chain(6)
    kept = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row["seq"]))
    if kept == rows:
        return
    with pytest.raises(DataError):
        verify(iter(kept), noted=(6, rows[-1]["hash"]))
    if kept != rows[: len(kept)]:
        with pytest.raises(DataError):
            verify(iter(kept))


@given(st.integers(1, 6), st.integers(0, 5))
def test_numbers_made_anew_do_not_hide_a_removal(length: int, gap: int) -> None:
    """Who takes an entry out and counts the rest again still breaks the chain."""
    rows = [dict(row) for at, row in enumerate(chain(length + 1)) if at != gap % (length + 1)]
    for seq, row in enumerate(rows, 1):
        row["seq"] = seq
    if gap % (length + 1) == length:
        assert verify(iter(rows))[0] == length
    else:
        with pytest.raises(DataError):
            verify(iter(rows))


def test_a_forged_log_does_not_hold_a_noted_head() -> None:
    """Who writes the whole chain anew is found by a head that was noted before."""
    rows, noted = chain(3), (2, chain(2)[-1]["hash"])
    assert verify(iter(rows), noted) == (3, rows[-1]["hash"])
    for row in rows:
        row["actor"] = "cli:1"
    for at, row in enumerate(rows):
        row["previous"] = rows[at - 1]["hash"] if at else START
        row["hash"] = sealed(row)["hash"]
    assert verify(iter(rows))[0] == 3
    with pytest.raises(DataError, match="entry 2 that was noted"):
        verify(iter(rows), noted)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_details_come_back_as_they_were(details: dict[str, object]) -> None:
    """Anything that JSON holds, any text in it, in one canonical form."""
    row = sealed({**chain(1)[0], "details": _canonical(details)})
    assert verify(iter([row])) == (1, row["hash"])
    assert _entry(row).details == details


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 2", REPLACE]
)
def test_the_database_refuses_changes(database: Database, statement: str) -> None:
    """Not even our own program changes an entry; after the attempt the log is whole."""
    for number in range(3):
        note(database, number).result()
    done = database.write(lambda connection: connection.execute(sa.text(statement)))
    assert done.exception() is not None
    assert SqlAudit(database).verify()[0] == 3


def test_an_entry_stands_only_with_what_it_tells_of(database: Database) -> None:
    """A change that fails takes its entry with it, and the chain goes on without a gap."""

    def fail(connection: sa.Connection) -> None:
        append(connection, "cli:0", "key.create", "key_x", {})
        raise KeyError

    note(database, 1).result()
    assert isinstance(database.write(fail).exception(), KeyError)
    note(database, 2).result()
    assert [entry.about for entry in SqlAudit(database).entries()] == ["key_1", "key_2"]
    assert SqlAudit(database).verify()[0] == 2


def test_writers_beside_each_other_keep_one_chain(url: str, database: Database) -> None:
    """Several processes append at once; every entry is there, once."""
    others = [Database(url) for _ in range(2)]
    writers = [database, *others]
    try:
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda number: note(writers[number % 3], number).result(), range(90)))
    finally:
        for other in others:
            other.close()
    entries = SqlAudit(database).entries()
    assert sorted(entry.details["n"] for entry in entries) == list(range(90))
    assert SqlAudit(database).verify() == (90, entries[-1].hash)


def test_time_never_goes_back(database: Database) -> None:
    """A clock that was set back does not make an entry older than the one before it."""
    times: list[Callable[[], int]] = [lambda: 500, lambda: 400, lambda: 600]
    for clock in times:
        database.write(lambda connection, clock=clock: append(connection, "a", "b", "c", {}, clock=clock)).result()
    assert [entry.at for entry in SqlAudit(database).entries()] == [500, 500, 600]


def test_entries_are_read_in_parts(database: Database) -> None:
    """Behind a number, as many as asked, about an object or by an actor."""
    for number in range(5):
        note(database, number % 2).result()
    audit = SqlAudit(database)
    assert [entry.seq for entry in audit.entries(after=1, limit=2)] == [2, 3]
    assert [entry.seq for entry in audit.entries(about="key_1")] == [2, 4]
    assert len(audit.entries(about="cli:0")) == 5
    assert audit.entries(about="key_9") == []


def test_money_that_is_paid_in_is_noted_once(database: Database) -> None:
    """Who changed a wallet, by how much; the same payment again is no act."""
    for _ in range(2):
        bookkeeping.credit(database, "ten_a", "EUR", 300, reference="pay_1", reason="card", actor="key_1")
    (entry,) = SqlAudit(database).entries()
    assert (entry.actor, entry.action, entry.about) == ("key_1", "wallet.credit", "ten_a")
    assert entry.details == {"currency": "EUR", "amount": 300}
