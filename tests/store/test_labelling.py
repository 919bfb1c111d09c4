"""The queue of texts to label on SQLite and PostgreSQL: once each, apart for each person, gone with a person."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from persons import Clock, line, opened, seen

from argosy.core.errors import MissingError
from argosy.core.labelling import Asked, Item
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.store.database import Database
from argosy.store.watching.labelling import HOLD, SqlLabelling


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def privacy(tmp_path: Path, database: Database, clock: Clock) -> ProjectPrivacy:
    """Six captured texts of two persons."""
    privacy = opened(tmp_path / "project", database, clock, "legitimate_interests")
    privacy.captures.keep(
        [seen("kim-7731" if number % 3 == 0 else "bob", f"e{number}", at=clock.at) for number in range(6)]
    )
    return privacy


@pytest.fixture
def queue(privacy: ProjectPrivacy, database: Database, clock: Clock) -> SqlLabelling:
    """A queue of these texts, the last two of them for two people."""
    queue = SqlLabelling(database, clock=clock)
    assert queue.add("mood", asked(range(6))) == 6
    return queue


def asked(numbers: range, for_two: int = 4) -> list[Asked]:
    """Texts that are asked for."""
    return [
        Asked(place=("ten_a", f"e{number}", 0), wanted=1 + (number > for_two - 1), why={"doubt": 0.5})
        for number in numbers
    ]


def taken(queue: SqlLabelling, person: str) -> Item:
    """The next item of a person, who has one."""
    item = queue.next("mood", person)
    assert item is not None
    return item


def by_wanted(queue: SqlLabelling, wanted: int) -> list[str]:
    """The ids of items for so many people."""
    return [item.id for item in queue.items("mood") if item.wanted == wanted]


def test_a_text_is_asked_for_once(queue: SqlLabelling) -> None:
    """The same place again adds nothing; another model's queue is its own."""
    assert queue.add("mood", asked(range(7), 0)) == 1
    assert queue.add("other", asked(range(2))) == 2
    assert [len(queue.places(model)) for model in ("mood", "other", "none")] == [7, 2, 0]
    assert queue.models() == ["mood", "other"]


def test_two_people_have_different_texts(queue: SqlLabelling, clock: Clock) -> None:
    """What is kept for one is not given to another, comes again to the same, and is free when the time is over."""
    one = taken(queue, "ann")
    assert taken(queue, "ann") == one
    assert taken(queue, "bo").id != one.id
    assert len({taken(queue, f"person {number}").id for number in range(5)} | {one.id, taken(queue, "bo").id}) == 6
    assert taken(queue, "late").id in by_wanted(queue, 2)
    assert queue.next("mood", "later") is None  # six texts, two of them for two: eight seats
    clock.at += HOLD
    assert queue.next("mood", "later") is not None


def test_many_at_once_have_different_texts(url: str, queue: SqlLabelling) -> None:
    """Over several connections of several processes' kind, no seat is given twice."""
    databases = [Database(url) for _ in range(4)]
    queues = [SqlLabelling(database) for database in databases]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: queues[number % 4].next("mood", f"p{number}"), range(8)))
    for database in databases:
        database.close()
    ids = [item.id for item in found if item]
    single = by_wanted(queue, 1)
    assert len(ids) == 8
    assert all(ids.count(item) == (1 if item in single else 2) for item in set(ids))


def test_nobody_sees_a_text_twice(queue: SqlLabelling) -> None:
    """Each text comes to a person once, labelled or left to others; then there is none."""
    seen_by_ann = []
    while (item := queue.next("mood", "ann")) is not None:
        seen_by_ann.append(item.id)
        if len(seen_by_ann) % 2:
            queue.vote(item.id, "ann", "good")
        else:
            queue.skip(item.id, "ann")
    assert len(seen_by_ann) == len(set(seen_by_ann)) == 6
    told = queue.progress("mood", "ann")
    assert (told.own, told.disputed, told.gone) == (3, 0, 0)
    left = {taken(queue, "bo").id}
    assert left < set(seen_by_ann)


def test_two_that_differ_are_decided_by_a_third(queue: SqlLabelling) -> None:
    """One label is enough where one is wanted; two that agree end it; two that differ wait for another person."""
    single, (first, second) = by_wanted(queue, 1)[0], by_wanted(queue, 2)
    assert (queue.vote(single, "ann", "good").state, queue.vote(first, "ann", "good").state) == ("done", "open")
    assert queue.vote(first, "bo", "good").label == "good"
    queue.vote(second, "ann", "good")
    disputed = queue.vote(second, "bo", "bad")
    assert (disputed.state, disputed.label, dict(disputed.votes)) == ("disputed", None, {"ann": "good", "bo": "bad"})
    for item in by_wanted(queue, 1)[1:]:
        queue.vote(item, "cy", "good")
    assert queue.next("mood", "ann") is None
    assert taken(queue, "cy").id == second
    assert (queue.next("mood", "dee"), queue.items("mood", "disputed")[0].id) == (None, second)
    judged = queue.vote(second, "cy", "bad")
    assert (judged.state, judged.label, len(judged.votes)) == ("done", "bad", 2)
    assert sorted(queue.pairs("mood")) == [["good", "bad"], ["good", "good"]]


def test_people_change_their_minds(queue: SqlLabelling) -> None:
    """A later label of the same person is the one that counts, and the last thing done is undone first."""
    single, (first, _) = by_wanted(queue, 1)[0], by_wanted(queue, 2)
    assert queue.undo("mood", "ann") is None
    queue.vote(first, "ann", "good")
    queue.vote(first, "bo", "bad")
    assert queue.vote(first, "bo", "good").state == "done"
    queue.vote(first, "bo", "bad")
    assert queue.vote(first, "cy", "good").label == "good"
    undone = queue.undo("mood", "cy")
    assert undone is not None
    assert (undone.id, undone.state) == (first, "disputed")
    assert taken(queue, "cy").id == first
    (settled,) = queue.take({first: "mixed"}, "bo", decides=True)
    assert (settled.label, settled.votes["bo"]) == ("mixed", "bad")
    assert queue.vote(first, "ann", "bad").label == "mixed"
    queue.vote(single, "ann", "good")
    assert queue.vote(single, "bo", "bad").state == "disputed"  # asked of one, labelled by two who differ


def test_a_text_whose_capture_is_gone_is_not_shown(queue: SqlLabelling, privacy: ProjectPrivacy, clock: Clock) -> None:
    """When its days are over it comes to nobody and counts as gone, and what was labelled by two still tells."""
    (first, _) = by_wanted(queue, 2)
    queue.vote(first, "ann", "good")
    queue.vote(first, "bo", "bad")
    clock.at += 11 * 86_400_000_000
    privacy.captures.keep([seen("bob", "new", at=clock.at)])
    privacy.retain()
    queue.add("mood", [Asked(place=("ten_a", "new", 0))])
    assert taken(queue, "cy").place == ("ten_a", "new", 0)
    assert (queue.progress("mood", "ann").gone, queue.progress("mood", "ann").open) == (6, 1)
    assert [item.place[1] for item in queue.items("mood")] == ["new"]
    assert queue.pairs("mood") == [["good", "bad"]]


def test_what_was_asked_of_a_person_goes_with_the_person(
    queue: SqlLabelling, privacy: ProjectPrivacy, database: Database, clock: Clock
) -> None:
    """Told when asked for, erased with the labels, though the capture was removed before; others' stay."""
    line(database, privacy.subjects.named("ten_a", "kim-7731"), "e0")
    for item in queue.items("mood"):
        queue.vote(item.id, "ann", "good")
    told = privacy.export("ten_a", "kim-7731")["labelling"]
    assert [(one["event"], one["votes"]) for one in sorted(told, key=lambda one: one["event"])] == [
        ("e0", ["good"]),
        ("e3", ["good"]),
    ]
    assert "ann" not in str(told)
    certificate = privacy.erase("ten_a", "kim-7731", "key_1")
    assert certificate["erased"]["labelling"] == 2
    assert {place[1] for place in queue.places("mood")} == {"e1", "e2", "e4", "e5"}
    (left, *_) = queue.ids("mood")
    with pytest.raises(MissingError, match="never asked for, or erased"):
        queue.take({left: "bad", "lab_0": "bad"}, "bo")
    assert not queue.items("mood", "disputed")  # all of them or none
    clock.at += 11 * 86_400_000_000
    privacy.retain()
    assert privacy.erase("ten_a", "bob", "key_1")["erased"]["labelling"] == 0
