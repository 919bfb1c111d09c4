"""The look of an opinion monitor: one alarm a surge, whatever happens meanwhile, and none for what is long over."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from opining import START, MemoryLog, sketches
from shops import shop_in

from argosy.config.opinion import Opinion as Wish
from argosy.core.opinion import HOUR, Batch, Opinion, Post
from argosy.core.watch import Alarm
from argosy.project.opining.looking import Looking
from argosy.project.selling.shop import open_store
from argosy.store.database import Database
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.messages import SqlMessages

WEEKS = 5 * 168
MONDAY = START // (168 * HOUR) * 168 * HOUR


class World:
    """Two topics of some negative stories an hour, told hour by hour."""

    def __init__(self, database: Database) -> None:
        self.database, self.log = database, MemoryLog()
        self.rng = np.random.default_rng(5)
        self._number = 0
        self.looking = self.restarted()

    def restarted(self) -> Looking:
        """Another process over the same log."""
        wish = Wish.model_validate({"sources": {"wire": {"kind": "webhook"}}})
        return Looking(name="m", wish=wish, log=self.log, alarms=SqlAlarms(self.database), targets=["chat"])

    def tell(self, hours: range, *, quality: float = 1.0, heard: int | None = None) -> None:
        """What was published in these hours, the topic ``quality`` so many times as often; heard then, or later."""
        for hour in hours:
            at = MONDAY + hour * HOUR
            posts = [
                (topic, at + int(self.rng.integers(HOUR)))
                for topic, times in (("quality", quality), ("price", 1.0))
                for _ in range(self.rng.negative_binomial(8, 8 / (8 + 6 * times)))
            ]
            self.take(posts, heard or at + HOUR - 1)

    def take(self, posts: list[tuple[str, int]], now: int) -> None:
        """Topics and times of negative stories that were heard by now."""
        opinions = []
        for topic, at in posts:
            self._number += 1
            post = Post(source="wire", key=str(self._number), text=f"text {self._number}", at=at, received=now)
            chances = {"negative": 0.9, "neutral": 0.1, "positive": 0.0}
            opinions.append(Opinion(post=post, text=post.text, language="en", chances=chances, topic=topic, sure=0.9))
        drawn = sketches([one.text for one in opinions])
        by_id = {one.post.id: sketch for one, sketch in zip(opinions, drawn, strict=True)}
        self.log.take("wire", Batch(posts=[one.post for one in opinions]), opinions, by_id, now=now).result()

    def look(self, hour: int) -> list[Alarm]:
        """The look at the beginning of an hour, when the one before is whole."""
        return self.looking.look(MONDAY + hour * HOUR + 2 * 60_000_000)

    def open(self) -> list[str]:
        """What alarms are open about."""
        return sorted(one.finding.slice for one in self.looking.alarms.all(model=self.looking.model, still=True))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Five weeks as usual, looked at once."""
    shop = shop_in(tmp_path)
    with open_store(shop.sell, tmp_path) as database:
        told = World(database)
        told.tell(range(WEEKS))
        assert told.look(WEEKS) == []
        yield told


def test_a_surge_is_one_alarm_through_restarts_and_closes_when_it_is_over(world: World) -> None:
    """With its size, its evidence and one message; the topic beside it is calm."""
    opened: list[Alarm] = []
    for hour in range(WEEKS, WEEKS + 12):
        world.tell(range(hour, hour + 1), quality=5.0)
        world.looking = world.restarted()
        opened += world.look(hour + 1)
        assert world.look(hour + 1) == []
    assert [one.finding.slice for one in opened] == ["topic=quality"]
    finding = opened[0].finding
    assert MONDAY + (WEEKS - 1) * HOUR <= finding.since <= MONDAY + (WEEKS + 2) * HOUR
    assert finding.value > 3 * finding.usual
    assert finding.severity in {"medium", "high"}
    assert finding.stories
    assert finding.examples
    assert len(SqlMessages(world.database).of(opened[0].id)) == 1
    for hour in range(WEEKS + 12, WEEKS + 36):
        world.tell(range(hour, hour + 1))
        assert world.look(hour + 1) == []
    assert world.open() == []


def test_nothing_is_raised_for_a_surge_that_was_over_before_the_first_look(tmp_path: Path) -> None:
    """Old posts are read in event time: they teach what is usual."""
    with open_store(shop_in(tmp_path).sell, tmp_path) as database:
        world = World(database)
        world.tell(range(WEEKS - 100))
        world.tell(range(WEEKS - 100, WEEKS - 90), quality=6.0)
        world.tell(range(WEEKS - 90, WEEKS))
        assert world.look(WEEKS) == []
        assert world.open() == []


def test_a_surge_in_hours_that_were_heard_later_is_found_then(world: World) -> None:
    """A crawler was down for a day: these hours are missing, not calm; what they held is judged when it comes."""
    assert world.look(WEEKS + 24) == []
    seen = world.looking.seen(MONDAY + (WEEKS + 24) * HOUR + 2 * 60_000_000)
    assert seen.missing[-24:].all()
    assert "wire" in seen.silent
    late = MONDAY + (WEEKS + 24) * HOUR + HOUR // 2
    world.tell(range(WEEKS, WEEKS + 4), heard=late)
    world.tell(range(WEEKS + 4, WEEKS + 20), quality=6.0, heard=late)
    world.tell(range(WEEKS + 20, WEEKS + 25), heard=late)
    assert [one.finding.slice for one in world.look(WEEKS + 25)] == ["topic=quality"]


def test_a_surge_that_somebody_closed_stays_closed(world: World) -> None:
    """Another one, later, is another alarm."""
    world.tell(range(WEEKS, WEEKS + 6), quality=6.0)
    (alarm,) = world.look(WEEKS + 6)
    world.looking.alarms.close(alarm.id, at=MONDAY + (WEEKS + 6) * HOUR, by="ann").result()
    for hour in range(WEEKS + 6, WEEKS + 12):
        world.tell(range(hour, hour + 1), quality=6.0)
        assert world.look(hour + 1) == []
    world.tell(range(WEEKS + 12, WEEKS + 72))
    assert world.look(WEEKS + 72) == []
    world.tell(range(WEEKS + 72, WEEKS + 78), quality=8.0)
    assert [one.finding.slice for one in world.look(WEEKS + 78)] == ["topic=quality"]


def test_a_level_that_somebody_calls_usual_raises_no_alarm(world: World) -> None:
    """From when it began, it is what the next hours are held against."""
    world.tell(range(WEEKS, WEEKS + 8), quality=4.0)
    (alarm,) = world.look(WEEKS + 8)
    at = MONDAY + (WEEKS + 8) * HOUR
    world.looking.alarms.acknowledge(alarm.id, "ann", at=at, usual=True).result()
    world.looking.forget()
    for hour in range(WEEKS + 8, WEEKS + 80, 6):
        world.tell(range(hour, hour + 6), quality=4.0)
        assert world.look(hour + 6) == []
    assert world.open() == []


def test_one_text_about_what_nobody_speaks_of_is_no_alarm(world: World) -> None:
    """However rare it is; three of them are one."""
    for hour in (WEEKS, WEEKS + 1):
        world.take([("quiet", MONDAY + hour * HOUR)], MONDAY + hour * HOUR)
        world.tell(range(hour, hour + 1))
        assert world.look(hour + 1) == []
    world.take([("quiet", MONDAY + (WEEKS + 2) * HOUR)], MONDAY + (WEEKS + 2) * HOUR)
    world.tell(range(WEEKS + 2, WEEKS + 3))
    assert [one.finding.slice for one in world.look(WEEKS + 3)] == ["topic=quiet"]


def test_nothing_is_judged_while_old_posts_wait(world: World) -> None:
    """The hours that they are of look calm till then."""
    world.looking.behind = lambda: True
    world.tell(range(WEEKS, WEEKS + 6), quality=6.0)
    assert world.looking.look(MONDAY + WEEKS * HOUR + HOUR // 2) == []
    world.looking.behind = lambda: False
    assert [one.finding.slice for one in world.look(WEEKS + 6)] == ["topic=quality"]
