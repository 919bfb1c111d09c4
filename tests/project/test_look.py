"""Looks over simulated weeks, through the real books: what alarms, and what does not."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from watching import DAY, HOUR, MONDAY, Watching, usual, watching

from argosy.core.watch import Alarm
from argosy.project.watching.look import Look
from argosy.store.watching.alarms import SqlAlarms

WEEKS = 17 * 24
"""Hours until signals can alarm, and three days."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with weeks of usual traffic in its books."""
    folder = tmp_path_factory.mktemp("known")
    with watching(folder) as shop:
        shop.weeks(WEEKS)
    return folder


@pytest.fixture
def shop(known: Path, tmp_path: Path) -> Iterator[Watching]:
    """A shop of one's own with weeks of usual traffic."""
    shutil.copytree(known, tmp_path, dirs_exist_ok=True)
    with watching(tmp_path) as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Watching]:
    """A shop with empty books."""
    with watching(tmp_path) as found:
        yield found


def keys(found: Look) -> set[tuple[str, str]]:
    """The signals with an open alarm."""
    return {(one["finding"]["signal"], one["finding"]["slice"]) for one in found.found["alarms"]}


def alarms(shop: Watching) -> list[Alarm]:
    """All alarms that there ever were."""
    return SqlAlarms(shop.database).all()


def shifted(shop: Watching, first: int, hours: int, *, bad: float) -> None:
    """Hours in which another share of the answers is bad."""
    for number in range(first, first + hours):
        told = {tenant: usual(shop.rng, 25, bad=bad) for tenant in "abc"}
        shop.signals.note(shop.hour(number, told)).result()


def test_usual_weeks_raise_no_alarm_and_tell_each_signal_with_its_band(shop: Watching) -> None:
    """Nothing is wrong: every signal lies in its band, most of the time, and can alarm after two weeks."""
    found = shop.look(WEEKS)
    assert not keys(found)
    told = {(one["signal"], one["slice"]): one for one in found.found["signals"]}
    assert {one["to_go"] for one in told.values()} == {0}
    assert told["label", "label=bad"]["low"] < 0.3 < told["label", "label=bad"]["high"]
    assert len(told["traffic", ""]["points"]) == 7 * 12
    assert found.found["series"] == len(told) + 2  # drift and quality may come
    assert found.found["since"] == MONDAY
    assert found.through == MONDAY + WEEKS * HOUR


def test_a_young_service_says_how_long_until_it_can_alarm(shop: Watching) -> None:
    """A week is not enough to know what is usual."""
    assert {one["to_go"] for one in shop.look(7 * 24).found["signals"]} == {7 * 12}


def test_a_change_opens_one_alarm_with_its_evidence_and_its_end_closes_it(shop: Watching) -> None:
    """Looked at hour by hour: opened once, kept while it lasts, closed when the label is as usual again."""
    shop.look(WEEKS)
    shifted(shop, WEEKS, 12, bad=0.7)
    looks = [shop.look(WEEKS + hour) for hour in (4, 12)]
    opened = [one for found in looks for one in found.opened if one.finding.signal == "label"]
    assert len(opened) == 1
    finding = opened[0].finding
    assert (finding.slice, finding.direction) == ("label=bad", "up")
    assert finding.since == MONDAY + WEEKS * HOUR
    assert finding.value == pytest.approx(0.7, abs=0.1)
    assert finding.usual == pytest.approx(0.3, abs=0.1)
    assert sum(finding.slices.values()) == pytest.approx(1)
    shop.weeks(48, first=WEEKS + 12)
    assert ("label", "label=bad") not in keys(shop.look(WEEKS + 60))
    assert [one.closed for one in alarms(shop) if one.id == opened[0].id] == [
        MONDAY + (WEEKS + 60) * HOUR + 120_000_000
    ]


def test_the_same_look_again_changes_nothing(shop: Watching) -> None:
    """A look follows from the books: asked twice, or by two processes, it opens nothing twice."""
    shifted(shop, WEEKS, 12, bad=0.7)
    first, again = shop.look(WEEKS + 12), shop.look(WEEKS + 12)
    assert first.opened
    assert not again.opened
    assert again.found == first.found
    assert len(alarms(shop)) == len(first.opened)


def test_a_change_that_came_and_went_between_two_looks_is_told_and_then_closed(shop: Watching) -> None:
    """The server was down while its books were written by others: nothing is lost."""
    shop.look(WEEKS)
    shifted(shop, WEEKS, 12, bad=0.7)
    shop.weeks(48, first=WEEKS + 12)
    late = shop.look(WEEKS + 60)
    assert ("label", "label=bad") in {(one.finding.signal, one.finding.slice) for one in late.opened}
    shop.weeks(2, first=WEEKS + 60)
    assert ("label", "label=bad") not in keys(shop.look(WEEKS + 62))


def test_missing_days_raise_no_alarm_and_hide_no_later_one(empty: Watching) -> None:
    """A service that was off for two days did not lose its customers."""
    off = range(WEEKS - 72, WEEKS - 24)
    empty.weeks(WEEKS, without=off)
    found = empty.look(WEEKS)
    assert not alarms(empty)
    points = next(one for one in found.found["signals"] if one["signal"] == "traffic")["points"]
    assert sum(value is None for _, value, *_ in points) == len(off) / 2
    shifted(empty, WEEKS, 12, bad=0.7)
    assert ("label", "label=bad") in keys(empty.look(WEEKS + 12))


def test_a_service_that_is_up_and_asked_nothing_alarms(shop: Watching) -> None:
    """Zero requests is not a missing value."""
    for number in range(WEEKS, WEEKS + 6):
        shop.signals.note(shop.hour(number, {})).result()
    assert ("traffic", "") in keys(shop.look(WEEKS + 6))


def test_tallies_that_are_written_twice_count_once(shop: Watching) -> None:
    """A worker that does not hear that it was written writes again: all of the last day, and with less in it before."""
    day = [shop.hour(number, {"a": usual(shop.rng, 40)}) for number in range(WEEKS, WEEKS + 24)]
    for hour in day:
        early = [one for one in hour if one.model]
        shop.signals.note(early).result()
        for _ in range(3):
            shop.signals.note(hour).result()
    points = next(one for one in shop.look(WEEKS + 24).found["signals"] if one["signal"] == "traffic")["points"]
    assert [value for _, value, *_ in points[-12:]] == [80] * 12


def test_a_clock_that_jumps_raises_no_alarm(shop: Watching) -> None:
    """Three hours of texts that stand in one, since the clock was put back: that hour says nothing."""
    jump = shop.hour(WEEKS - 3, {"a": {**usual(shop.rng, 400, bad=0.9), "jumps": 1}})
    ahead = shop.hour(WEEKS + 1_000, {"a": usual(shop.rng, 400, bad=0.9)})
    shop.signals.note([*jump, *ahead]).result()
    found = shop.look(WEEKS)
    assert not alarms(shop)
    assert all(one["points"][-2][1] is None for one in found.found["signals"])


def test_a_flood_from_one_tenant_is_told_as_its_traffic_and_changes_no_other_signal(shop: Watching) -> None:
    """A hundred times as many texts, all long and all bad, from one tenant: an alarm that names it, and no other."""
    for number in range(WEEKS, WEEKS + 8):
        told = {**shop.told(number), "c": usual(shop.rng, 3_000, bad=0.99, long=20)}
        shop.signals.note(shop.hour(number, told)).result()
    found = shop.look(WEEKS + 8)
    assert keys(found) <= {("traffic", ""), ("traffic", "tenant=c"), ("cost", "")}
    assert ("traffic", "tenant=c") in keys(found)
    whole = next(one for one in found.found["alarms"] if one["finding"]["slice"] == "")
    assert next(iter(whole["finding"]["slices"])) == "tenant=c"


def test_a_level_that_somebody_calls_usual_closes_the_alarm_and_is_not_told_again(shop: Watching) -> None:
    """From then on the other level is the usual one."""
    shifted(shop, WEEKS, 12, bad=0.6)
    shop.look(WEEKS + 12)
    known = next(one for one in alarms(shop) if one.finding.signal == "label")
    at = MONDAY + (WEEKS + 12) * HOUR + DAY // 24
    SqlAlarms(shop.database).acknowledge(known.id, "kim", at=at, usual=True).result()
    shifted(shop, WEEKS + 12, 12, bad=0.6)
    assert ("label", "label=bad") not in keys(shop.look(WEEKS + 24))


def test_all_models_share_the_contract(shop: Watching) -> None:
    """Who watches two models accepts no more false alarms than who watches one."""
    alone = shop.look(WEEKS).found["series"]
    hour = [
        replace(one, id=f"{one.id}-other", model="other") for one in shop.hour(WEEKS, shop.told(WEEKS)) if one.model
    ]
    shop.signals.note(hour).result()
    assert shop.look(WEEKS + 2).found["series"] > 1.5 * alone


def test_a_signal_that_never_moves_never_alarms(empty: Watching) -> None:
    """Its scores are chance, since ties are broken by it; where one look finds nothing others may."""
    rows = [one for hour in range(60 * 24) for one in empty.hour(hour, {"a": {"requests": 10, "texts": 10}})]
    empty.signals.note(rows).result()
    for day in (20, 40, 60):
        empty.look(day * 24)
    assert not alarms(empty)


def test_a_clock_that_was_far_ahead_blinds_no_later_look(shop: Watching) -> None:
    """A machine that came up weeks ahead looked once: from then on looks judge as before it."""
    shop.look(WEEKS)
    shop.look(WEEKS + 30 * 24)
    shifted(shop, WEEKS, 12, bad=0.7)
    found = shop.look(WEEKS + 12)
    assert ("label", "label=bad") in keys(found)
    kept = SqlAlarms(shop.database).looked("mood")
    assert kept is not None
    assert kept.through == MONDAY + (WEEKS + 12) * HOUR
    assert not shop.look(WEEKS + 12).opened
