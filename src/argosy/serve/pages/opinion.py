"""What the pages of an opinion monitor tell: the overview, a trend, alarms, stories and their texts, a day's brief."""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from argosy.core.opinion import OTHER, SENTIMENTS
from argosy.core.signals import slice_name
from argosy.core.watch import Alarm
from argosy.serve.gate import office
from argosy.serve.gate.opined import Opined
from argosy.serve.pages import opinion_charts
from argosy.serve.pages.listing import Listing
from argosy.serve.pages.shown import translate
from argosy.serve.pages.support import span

Told = Mapping[str, Any]
HOURS = (6, 24, 72, 168, 720)
"""The times that a page may be about."""
_USUAL = 24
_MOST = 500  # stories that are looked through
_LISTED = 168  # hours of a table
_PAGE = 4  # digits of a page's number
_SECOND = 1_000_000  # microseconds
_MINUTE = 60 * _SECOND
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STRONG = 0.5  # of the largest weight: words that are marked strongly
_FAINT = 0.1  # of the largest weight: below it a word is not marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page is about: a topic and an entity (empty: all), a sentiment, the last hours, a page of a list."""

    topic: str = ""
    entity: str = ""
    sentiment: str = ""
    hours: int = _USUAL
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """What an address asks for; what is no such thing is as if it were left out."""
        hours, page, sentiment = (query.get(name, "") for name in ("hours", "page", "sentiment"))
        return cls(
            topic=query.get("topic", "")[:200],
            entity=query.get("entity", "")[:200],
            sentiment=sentiment if sentiment in SENTIMENTS else "",
            hours=next((one for one in HOURS if str(one) == hours), _USUAL),
            page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) <= _PAGE else 1,
        )

    def query(self, *, topic: str | None = None, entity: str | None = None, hours: int | None = None) -> str:
        """The same as the query of an address, with what is named changed."""
        told = {
            "topic": self.topic if topic is None else topic,
            "entity": self.entity if entity is None else entity,
            "sentiment": self.sentiment,
            "hours": "" if (hours or self.hours) == _USUAL else str(hours or self.hours),
        }
        kept = {name: value for name, value in told.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    def at(self, page: int) -> str:
        """The query of another page of the same list."""
        query = self.query()
        return f"{query}&page={page}" if query else f"?page={page}"


def state_of(opined: Opined) -> str:
    """A word that changes whenever a page would; once a minute too, for pages tell how long ago things were."""
    return f"{opined.state()}.{_now() // _MINUTE}"


def overview(opined: Opined, asked: Asked, language: str) -> Told:
    """What is said now: topics, entities, sources, what emerges, open alarms, and the chart of the chosen."""
    state, told = state_of(opined), opined.overview(asked.hours)
    alarms = opined.alarms(still=True)
    trend = opined.trend(asked.topic, asked.entity, asked.hours)
    charts = opinion_charts.charts(trend, _about(alarms, asked), language, opined.zone)
    return {
        **_shared(opined, asked, language, state),
        "told": told,
        "alarms": alarms,
        "quiet": [one for one in told["sources"] if one["silent"]],
        "charts": charts,
        "bar": opinion_charts.bar,
    }


def trend(opined: Opined, asked: Asked, language: str) -> Told:
    """A topic and an entity, hour by hour."""
    state, found = state_of(opined), opined.trend(asked.topic, asked.entity, asked.hours)
    about = _about(opined.alarms(), asked)
    start = found["points"][0]["start"] if found["points"] else 0
    return {
        **_shared(opined, asked, language, state),
        "found": found,
        "listed": found["points"][: -_LISTED - 1 : -1],
        "missed": sum(1 for one in found["points"] if one["missing"]),
        "alarms": [one for one in about if (one.closed or _now()) >= start],
        "charts": opinion_charts.charts(found, about, language, opined.zone),
    }


def alarms(opined: Opined, asked: Asked, language: str) -> Told:
    """Every surge, those that are open first, then the newest."""
    state, found = state_of(opined), opined.alarms()
    return {
        **_shared(opined, asked, language, state),
        "open_ones": [one for one in found if one.closed is None],
        "closed_ones": [one for one in found if one.closed is not None],
    }


def alarm(opined: Opined, name: str, language: str) -> Told:
    """One surge with what shows it, what it likely comes from, and who was told."""
    state, found = state_of(opined), opined.alarm(name)
    return {**_shared(opined, Asked(), language, state), "found": found, "alarm": found["alarm"]}


def stories(opined: Opined, asked: Asked, language: str) -> Told:
    """The stories of the time, those of most reach first."""
    state = state_of(opined)
    found = opined.stories(asked.topic, asked.entity, asked.sentiment, asked.hours, _MOST)
    return {
        **_shared(opined, asked, language, state),
        "listing": Listing.of(found, asked.page, ""),
        "most": _MOST,
    }


def story(opined: Opined, name: str, language: str) -> Told:
    """A story and the texts that tell it."""
    state = state_of(opined)
    found, texts = opined.story(name)
    told: dict[str, int] = {}
    for one in texts:
        told[one.opinion.post.source] = told.get(one.opinion.post.source, 0) + 1
    return {**_shared(opined, Asked(), language, state), "story": found, "texts": texts, "by_source": told}


def text(opined: Opined, name: str, language: str, *, why: bool) -> Told:
    """One text and how it was read; ``why``: with what each word weighs, which takes a moment."""
    found = opined.explanation(name) if why else opined.text(name)
    return {
        **_shared(opined, Asked(), language, ""),
        "found": found,
        "entities_named": list(marked(found["text"], _named(found))),
        "words": list(marked(found["text"], _weighed(found["words"]))) if why else None,
        "sentiments": SENTIMENTS,
    }


def brief(opined: Opined, day: str, language: str) -> Told:
    """What a day was like; raises RequestError for a word that is no day."""
    here = _day(day)
    if here is None:
        raise office.missing()
    record = opined.brief(day, language)
    after = here + timedelta(days=1)
    return {
        **_shared(opined, Asked(), language, ""),
        "record": record,
        "day_before": (here - timedelta(days=1)).isoformat(),
        "day_after": after.isoformat() if after <= _today(opined.zone) else "",
    }


def yesterday(zone: str) -> str:
    """The day whose brief is the newest whole one."""
    return (_today(zone) - timedelta(days=1)).isoformat()


def marked(text: str, marks: Sequence[tuple[int, int, Told]]) -> Iterator[tuple[str, Told | None]]:
    """A text in pieces, each with its mark or None; of marks that overlap the first one counts.

    >>> [piece for piece, mark in marked("a bad day", [(2, 5, {}), (4, 9, {})]) if mark is not None]
    ['bad']
    """
    at = 0
    for begin, end, mark in sorted(marks, key=lambda one: one[:2]):
        if at <= begin < end <= len(text):
            if at < begin:
                yield text[at:begin], None
            yield text[begin:end], mark
            at = end
    if at < len(text):
        yield text[at:], None


def _named(found: Told) -> list[tuple[int, int, Told]]:
    return [(begin, end, one) for one in found["about"] for begin, end in one["spans"]]


def _weighed(words: Sequence[Told]) -> list[tuple[int, int, Told]]:
    """The words that count, each with whether it speaks for what was read, and how strongly."""
    most = max((abs(one["weight"]) for one in words), default=0.0)
    return [
        (
            one["begin"],
            one["end"],
            {"for": one["weight"] > 0, "strong": abs(one["weight"]) >= _STRONG * most, "weight": one["weight"]},
        )
        for one in words
        if most and abs(one["weight"]) >= _FAINT * most
    ]


def _about(found: Sequence[Alarm], asked: Asked) -> list[Alarm]:
    """The surges of the topic, of the entity, or of all texts."""
    parts = {f"topic={asked.topic}"} if asked.topic else {f"entity={asked.entity}"} if asked.entity else {"", "topic="}
    return [one for one in found if one.finding.slice in parts]


def _shared(opined: Opined, asked: Asked, language: str, state: str) -> dict[str, Any]:
    """What every page of the monitor says, and how."""
    t, zone = translate(language), ZoneInfo(opined.zone)

    def at(when: int, form: str) -> str:
        return datetime.fromtimestamp(when // _SECOND, UTC).astimezone(zone).strftime(form)

    def what(part: str) -> str:
        return slice_name(part, t) or t("all texts")

    def topic_name(name: str) -> str:
        return t("other topics") if name == OTHER else name

    return {
        "asked": asked,
        "state": state,
        "hours_known": HOURS,
        "topics": opined.topics(),
        "entities": opined.entities(),
        "clock": lambda when: at(when, "%m-%d %H:%M"),
        "moment": lambda when: at(when, "%Y-%m-%d %H:%M"),
        "as_of": at(_now(), "%H:%M"),
        "ago": lambda when: span(max(0, _now() - when) // _SECOND, language),
        "lasting": lambda start, end: span(((end or _now()) - start) // _SECOND, language),
        "what": what,
        "topic_name": topic_name,
        "topic_pairs": [(name, topic_name(name)) for name in opined.topics()],
        "hours_name": hours_name(t),
        "figure": figure,
        "percent": percent,
        "points": points,
        "newest_day": yesterday(opined.zone),
    }


def figure(value: float | None) -> str:
    """Stories an hour: a digit behind the point, two that count below 1."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.1f}" if value >= 1 or not value else f"{value:.2g}"


def hours_name(t: Callable[[str], str]) -> Callable[[int], str]:
    """What a time of some hours is called."""
    return lambda hours: (
        t("{number} hours").format(number=hours)
        if hours <= 24  # noqa: PLR2004 - a day
        else t("{number} days").format(number=hours // 24)
    )


def percent(value: float | None) -> str:
    """A share as people read it; a dash for one that is not known.

    >>> percent(0.1234), percent(0.034), percent(None)
    ('12 %', '3.4 %', '–')
    """
    return "–" if value is None else f"{100 * value:.{1 if value < 0.1 else 0}f} %"  # noqa: PLR2004 - a tenth


def points(value: float) -> str:
    """A change of a share in percentage points.

    >>> points(0.051), points(-0.2)
    ('+5.1', '−20.0')
    """
    return f"{100 * value:+.1f}".replace("-", "−")


def _today(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None


def _now() -> int:
    return time.time_ns() // 1000
