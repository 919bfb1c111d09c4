"""What may happen to the log of a recommender while others write: nothing is passed over, nothing of the forgotten."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from books_of_tests import got

from argosy.core.recommend import Change, Event, Item, Recommendation
from argosy.store.database import Database
from argosy.store.recommend.log import SqlRecommendLog

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000
NAME = "somebody-with-a-long-name"
MANY = 100


def event(user: str, at: int = NOW - DAY, **more: Any) -> Event:
    """That somebody clicked on the one item."""
    return Event(user=user, at=at, **{"item": "a", "kind": "click", **more})


def opened(database: Database) -> SqlRecommendLog:
    """A log whose clock stands."""
    return SqlRecommendLog(database, "shop", b"secret", lambda: NOW)


def followed(log: SqlRecommendLog, turn: int, most: int = 7) -> Sequence[Change]:
    """All that is behind a turn, read in parts as a follower does."""
    seen: list[Change] = []
    while some := log.after(turn, most):
        seen += some
        turn = some[-1].turn
    return seen


@pytest.fixture
def log(database: Database) -> SqlRecommendLog:
    """A log with one item."""
    made = opened(database)
    got(made.put([Item(id="a", title="title")]))
    return made


def test_what_is_committed_while_changes_are_read_is_read_next(
    log: SqlRecommendLog, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event and an item that another process commits between two queries: neither is passed over."""
    other, before = Database(url), log.turn()
    got(log.hear([event("first")]))
    behind = log._behind
    told: list[str] = []

    def between(connection: sa.Connection, table: sa.Table, *rest: int) -> Sequence[Any]:
        found = behind(connection, table, *rest)
        if not told:
            told.append(table.name)
            got(opened(other).hear([event("second")]))
            got(opened(other).put([Item(id="b", title="new")]))
        return found

    monkeypatch.setattr(log, "_behind", between)
    seen = followed(log, before)
    other.close()
    assert told == ["recommend_events"]
    assert [one.event.user if one.event else one.item and one.item.id for one in seen] == ["first", "second", "b"]


def test_several_writers_stand_in_one_order(log: SqlRecommendLog, url: str) -> None:
    """Who follows while three write sees every event once."""
    ends = [Database(url) for _ in range(3)]

    def write(number: int) -> int:
        return sum(got(opened(ends[number]).hear([event(f"{number}-{one}")])).new for one in range(MANY))

    seen: list[Change] = []
    with ThreadPoolExecutor(len(ends)) as pool:
        jobs = [pool.submit(write, number) for number in range(len(ends))]
        while not all(job.done() for job in jobs):
            seen += followed(log, seen[-1].turn if seen else 0)
    seen += followed(log, seen[-1].turn if seen else 0)
    for one in ends:
        one.close()
    users = [change.event.user for change in seen if change.event]
    assert sorted(users) == sorted(f"{number}-{one}" for number in range(len(ends)) for one in range(MANY))


def test_no_byte_is_left_while_the_database_is_open(log: SqlRecommendLog, database: Database) -> None:
    """Neither in the file nor in the log beside it."""
    if database.file is None:
        pytest.skip("PostgreSQL keeps its own files")
    got(log.hear([event(NAME)]))
    got(log.show([Recommendation(id="rec_1", user=NAME, at=NOW, items=())]))
    got(log.forget(NAME, "cli:0"))
    log.purge()
    files = [*Path(database.file).parent.glob(f"{Path(database.file).name}*")]
    assert len(files) > 1
    assert [file.name for file in files if NAME.encode() in file.read_bytes()] == []


def test_a_list_that_was_under_way_is_not_kept(log: SqlRecommendLog) -> None:
    """It was made for a user who is forgotten now; one that is made afterwards is a new user's."""
    got(log.forget(NAME, "cli:0"))
    got(log.show([Recommendation(id="rec_1", user=NAME, at=NOW, items=())]))
    assert list(log.users()) == []
    got(log.show([Recommendation(id="rec_2", user=NAME, at=NOW + 1, items=())]))
    assert list(log.users()) == [NAME]


def test_who_is_remembered_is_refused_without_a_trace(log: SqlRecommendLog) -> None:
    """As after a restore of a backup that held nothing of them."""
    got(log.remember({log.known_as(NAME): NOW - 2}))
    assert got(log.hear([event(NAME, NOW - 2)])).refused == {"forgotten": 1}
    assert got(log.hear([event(NAME, NOW - 1)])).new == 1
    got(log.remember({log.known_as(NAME): NOW}))
    assert [one.at for one in log.history(NAME, 9)] == [NOW - 1]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"user": "u\0x"}, "unreadable"),
        ({"user": "\ud800"}, "unreadable"),
        ({"user": "u", "item": "a\0"}, "unreadable"),
        ({"user": "u", "given": "\udfff"}, "unreadable"),
        ({"user": "u", "at": -(10**30)}, "unreadable"),
        ({"user": "u", "at": 10**30}, "future"),
        ({"user": "u", "shown": "x" * 41}, "too_long"),
    ],
)
def test_one_bad_event_spoils_no_other(log: SqlRecommendLog, bad: Mapping[str, Any], why: str) -> None:
    """It is refused alone, alike on both databases."""
    heard = got(log.hear([event("fine"), event(**bad)]))
    assert (heard.new, heard.refused) == (1, {why: 1})
