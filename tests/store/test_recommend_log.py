"""The log of a recommender: everything once, in one order, and nothing of whom is forgotten."""

from pathlib import Path

import pytest
from books_of_tests import got

from argosy.core.recommend import Event, Item, Recommendation, Shown
from argosy.store.database import Database
from argosy.store.recommend.log import SqlRecommendLog

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000


def event(user: str, item: str, at: int = NOW - DAY, **more: str) -> Event:
    """That somebody bought something."""
    return Event(user=user, item=item, kind="purchase", at=at, **more)


@pytest.fixture
def log(database: Database) -> SqlRecommendLog:
    """A log with three items."""
    made = SqlRecommendLog(database, "shop", b"secret", lambda: NOW)
    got(made.put([Item(id=one, title=f"title of {one}") for one in ("a", "b", "c")]))
    return made


def test_an_event_counts_once_and_says_why_it_does_not(log: SqlRecommendLog) -> None:
    """Within a call and between calls; what is refused is told by reason."""
    first = got(log.hear([event("u", "a"), event("u", "a"), event("u", "b"), event("u", "x"), event("", "a")]))
    assert (first.new, first.again, first.refused) == (2, 1, {"unknown_item": 1, "nameless": 1})
    again = got(log.hear([event("u", "a"), event("u", "c", NOW + DAY)]))
    assert (again.new, again.again, again.refused) == (0, 1, {"future": 1})
    assert [one.item for one in log.history("u", 10)] == ["a", "b"]


def test_a_clients_own_id_makes_an_event_known(log: SqlRecommendLog) -> None:
    """The same id again is the same event, whatever else it says."""
    assert got(log.hear([event("u", "a", given="1"), event("u", "a", given="2"), event("u", "b", given="1")])).new == 2


def test_changes_stand_in_one_order_and_are_read_in_parts(log: SqlRecommendLog) -> None:
    """Items, events, removals; reading on from a turn misses nothing and repeats nothing."""
    got(log.hear([event("u", "a"), event("v", "b")]))
    assert got(log.remove(["b", "nothing"])) == 1
    assert got(log.put([Item(id="c", title="other")])) == 1
    assert got(log.put([Item(id="c", title="other")])) == 0
    whole = log.after(0, 100)
    assert [(one.item and one.item.id, one.event and one.event.user, one.gone) for one in whole] == [
        ("a", None, ""),
        (None, "u", ""),
        (None, "v", ""),
        (None, None, "b"),
        ("c", None, ""),
    ]
    parts, turn = [], 0
    while some := log.after(turn, 2):
        parts += some
        turn = some[-1].turn
    assert parts == whole
    assert turn <= log.turn()


def test_what_was_shown_comes_back_with_what_it_led_to(log: SqlRecommendLog) -> None:
    """Lists by time, with their chances and the events that name them."""
    shown = Recommendation(
        id="rec_1", user="u", at=NOW, items=(Shown(item="a", score=1.5, why="popular", chance=0.25),), arm="second"
    )
    got(log.show([shown]))
    got(log.hear([event("u", "a", shown="rec_1"), event("u", "b", shown="rec_2")]))
    ((found, led),) = log.lists(NOW - DAY, NOW + DAY)
    assert found == shown
    assert [one.item for one in led] == ["a"]


def test_whoever_is_forgotten_leaves_no_name(log: SqlRecommendLog, database: Database) -> None:
    """Not in a table, not in a byte of the file; an old file brings nothing back, and new events are a new user's."""
    name = "somebody-with-a-long-name"
    got(log.hear([event(name, "a"), event("v", "b")]))
    got(log.show([Recommendation(id="rec_1", user=name, at=NOW, items=())]))
    assert got(log.forget(name, "cli:0")) == {"events": 1, "lists": 1}
    assert log.after(0, 100)[-1].forgotten == log.known_as(name)
    assert got(log.hear([event(name, "a")])).refused == {"forgotten": 1}
    assert log.history(name, 10) == []
    if database.file is not None:
        database.close()
        for file in Path(database.file).parent.glob(f"{Path(database.file).name}*"):
            assert name.encode() not in file.read_bytes()
