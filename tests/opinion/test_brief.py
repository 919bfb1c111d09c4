"""The daily brief tells the weightiest first, with intervals, and what it does not know."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from argosy.core.opinion import HOUR, SENTIMENTS, Cell, Story
from argosy.core.watch import Alarm, Finding
from argosy.opinion.brief import PAST_DAYS, Day, brief
from argosy.opinion.counting.errors import Errors
from argosy.opinion.counting.table import entity_lines, topic_lines, whole_line

END = 489_000 * HOUR
GOOD = Errors(counts={"en": (np.eye(3) * 900 + 50).tolist()})
SOURCES = ({"name": "feed", "silent": False, "since": None}, {"name": "forum", "silent": False, "since": None})


def cells(topic: str, now: tuple[int, int, int], before: tuple[int, int, int], **told: str) -> list[Cell]:
    """Stories of a topic today by sentiment, and on each of the seven days before."""
    days = [now, *[before] * PAST_DAYS]
    return [
        Cell(
            start=END - (24 * day + 5) * HOUR,
            topic=topic,
            entity=told.get("entity", ""),
            language=told.get("language", "en"),
            sentiment=name,
            stories=many,
            reach=2 * many,
            weight=float(many),
        )
        for day, counts in enumerate(days)
        for name, many in zip(SENTIMENTS, counts, strict=True)
    ]


CALM = [*cells("price", (60, 100, 140), (60, 100, 140)), *cells("staff", (20, 50, 30), (20, 50, 30))]
WORSE = [*cells("price", (160, 80, 60), (60, 100, 140)), *cells("staff", (20, 50, 30), (20, 50, 30))]


def day(some: list[Cell], errors: Errors = GOOD, **told: Any) -> Day:
    """A day with these cells."""
    past = 24 * PAST_DAYS
    known: dict[str, Any] = {
        "day": "2026-11-23",
        "zone": "UTC",
        "whole": whole_line(some, errors, END, 24, past),
        "topics": topic_lines(some, errors, END, 24, past),
        "entities": entity_lines(some, errors, END, 24, past),
        "alarms": (),
        "stories": (),
        "emerging": (),
        "sources": SOURCES,
    }
    return Day(**{**known, **told})


def surge(name: str, severity: Any, *, closed: int | None = None) -> Alarm:
    """An alarm of a topic."""
    finding = Finding(
        model="opinion",
        signal="negative",
        slice=f"topic={name}",
        direction="up",
        since=END - 9 * HOUR,
        at=END - 6 * HOUR,
        value=18.2,
        usual=5.9,
        size=6.1,
        severity=severity,
    )
    return Alarm(id=f"alarm-{name}", finding=finding, opened=END - 6 * HOUR, closed=closed)


def story(reach: int, title: str) -> Story:
    """A story of the day."""
    return Story(
        id=title[:4],
        first=END - 9 * HOUR,
        last=END - HOUR,
        reach=reach,
        sources=3,
        topic="price",
        sentiment="negative",
        language="en",
        title=title,
        text="…",
    )


def kinds(told: Mapping[str, Any]) -> list[str]:
    """The kinds of its sentences in their order."""
    return [one["kind"] for one in told["sentences"]]


def test_a_usual_day_is_told_as_one() -> None:
    """One sentence with the numbers and no change."""
    told = brief(day(CALM), "en")
    assert told["headline"] == "A day as usual"
    assert kinds(told) == ["whole"]
    assert "400 stories" in told["sentences"][0]["text"]
    assert "no certain change" in told["sentences"][0]["text"]
    assert told["topics"][0]["usual"] == 300


def test_what_became_worse_is_told_with_its_interval() -> None:
    """The topic that changed, not the one that did not; and the whole changed with it."""
    told = brief(day(WORSE), "en")
    assert kinds(told) == ["whole", "topic"]
    assert told["headline"] == "More of what is said is negative"
    [topic] = [one for one in told["sentences"] if one["kind"] == "topic"]
    assert topic["about"] == "price"
    assert topic["text"].startswith("price: 57 % [")
    assert "up by" in topic["text"]


def test_the_weightiest_comes_first_and_all_is_short() -> None:
    """An outage, then surges by severity, then the whole; eight sentences at most."""
    some = [
        *WORSE,
        *cells("price", (90, 20, 10), (20, 50, 90), entity="Acme"),
        *cells("price", (10, 20, 90), (60, 50, 20), entity="Bolt"),
    ]
    full = day(
        some,
        alarms=(
            surge("staff", "low", closed=END),
            surge("price", "high"),
            surge("delivery", "medium"),
            surge("x", "low"),
        ),
        stories=(story(3, "Small"), story(900, "Price rises again " * 9)),
        emerging=({"id": "a", "name": "app · login", "growth": 3.0, "stories": 40},),
        sources=({"name": "feed", "silent": True, "since": END - 30 * HOUR}, SOURCES[1]),
    )
    told = brief(full, "en")
    assert kinds(told) == ["outage", "surge", "surge", "surge", "whole", "topic", "entity", "entity"]
    assert [one["about"] for one in told["sentences"][1:3]] == ["alarm-price", "alarm-delivery"]
    assert told["headline"].startswith("Surges of negative stories")
    assert "1 of 2 sources" in told["sentences"][0]["text"]
    assert any("feed is silent since" in note for note in told["notes"])
    assert told["alarms"][0]["id"] == "alarm-price"
    quieter = brief(replace(full, alarms=(), entities=()), "en")
    assert kinds(quieter) == ["outage", "whole", "topic", "emerging", "story"]
    assert "app · login (40 stories)" in quieter["sentences"][3]["text"]
    assert "…”" in quieter["sentences"][4]["text"]


def test_silence_is_not_calm() -> None:
    """A day on which nothing was heard because the sources were away says so at the top."""
    away = tuple({**one, "silent": True, "since": END - 40 * HOUR} for one in SOURCES)
    told = brief(day(cells("price", (0, 0, 0), (60, 100, 140)), sources=away), "en")
    assert "no sign of calm" in told["headline"]
    assert kinds(told) == ["outage", "whole"]
    assert brief(day([]), "en")["headline"] == "Nothing was said."
    assert brief(day(CALM, sources=(away[0], SOURCES[1])), "en")["headline"] == "As far as was heard, a day as usual"


def test_what_was_never_measured_is_said() -> None:
    """Without test rows the raw share is told as such, and topics and entities are named as not validated."""
    some = [*CALM, *cells("price", (9, 9, 9), (9, 9, 9), entity="Acme")]
    told = brief(day(some, Errors()), "en")
    assert "never measured" in told["sentences"][0]["text"]
    assert any("price, staff" in note for note in told["notes"])
    assert any("Acme" in note for note in told["notes"])
    assert not any("Acme" in note for note in brief(day(some), "en")["notes"])


def test_chance_among_many_topics_is_no_news() -> None:
    """A hundred topics without any change: hardly a brief tells of one."""
    rng = np.random.default_rng(5)
    told = 0
    for _ in range(10):
        some = []
        for at in range(100):
            name = f"topic-{at}"
            today, week = (tuple(map(int, rng.multinomial(many, [0.3, 0.3, 0.4]))) for many in (40, 280))
            some += cells(name, today, (0, 0, 0))
            some += cells(name, (0, 0, 0), week)[: 2 * len(SENTIMENTS)]
        told += "topic" in kinds(brief(day(some), "en"))
    assert told <= 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_json_and_the_same_each_time(language: str) -> None:
    """Also with figures that are not known."""
    odd = surge("price", "high")
    odd = replace(odd, finding=replace(odd.finding, value=float("nan"), usual=float("nan"), size=float("nan")))
    made = day(WORSE, alarms=(odd, surge("staff", "high")), stories=(story(5, "One"),))
    told = brief(made, language)
    assert told == brief(made, language)
    assert json.loads(json.dumps(told, allow_nan=False))["sentences"] == told["sentences"]
    assert [one["id"] for one in told["alarms"]] == ["alarm-staff", "alarm-price"]
