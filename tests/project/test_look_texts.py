"""What looks find in captured texts and feedback: drift and live quality, late labels, releases, and examples."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from watching import DAY, MONDAY, Talk, talking, watching

from argosy.core.feedback import Feedback
from argosy.core.watch import Alarm
from argosy.infer.folder import FORMAT, NAME
from argosy.project.selling.releasing import Shelf
from argosy.project.watching.books import books_of
from argosy.project.watching.look import Look
from argosy.store.feedback import FeedbackTable
from argosy.store.releases import SqlReleases
from argosy.store.watching.alarms import SqlAlarms

DAYS = 14


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with two weeks of usual texts, half of whose answers came back with the right label."""
    folder = tmp_path_factory.mktemp("known")
    with talking(folder) as found:
        for day in range(DAYS):
            found.feedback(found.day(day, 60))
    return folder


@pytest.fixture
def talk(known: Path, tmp_path: Path) -> Iterator[Talk]:
    """Such a shop of one's own."""
    shutil.copytree(known, tmp_path, dirs_exist_ok=True)
    with talking(tmp_path, first=1_000) as found:
        yield found


def look(talk: Talk, days: int) -> Look:
    """The look at the end of so many days."""
    return talk.shop.look(days * 24)


def signals(found: Look) -> set[str]:
    """The signals with an open alarm."""
    return {one["finding"]["signal"] for one in found.found["alarms"]}


def alarms(talk: Talk) -> list[Alarm]:
    """All alarms that there ever were."""
    return SqlAlarms(talk.shop.database).all(model="mood")


def test_usual_texts_and_answers_raise_no_alarm_and_quality_is_told_with_what_was_promised(talk: Talk) -> None:
    """The interval holds the true share, the promise stands beside it, and days are judged after a week."""
    found = look(talk, DAYS)
    assert not signals(found)
    quality = found.found["quality"]
    assert quality["accuracy"]["low"] < 0.9 < quality["accuracy"]["high"]
    assert quality["promised"]["accuracy"]["value"] == 0.9
    assert quality["answers"] == 60 * DAYS
    drift = found.found["embedding"]
    assert [day["start"] for day in drift["days"]] == [MONDAY + day * DAY for day in range(7, DAYS)]
    assert drift["rows"]["reference"] == "captures"


def test_an_unreleased_model_is_held_to_what_was_measured_of_the_engine_that_answers(
    tmp_path: Path,
) -> None:
    """Where a baseline is served, its figures are promised and not those of the network beside it."""
    network, linear = ({"accuracy": {"value": value, "low": value - 0.1, "high": value}} for value in (0.3, 0.9))
    (tmp_path / "model").mkdir()
    told = {"format": FORMAT, "name": "shop", "metrics": {"metrics": network, "baselines": {"linear": linear}}}
    with watching(tmp_path) as shop:
        books = books_of(shop.shop, shop.database)
        for served, promised in (("linear", linear), ("onnx-fp32", network)):
            (tmp_path / "model" / NAME).write_text(json.dumps({**told, "served": served}), encoding="utf-8")
            assert books.promised("shop", "") == promised


def test_a_new_topic_alarms_with_texts_of_it_and_without_storing_any(talk: Talk) -> None:
    """The alarm names places; the texts there are of the new topic."""
    for day in (DAYS, DAYS + 1):
        talk.day(day, 60, topics=("good", "bad", "tax"))
    found = look(talk, DAYS + 2)
    finding = next(one.finding for one in found.opened if one.finding.signal == "embedding")
    assert finding.direction == "apart"
    assert finding.since == MONDAY + DAYS * DAY
    assert finding.p_value is not None
    assert finding.p_value < 0.001
    assert sum(event.startswith("tax") for _, event, _ in finding.examples) >= 4
    assert "invoice" not in str(found.found)


def test_a_day_of_drift_is_judged_once_and_stays_known_when_its_texts_are_gone(talk: Talk) -> None:
    """Texts are kept for a month; what their days showed is kept longer."""
    before = look(talk, DAYS).found["embedding"]["days"]
    talk.privacy.captures.retain(MONDAY + 12 * DAY)
    talk.day(DAYS, 60)
    assert look(talk, DAYS + 1).found["embedding"]["days"][: len(before)] == before


def test_worse_answers_alarm_by_labels_that_come_late_and_a_better_version_closes_it(talk: Talk) -> None:
    """Nothing is known while labels are missing; once they are here the days count from when they were answered."""
    bad = [talk.day(day, 80, right=0.5) for day in range(DAYS, DAYS + 3)]
    assert "quality" not in signals(look(talk, DAYS + 3))
    for said in bad:
        talk.feedback([replace(one, at=MONDAY + (DAYS + 3) * DAY) for one in said])
    found = look(talk, DAYS + 4)
    assert "quality" in signals(found)
    finding = next(one.finding for one in alarms(talk) if one.finding.signal == "quality")
    assert finding.direction == "down"
    assert abs(finding.since - (MONDAY + DAYS * DAY)) <= DAY
    assert finding.value < 0.75
    assert finding.usual == pytest.approx(0.9, abs=0.05)
    assert finding.examples
    promote(talk, at=MONDAY + (DAYS + 4) * DAY + 1)
    assert "quality" not in signals(look(talk, DAYS + 5))


def test_new_customers_who_agree_on_a_new_topic_are_believed(talk: Talk) -> None:
    """They contradict the model nearly always, as liars would; but each says of like texts what the others say."""
    for day in (DAYS, DAYS + 1):
        said = talk.day(day, 180, topics=("good", "bad", "tax", "tax"), tenants="def")
        talk.feedback(said, share=1.0, late=60_000_000)
    assert signals(look(talk, DAYS + 2)) == {"embedding", "quality"}


def test_late_labels_change_what_is_shown_and_open_no_alarm_for_what_is_over(talk: Talk) -> None:
    """Bad days long ago, of a version that has gone since: the figure moves, nobody is woken."""
    bad = [one for day in range(DAYS, DAYS + 3) for one in talk.day(day, 80, right=0.5)]
    promote(talk, at=MONDAY + (DAYS + 3) * DAY)
    before = look(talk, DAYS + 4)
    talk.feedback([replace(one, at=MONDAY + (DAYS + 4) * DAY) for one in bad])
    found = look(talk, DAYS + 5)
    assert not alarms(talk)
    shown = [{point[0]: point[1] for point in one.found["quality"]["points"]} for one in (before, found)]
    day = MONDAY + DAYS * DAY
    assert day not in shown[0]
    assert shown[1][day] < 0.75


def test_a_label_counts_as_the_model_spells_it_and_a_later_rating_takes_none_back(talk: Talk) -> None:
    """Customers write " Good" for "good", and press a thumb afterwards: nothing became worse."""
    table = FeedbackTable(talk.shop.database)
    before = look(talk, DAYS).found["quality"]
    for one in talk.day(DAYS, 60, right=1.0):
        word = Feedback(
            id=f"fb-{one.event}",
            tenant=one.tenant,
            event=one.event,
            model="mood",
            index=0,
            label=f" {one.event.partition('-')[0].title()}",
            at=one.at + 1,
        )
        table.add(word).result()
        table.add(replace(word, id=f"{word.id}-2", label=None, rating=1, at=one.at + 2)).result()
    found = look(talk, DAYS + 1).found["quality"]
    assert found["reports"] == before["reports"] + 60
    assert found["points"][-1][1] > 0.99


def test_what_days_reported_stays_known_when_their_texts_are_read_no_more(talk: Talk) -> None:
    """A day is held against the last quarter: what is older than four weeks is handed from look to look."""
    early = look(talk, DAYS).found["quality"]["sums"]
    assert [one[0] for one in early] == [MONDAY + day * DAY for day in range(DAYS)]
    talk.feedback(talk.day(DAYS + 20, 60))
    late = look(talk, DAYS + 21).found["quality"]
    assert [one[0] for one in late["sums"]] == [*(one[0] for one in early), MONDAY + (DAYS + 20) * DAY]
    assert late["points"][0][0] == MONDAY + 7 * DAY


def promote(talk: Talk, at: int) -> None:
    """Make version 2, promised to be as good, the champion."""
    releases = SqlReleases(talk.shop.database, clock=lambda: at)
    figure = {"value": 0.9, "low": 0.88, "high": 0.92}
    releases.add("mood", "b" * 64, "classify", by="test", metrics={"accuracy": figure}).result()
    shelf = Shelf(releases)
    line = shelf.lines()["mood"]
    shelf.move(line, replace(line, champion=2, previous=1, revision=line.revision + 1, since=at), "test").result()
