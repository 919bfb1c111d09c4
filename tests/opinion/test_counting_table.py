"""Cells of the log become hours of a trend and lines of an overview."""

import json
import math

import numpy as np
import pytest

from argosy.core.opinion import HOUR, SENTIMENTS, Cell
from argosy.opinion.counting.errors import Errors
from argosy.opinion.counting.table import entity_lines, topic_lines, trend, whole_line

NOW = 480_000 * HOUR
PERFECT = Errors(counts={name: (np.eye(3) * 1e5).tolist() for name in ("en", "zh")})


def cell(hour: int, topic: str, sentiment: str, stories: int, *, entity: str = "", language: str = "en") -> Cell:
    """A cell of an hour before (or after) now, each story told three times."""
    return Cell(
        start=NOW + hour * HOUR,
        topic=topic,
        entity=entity,
        language=language,
        sentiment=sentiment,
        stories=stories,
        reach=3 * stories,
        weight=float(stories),
    )


def test_a_trend_has_every_hour_and_only_what_was_asked() -> None:
    """Hours without a text are there, empty; other topics and entities are not counted, both languages are."""
    cells = [
        cell(-3, "price", "negative", 10),
        cell(-3, "price", "neutral", 10, language="zh"),
        cell(-3, "price", "negative", 7, entity="Acme"),
        cell(-1, "price", "positive", 4),
        cell(-1, "staff", "negative", 50),
        cell(-9, "price", "negative", 50),
    ]
    first, second, third = trend(cells, PERFECT, NOW - 3 * HOUR, NOW, topic="price")
    assert [one.start for one in (first, second, third)] == [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR]
    assert (first.stories, first.texts) == (20, 60)
    assert first.share.value == pytest.approx(0.5, abs=0.01)
    assert second.stories == 0
    assert math.isnan(second.share.value)
    assert third.share.value == pytest.approx(0, abs=0.01)
    told = json.loads(json.dumps(second.to_json()))
    assert told == {
        "start": NOW - 2 * HOUR,
        "texts": 0,
        "stories": 0,
        "negative": None,
        "low": None,
        "high": None,
        "raw": None,
        "doubt": "empty",
    }
    assert trend(cells, PERFECT, NOW - 3 * HOUR, NOW, entity="Acme")[0].stories == 7
    assert trend(cells, PERFECT, NOW - HOUR, NOW)[0].stories == 54


def test_lines_are_told_against_the_time_before() -> None:
    """The most stories first; what was spoken of only before stays, and what is new has no change."""
    cells = [
        *(cell(-2, "price", name, many) for name, many in zip(SENTIMENTS, (300, 300, 400), strict=True)),
        *(cell(-30, "price", name, many) for name, many in zip(SENTIMENTS, (100, 400, 500), strict=True)),
        cell(-5, "staff", "negative", 8),
        cell(-40, "gone", "positive", 5),
        cell(-50, "older", "positive", 5),
        cell(-2, "price", "negative", 6, entity="Acme"),
        cell(0, "price", "negative", 1000),
    ]
    price, staff, gone = topic_lines(cells, PERFECT, NOW, 24)
    assert (price.name, price.stories, price.texts, price.before) == ("price", 1000, 3000, 1000)
    assert price.change.low <= 0.2 <= price.change.high
    assert price.change.certain
    assert price.number.value == pytest.approx(300, abs=1)
    assert staff.name == "staff"
    assert math.isnan(staff.change.value)
    assert (gone.name, gone.stories, gone.before) == ("gone", 0, 5)
    assert [(one.name, one.stories) for one in entity_lines(cells, PERFECT, NOW, 24)] == [("Acme", 6)]
    assert whole_line(cells, PERFECT, NOW, 24).stories == 1008
    assert json.loads(json.dumps(price.to_json()))["negative"] == pytest.approx(0.3, abs=0.01)


def test_a_line_with_a_language_that_was_never_measured_is_not_validated() -> None:
    """Even a single text of it."""
    errors = Errors(counts={"en": (np.eye(3) * 100).tolist()})
    cells = [cell(-1, "a", "negative", 5), cell(-1, "b", "negative", 5), cell(-1, "b", "neutral", 1, language="zh")]
    lines = topic_lines(cells, errors, NOW, 24)
    assert {one.name: one.validated for one in lines} == {"a": True, "b": False}


def test_nothing_heard_is_a_line_that_says_so() -> None:
    """An empty log has no topics, and no share of all."""
    assert topic_lines([], PERFECT, NOW, 24) == []
    line = whole_line([], PERFECT, NOW, 24)
    assert (line.stories, line.share.doubt) == (0, "empty")
