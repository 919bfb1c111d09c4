"""The figures behind the pages: what was said in some hours, hour by hour, and one text, as JSON."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.core.opinion import HOUR, Kept
from argosy.opinion.counting.table import entity_lines, topic_lines, whole_line
from argosy.opinion.counting.table import trend as hourly
from argosy.project.opining.looking import Seen

if TYPE_CHECKING:
    from argosy.project.opining.live import LiveOpinion

EMERGING = "emerging.json"


def overview(live: "LiveOpinion", hours: int) -> dict[str, Any]:
    """What was said in the last hours, the one that runs included; see ``serve.gate.opined``."""
    now = live.clock()
    end = _end(now)
    cells, errors = live.log.cells(end - 2 * hours * HOUR, end), live.models.errors
    seen = live.looking.seen(now)
    whole = whole_line(cells, errors, end, hours).to_json()
    return {
        "hours": hours,
        "through": seen.through,
        **{name: whole[name] for name in ("texts", "stories", "negative", "low", "high", "raw", "change")},
        "validated": whole["validated"],
        "topics": [one.to_json() for one in topic_lines(cells, errors, end, hours)],
        "entities": [
            {**one.to_json(), "shown": live.called(one.name)}
            for one in live.unvalidated(entity_lines(cells, errors, end, hours))
        ],
        "sources": sources(live, end - hours * HOUR, end),
        "emerging": emerging(live),
        "alarms": [one.id for one in live.alarms(still=True)],
    }


def trend(live: "LiveOpinion", topic: str, entity: str, hours: int) -> dict[str, Any]:
    """A topic and an entity hour by hour; what is usual is known of either alone."""
    now = live.clock()
    end = _end(now)
    start = end - hours * HOUR
    cells = live.log.cells(start, end, topic=topic or None, entity=entity)
    seen = live.looking.seen(now)
    usual = _usual(seen, f"entity={entity}" if entity and not topic else f"topic={topic}" if not entity else "")
    said: dict[int, int] = defaultdict(int)
    for one in cells:
        said[one.start] += one.stories if one.sentiment == "negative" else 0
    missing = {int(hour) for hour, gone in zip(seen.starts, seen.missing, strict=True) if gone}
    points = [
        {
            **point.to_json(),
            "said": said[point.start],
            "missing": point.start in missing,
            **usual.get(point.start, {"expected": None, "upper": None}),
        }
        for point in hourly(cells, live.models.errors, start, end, topic=topic, entity=entity)
    ]
    return {"topic": topic, "entity": entity, "hours": hours, "points": points}


def told(kept: Kept) -> dict[str, Any]:
    """A text of the log with its reading."""
    opinion, post = kept.opinion, kept.opinion.post
    return {
        "id": kept.id,
        "story": kept.story,
        "first": kept.first,
        "text": opinion.text,
        "title": post.title,
        "source": post.source,
        "author": post.author,
        "url": post.url,
        "at": post.at,
        "received": post.received,
        "language": opinion.language,
        "sentiment": opinion.sentiment,
        "chances": dict(opinion.chances),
        "topic": opinion.topic,
        "sure": opinion.sure,
        "about": [{**asdict(one), "sentiment": one.sentiment} for one in opinion.about],
        "weight": opinion.weight,
        "version": opinion.version,
    }


def emerging(live: "LiveOpinion") -> list[Mapping[str, Any]]:
    """The groups that no topic holds, as they were found last."""
    place = live.texts / EMERGING
    return json.loads(place.read_text(encoding="utf-8"))["groups"] if place.is_file() else []


def _end(now: int) -> int:
    return (now // HOUR + 1) * HOUR


def _usual(seen: Seen, part: str) -> dict[int, dict[str, float | None]]:
    """What was expected of each whole hour, and the end of what is usual."""
    course = seen.courses.get(part)
    if course is None:
        return {}
    rows = zip(course.series.starts, course.expected, course.upper, strict=True)
    return {int(start): {"expected": _figure(low), "upper": _figure(high)} for start, low, high in rows}


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def sources(live: "LiveOpinion", start: int, end: int) -> list[dict[str, Any]]:
    """What was heard of each source, and which ones are silent now, since when."""
    heard, seen = live.log.heard(start, end), live.looking.seen(live.clock())
    names = dict.fromkeys([*live.home.project.opinion.sources, *(one.source for one in heard)])
    return [
        {
            "name": name,
            "heard": sum(one.heard for one in heard if one.source == name),
            "last": max((one.start + HOUR for one in heard if one.source == name and one.published), default=None),
            "silent": name in seen.silent,
            "since": seen.silent.get(name),
        }
        for name in names
    ]
