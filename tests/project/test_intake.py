"""The intake: what sources say is counted once, whatever fails on the way."""

import logging
import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opining import EVER, START, Listed, MemoryLog, Words, plant, post, posts_of, sketches

from argosy.core.errors import MachineError
from argosy.core.opinion import HOUR, Batch, Correction, Opinion, Post, Refused, Sketch, Taken
from argosy.project.opining.intake import Intake, Tally, drain, listening, pause, size
from argosy.store.database import Database, sqlite_url
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.upgrade import upgrade

NOW = START + 30 * HOUR
MINUTE = 60_000_000
GONE = MachineError("The feed is gone.")
SOON = 60.0  # s: no test takes as long


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> int:
        """The time."""
        return self.at


class Told(Listed):
    """A list that says when it was polled, told what is kept, and closed."""

    def __init__(self, name: str, posts: Sequence[Post], faults: Sequence[Exception] = ()) -> None:
        super().__init__(name, posts, faults)
        self.read = threading.Event()
        self.left = threading.Event()

    def kept(self, batch: Batch) -> None:
        """Note it, and that nothing waits any more."""
        super().kept(batch)
        if not batch.more:
            self.read.set()

    def close(self) -> None:
        """Note it."""
        super().close()
        self.left.set()


class Slow(Words):
    """An analyst that waits with texts of one kind until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may = threading.Event(), threading.Event()

    def read(self, posts: Sequence[Post]) -> list[Opinion]:
        """Wait, and read."""
        if any("slow" in one.text for one in posts):
            self.begun.set()
            self.may.wait(SOON)
        return super().read(posts)


class Failing(MemoryLog):
    """A log of which the next changes fail."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def take(
        self, source: str, batch: Batch, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch], *, now: int
    ) -> "Future[Taken]":
        """Fail, or keep them."""
        if self.times:
            self.times -= 1
            failed: Future[Taken] = Future()
            failed.set_exception(MachineError("The disk is full."))
            return failed
        return super().take(source, batch, opinions, sketches, now=now)


def intake(source: Listed, log: MemoryLog, analyst: Words | None = None, clock: Clock | None = None) -> Intake:
    """A source on its way into a log."""
    return Intake(source, analyst or Words(), log, sketches, clock or Clock())


def counted(log: MemoryLog) -> tuple[int, int, int]:
    """Texts that count, those that were heard, and those that were published, by the log."""
    everything = (START - 1_000 * HOUR, NOW + 1_000 * HOUR)
    heard = log.heard(*everything)
    texts = sum(cell.reach for cell in log.cells(*everything, entity=""))
    return texts, sum(one.heard for one in heard), sum(one.published for one in heard)


def test_a_batch_is_kept_with_its_offsets_and_then_told() -> None:
    """And what was read, was new, and was a repost is counted."""
    log, source = MemoryLog(), Listed("wire", [post(1, "bad news"), post(2, "good news"), post(3, "bad news")])
    taking = intake(source, log)
    taking.step()

    assert log.offsets("wire") == {"line": "3"}
    assert [len(batch.posts) for batch in source.told] == [3]
    assert taking.tally == Tally(read=3, new=3, reposts=1, behind=False)
    assert taking.tally.to_json() == {"read": 3, "new": 3, "reposts": 1, "refused": 0}


def test_what_is_known_is_not_analysed_again() -> None:
    """Twice in a batch, in a later one, and in a feed that gives its whole archive again."""
    log, analyst = MemoryLog(), Words()
    source = Listed("wire", [post(1), post(2), post(1), post(2), post(3)])
    taking = intake(source, log, analyst)
    taking.step()
    source.posts += source.posts
    taking.step()

    assert analyst.asked == [3]
    assert counted(log) == (3, 3, 3)
    assert log.offsets("wire") == {"line": "10"}  # it goes on all the same
    assert taking.tally.read == 10


def test_what_two_sources_say_is_two_texts_of_one_story() -> None:
    """Even where their own names of it are the same."""
    log = MemoryLog()
    both = [Listed(name, [post(1, "bad news", source=name)]) for name in ("wire", "blog")]
    drain(both, Words(), log, sketches, clock=Clock())
    (story,) = log.stories(START, NOW)
    assert (story.reach, story.sources) == (2, 2)


def test_late_posts_count_in_the_hour_of_their_publication() -> None:
    """A backlog of a day in whatever order, and one that comes a week late."""
    order = [*range(0, 1440, 2), *range(1439, 0, -2)]
    late = post(9_999, at=START - 168 * HOUR)
    log = MemoryLog()
    received = [replace(one, received=NOW) for one in [*map(post, order), late]]
    tallies = drain([Listed("wire", received)], Words(), log, sketches, clock=Clock())

    by_hour = {one.start: one for one in log.heard(START - 200 * HOUR, NOW + HOUR)}
    assert [by_hour[START + hour * HOUR].published for hour in range(24)] == [60] * 24
    assert by_hour[START - 168 * HOUR].published == 1
    assert by_hour[NOW].heard == 1441
    assert tallies["wire"].new == 1441


def test_a_poisoned_post_is_left_out_and_the_others_are_taken(caplog: pytest.LogCaptureFixture) -> None:
    """It is refused with a reason, and never read again; its words are not in the log of the service."""
    log, analyst = MemoryLog(), Words(poisons=["poison"])
    posts = [post(number, "a poison" if number in {5, 17} else f"text {number}") for number in range(40)]
    taking = intake(Listed("wire", posts), log, analyst)
    with caplog.at_level(logging.ERROR, "argosy.error"):
        taking.step()

    assert counted(log) == (38, 38, 38)
    assert taking.tally.refused == {"not_read": 2}
    assert log.offsets("wire") == {"line": "40"}
    assert "a post cannot be read" in caplog.text
    assert "poison" not in caplog.text


def test_an_analyst_that_reads_nothing_loses_no_post() -> None:
    """The fault is not the posts': they wait until it is mended."""
    log, analyst = MemoryLog(), Words(broken=True)
    source = Listed("wire", [post(1), post(2)])
    taking = intake(source, log, analyst)
    with pytest.raises(ValueError, match=r"\(\)"):
        taking.step()
    assert (log.offsets("wire"), source.told, taking.tally.refused) == ({}, [], {})

    analyst.broken = False
    taking.step()
    assert counted(log) == (2, 2, 2)


def test_a_source_is_not_told_of_what_the_log_did_not_take() -> None:
    """The batch comes again, and counts once."""
    log, source = Failing(2), Listed("wire", [post(1), post(2)])
    taking = intake(source, log)
    for _ in range(2):
        with pytest.raises(MachineError, match="full"):
            taking.step()
    assert (source.told, log.offsets("wire")) == ([], {})
    taking.step()
    assert counted(log) == (2, 2, 2)


@given(st.text(), st.text(min_size=1))
@settings(max_examples=60)
def test_characters_that_no_database_takes_are_left_out(junk: str, key: str) -> None:
    """Halves of characters, as broken JSON has them, and zeros."""
    log = MemoryLog()
    spoilt = replace(post(1), key=f"{key}\ud83d\0", text=f"te\0xt \udc00{junk}", title="\ud800t", author="\0")
    intake(Listed("wire", [spoilt]), log).step()
    (kept,) = log.between(START, NOW)
    told = kept.opinion.post
    for word in (told.key, told.text, told.title, told.author):
        assert "\0" not in word.encode().decode()
    assert told.text.startswith("text ")


def test_that_a_source_answers_is_noted_once_a_minute() -> None:
    """So silence can be told from calm, and calm costs no disk."""
    log, clock = MemoryLog(), Clock()
    taking = intake(Listed("wire", []), log, clock=clock)
    log.take("wire", Batch(offsets={"line": "0"}), [], {}, now=NOW)
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        clock.at = NOW + seconds * 1_000_000
        taking.step()
    assert sum(one.polls for one in log.heard(NOW, NOW + HOUR)) == 1 + 3


def test_what_a_source_refuses_is_counted_by_reason() -> None:
    """And told at once, so that it does not come again."""

    class Refusing(Listed):
        def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
            bad = [Refused(source="wire", where="1", reason=reason) for reason in ("no_text", "no_text", "no_time")]
            return replace(super().poll(offsets, most), refused=bad)

    tallies = drain([Refusing("wire", [post(1)])], Words(), MemoryLog(), sketches, clock=Clock())
    assert tallies["wire"].refused == {"no_text": 2, "no_time": 1}
    assert tallies["wire"].to_json()["refused"] == 3


def test_a_source_that_is_not_reached_keeps_no_other_from_being_drained() -> None:
    """It is told of, and all are closed."""
    log = MemoryLog()
    sources = [Listed("feed", [post(1)], [GONE]), Listed("wire", [post(number) for number in range(300)])]
    said: list[tuple[str, int]] = []
    tallies = drain(
        sources, Words(), log, sketches, clock=Clock(), tell=lambda name, tally: said.append((name, tally.read))
    )
    assert tallies["feed"].trouble == "The feed is gone."
    assert (tallies["wire"].trouble, tallies["wire"].new) == ("", 300)
    assert [one.closed for one in sources] == [True, True]
    assert said[0] == ("feed", 0)
    assert said[-1] == ("wire", 300)


def test_sources_are_heard_side_by_side(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one waits for its analysis the others go on; one that fails is told of once, and when it is back."""
    monkeypatch.setattr("argosy.project.opining.intake.pause", lambda failures, every, chance: 0.0)
    log, analyst = MemoryLog(), Slow()
    slow = Told("slow", [post(1, "slow text", source="slow")])
    shaky = Told("shaky", [post(2, source="shaky")], [GONE] * 3)
    steady = Told("steady", [post(number, source="steady") for number in range(200)])
    with (
        caplog.at_level(logging.WARNING, "argosy.error"),
        listening([slow, shaky, steady], analyst, log, sketches, every={"shaky": SOON}, clock=Clock()) as tallies,
    ):
        assert analyst.begun.wait(SOON)
        assert shaky.read.wait(SOON)
        assert steady.read.wait(SOON)
        assert not slow.read.is_set()
        analyst.may.set()
        assert slow.read.wait(SOON)
    assert all(source.left.wait(SOON) for source in (slow, shaky, steady))
    assert counted(log) == (202, 202, 202)
    assert {name: tally.new for name, tally in tallies.items()} == {"slow": 1, "shaky": 1, "steady": 200}
    assert caplog.text.count("shaky is not heard") == 1
    assert caplog.text.count("shaky is heard again") == 1


def test_batches_grow_with_a_backlog() -> None:
    """Up to the most, and they shrink while the analysis is slow."""
    assert size(256, 0.01, more=True) == 256
    assert size(64, 9.0, more=True) == 64
    assert size(128, 0.5, more=True) == 128
    source = Listed("wire", [post(number) for number in range(900)])
    drain([source], Words(), MemoryLog(), sketches, clock=Clock())
    assert source.given[0] == 64
    assert max(source.given) <= 256
    assert sum(source.given) == 900


def test_the_log_of_these_tests_counts_as_the_real_one(tmp_path: Path) -> None:
    """Cells, stories, texts and what was heard; also what people corrected."""
    pytest.importorskip("duckdb")
    database = Database(sqlite_url(tmp_path / "log.db"))
    upgrade(database)
    logs = (MemoryLog(), SqlOpinionLog(database, tmp_path / "texts", "mood", same=lambda one, other: False))
    posts = posts_of(plant(random.Random(3), 150), "wire")
    said = Correction(id=posts[7].id, text="", language="en", sentiment="negative", topic="rates", at=NOW)
    for log in logs:
        drain([Listed("wire", posts)], Words(), log, sketches, clock=Clock())
        log.correct(said).result()
    memory, real = logs
    for told in (
        lambda log: sorted(map(astuple, log.cells(*EVER))),
        lambda log: sorted(map(astuple, log.heard(0, NOW + HOUR))),
        lambda log: [replace(one, text="") for one in log.stories(*EVER, most=1_000)],
        lambda log: [(one.id, one.story, one.first, one.opinion.topic) for one in log.between(*EVER)],
        lambda log: [one.id for one in log.texts(log.stories(*EVER)[0].id)],
        lambda log: log.corrections(),
    ):
        assert told(memory) == told(real)
    database.close()


@given(st.integers(1, 10_000), st.floats(0, 86_400), st.floats(0, 1))
def test_pauses_have_a_bound(failures: int, every: float, chance: float) -> None:
    """However often it failed; some chance keeps many workers from coming back at once."""
    assert 0.5 <= pause(failures, every, chance) <= max(60.0, every)
