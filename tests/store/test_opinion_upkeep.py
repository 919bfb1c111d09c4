"""Segments are merged, old texts and a person's are removed, strays are swept; nothing else is lost."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from opinion_log_of_tests import NOON, id_of, open_log, opinion, take

from argosy.core.opinion import HOUR, Correction
from argosy.store.database import Database
from argosy.store.opinion import upkeep as upkeeps
from argosy.store.opinion.inbox import SqlInbox
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.opinion.upkeep import SqlUpkeep

pytest.importorskip("duckdb", reason="the package duckdb is not installed")
DAY = 24 * HOUR


@pytest.fixture
def log(database: Database, tmp_path: Path) -> SqlOpinionLog:
    """An empty log."""
    return open_log(database, tmp_path)


@pytest.fixture
def upkeep(database: Database, tmp_path: Path) -> SqlUpkeep:
    """Who looks after it."""
    return SqlUpkeep(database, tmp_path, "mood")


def _files(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))


def _age(folder: Path) -> None:
    """Make every file of a log old."""
    for path in folder.rglob("day=*/*"):
        os.utime(path, (0, 0))


def test_days_that_are_over_are_merged(
    log: SqlOpinionLog, upkeep: SqlUpkeep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each into one file, or a few that are not too large; today's stay, and every text is found as before."""
    for key in range(12):
        take(log, opinion(key, at=NOON + key), now=NOON + key % 3 * DAY)
    before = log.between(0, 2 * NOON)
    assert upkeep.compact(NOON + 2 * DAY) == 6
    assert upkeep.compact(NOON + 2 * DAY) == 0
    assert log.between(0, 2 * NOON) == before
    assert all(log.text(id_of(key)) for key in range(12))
    _age(tmp_path)
    assert upkeep.sweep() == 8
    assert _files(tmp_path) == 6
    monkeypatch.setattr(upkeeps, "_LARGE", 2)
    assert upkeep.compact(NOON + 3 * DAY) == 2
    assert log.between(0, 2 * NOON) == before


def test_only_strays_are_swept(log: SqlOpinionLog, upkeep: SqlUpkeep, tmp_path: Path) -> None:
    """A file that nobody names, when it is old enough that nobody writes it any more."""
    assert upkeep.sweep() == 0
    take(log, opinion(1))
    (named,) = tmp_path.rglob("*.parquet")
    for name in ("1-2-stray.parquet", ".3-4-part.parquet"):
        named.with_name(name).write_bytes(b"half")
    assert upkeep.sweep() == 0
    assert len(log.between(0, 2 * NOON)) == 1
    _age(tmp_path)
    assert upkeep.sweep() == 2
    assert list(tmp_path.rglob("*.parquet")) == [named]


def test_old_texts_are_forgotten(log: SqlOpinionLog, upkeep: SqlUpkeep, tmp_path: Path) -> None:
    """Those before a time, with what was said of them and stories that are over; counts stay, and nothing returns."""
    take(log, opinion(1, "a 1"), opinion(2, "b 2", at=NOON + 1))
    take(log, opinion(3, "a 3", at=NOON + DAY), opinion(4, "c", at=NOON - 9))
    take(log, opinion(5, "d", at=NOON - 5))
    for key in (1, 3):
        log.correct(Correction(id=id_of(key), text="t", language="en", topic="fees")).result()
    cells = log.cells(0, 2 * NOON)
    assert upkeep.forget(NOON + 1, over=NOON + 1) == 3
    assert upkeep.forget(NOON + 1, over=NOON + 1) == 0
    assert [one.id for one in log.between(0, 2 * NOON)] == [id_of(3), id_of(2)]
    assert log.text(id_of(1)) is None
    assert [one.id for one in log.texts(id_of(1), most=1)] == [id_of(3)]
    assert [one.id for one in log.corrections()] == [id_of(3)]
    assert {story.id for story in log.stories(0, 2 * NOON)} == {id_of(1), id_of(2)}
    assert log.cells(0, 2 * NOON) == cells
    assert _files(tmp_path) == 2
    assert take(log, *(opinion(key) for key in range(1, 6))).new == []
    assert take(log, opinion(6, "b 6", at=NOON + 2)).stories == {}


def test_stories_that_are_over_are_not_met(
    log: SqlOpinionLog, upkeep: SqlUpkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What near-duplicates are found by is dropped before the story; an equal text still finds it."""
    monkeypatch.setattr(upkeeps, "_BANDS", 3)
    take(log, opinion(1, "a 1"), *(opinion(key, f"{key} x", at=NOON + key % 2 * HOUR) for key in range(10, 20)))
    upkeep.forget(NOON - DAY, over=NOON + 1)
    assert take(log, opinion(2, "a 1")).stories == {}
    assert take(log, opinion(3, "a 3")).stories == {id_of(3): id_of(3)}
    again = take(log, *(opinion(10 + key, f"{key} y") for key in range(10, 20)))
    assert {len(again.stories), *again.stories} == {5, *(id_of(20 + key) for key in range(0, 10, 2))}


def test_a_person_is_erased(log: SqlOpinionLog, upkeep: SqlUpkeep, database: Database, tmp_path: Path) -> None:
    """No byte of the texts is left, in segments, stories, corrections or the inbox; counts stay, nothing comes back."""
    secret = opinion(1, "secretly 1")
    secret = replace(secret, post=replace(secret.post, author="p-7", title="secretly told"))
    other = replace(opinion(2, "b"), post=replace(opinion(2).post, author="p-8"))
    take(log, secret, other)
    take(log, opinion(3, "c"))
    log.correct(Correction(id=id_of(1), text="secretly 1", language="en", topic="fees")).result()
    inbox = SqlInbox(database, "mood", "hook")
    waiting = [replace(opinion(key, source="hook").post, author=author) for key, author in ((8, "p-7"), (9, "p-8"))]
    inbox.put(waiting)
    cells = log.cells(0, 2 * NOON)
    assert upkeep.erase(author="p-7") == 1
    assert upkeep.erase(author="p-7") == 0
    assert {one.id for one in log.between(0, 2 * NOON)} == {id_of(3), id_of(2)}
    assert [story.text for story in log.stories(0, 2 * NOON) if story.id == id_of(1)] == [""]
    assert (log.corrections(), log.cells(0, 2 * NOON), list(inbox.poll({}, 9).posts)) == ([], cells, waiting[1:])
    assert take(log, secret, opinion(4, "unlike")).new == [id_of(4)]
    assert upkeep.erase([id_of(2), id_of(3)]) == 2
    assert [one.id for one in log.between(0, 2 * NOON)] == [id_of(4)]
    assert _files(tmp_path) == 1


def test_who_is_overtaken_starts_again(
    log: SqlOpinionLog, upkeep: SqlUpkeep, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments that another process merges while a text is erased are looked at once more."""
    for key in range(3):
        take(log, opinion(key))
    write_over, rounds = upkeeps.write_over, []

    def merges_meanwhile(*args: object, **rest: object) -> object:
        if not rounds:
            rounds.append(SqlUpkeep(database, tmp_path, "mood").compact(NOON + 9 * DAY))
        return write_over(*args, **rest)

    take(log, opinion(3), opinion(4))
    monkeypatch.setattr(upkeeps, "write_over", merges_meanwhile)
    assert upkeep.erase([id_of(3)]) == 1
    assert rounds == [3]
    assert sorted(one.id for one in log.between(0, 2 * NOON)) == sorted(map(id_of, (0, 1, 2, 4)))
