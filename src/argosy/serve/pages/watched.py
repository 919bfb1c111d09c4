"""What the pages of a service that watches itself tell: each model's signals, its alarms, a text to label."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from argosy.core.labelling import Item
from argosy.core.signals import signal_figure, signal_name, slice_name
from argosy.core.watch import Alarm
from argosy.serve.gate.watched import Watched
from argosy.serve.pages.shown import translate
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.plot import Point, Series

Told = Mapping[str, Any]
DRAWN = ("traffic", "errors", "latency_p95", "cost", "confidence", "unknown")
"""The signals of all traffic that have a chart; every one has its line in the table."""
_GROUPS = (
    ("traffic", ("traffic", "errors", "refused", "latency_p50", "latency_p95", "cost", "hits", "texts_per_request")),
    ("texts", ("length", "language", "unknown")),
    ("answers", ("label", "confidence", "abstained")),
)
_SECOND = 1_000_000  # microseconds
_POINTS = 84  # of a chart: a phone has no room for more


def watch(watched: Watched, language: str, zone: str) -> Told:
    """Every model that is looked at, with its open alarms and its charts."""
    still = watched.alarms.all(still=True)
    return {"models": [_model(found, still, language, zone) for found in watched.looks()], **_words(language)}


def alarms(watched: Watched, language: str) -> Told:
    """The open alarms, however old, then the newest of those that are closed."""
    closed = [one for one in watched.alarms.all() if one.closed is not None]
    return {"listed": [*watched.alarms.all(still=True), *closed], **_words(language)}


def alarm(watched: Watched, id_: str, language: str) -> Told:
    """One alarm: its evidence, the example texts that are still kept, and what was told of it."""
    found = watched.alarms.one(id_)
    kept = watched.texts(found.finding.examples)
    examples = [kept.get(place) for place in found.finding.examples]
    return {"alarm": found, "examples": examples, "messages": watched.messages(id_), **_words(language)}


def labels(watched: Watched, wanted: str, annotator: str) -> Told:
    """The next text for a person, of the model that was asked for or of the first that has texts; none where none is.

    What is not kept any more, or whose tenant says no by now, is shown to nobody: the next one takes its place.
    """
    models = watched.labelling.models()
    model = wanted if wanted in models else models[0] if models else ""
    item, text = _next(watched, model, annotator) if model else (None, "")
    return {
        "models": models,
        "model": model,
        "item": item,
        "text": text,
        "choices": watched.labels(model) if model else (),
        "progress": watched.labelling.progress(model, annotator) if model else None,
    }


def _model(found: Told, still: Sequence[Alarm], language: str, zone: str) -> Told:
    return {
        "found": found,
        "alarms": [one for one in still if one.finding.model == found["model"]],
        "groups": _groups(found, still),
        "charts": _charts(found, language, zone),
    }


def _next(watched: Watched, model: str, annotator: str) -> tuple[Item | None, str]:
    """The next item with its text; where that cannot be opened, the next one of all that can."""
    queue = watched.labelling
    item = queue.next(model, annotator)
    text = watched.texts({item.place}).get(item.place) if item else None
    if item and text is None:
        waiting = queue.waiting(model)
        texts = watched.texts(set(waiting.values()))
        closed = [id_ for id_, place in waiting.items() if place not in texts]
        item = queue.next(model, annotator, without=closed)
        text = texts.get(item.place) if item else None
    return (item, text) if item and text is not None else (None, "")


def _words(language: str) -> Told:
    """How alarms and signals are said."""
    t = translate(language)

    def called(signal: str, part: str) -> str:
        name, of = signal_name(signal, t), slice_name(part, t)
        return f"{name} ({of})" if of else name

    return {
        "called": called,
        "what": lambda one: called(one.finding.signal, one.finding.slice),
        "figure": lambda signal, value: "–" if value is None else signal_figure(signal, value),
        "part": lambda name: slice_name(name, t),
    }


def _groups(found: Told, still: Sequence[Alarm]) -> list[tuple[str, list[Told]]]:
    """The signals by what they are about, those that are away from their usual course marked."""
    away = {(one.finding.signal, one.finding.slice) for one in still if one.finding.model == found["model"]}
    signals: list[Told] = [{**one, "away": (one["signal"], one["slice"]) in away} for one in found["signals"]]
    groups = [(title, [one for name in names for one in signals if one["signal"] == name]) for title, names in _GROUPS]
    return [(title, some) for title, some in groups if some]


def _charts(found: Told, language: str, zone: str) -> list[Chart]:
    by_name = {one["signal"]: one for one in found["signals"] if not one["slice"]}
    some = [by_name[name] for name in DRAWN if name in by_name]
    return [chart for one in some if (chart := _chart(found["model"], one, language, zone))]


def _chart(model: str, one: Told, language: str, zone: str) -> Chart | None:
    """A signal's last periods within its usual band; None where nothing was seen of it."""
    t = translate(language)
    points = [
        Point(x=start, y=value, low=low, high=high, name=_time(start, zone))
        for start, value, _, low, high in one["points"][-_POINTS:]
        if value is not None
    ]
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    name = signal_name(one["signal"], t)
    times = axis.Axis(
        name=t("time"),
        low=points[0].x,
        high=points[-1].x,
        ticks=(points[0].x, points[-1].x),
        words=lambda at: _time(at, zone),
    )
    reach = [end for point in points for end in (point.y, point.low, point.high) if end is not None]
    shown = axis.even("", reach, lambda value: signal_figure(one["signal"], value))
    caption = Caption(
        name=f"{model}-{one['signal']}",
        title=name,
        told=t("The band is where 95 of 100 usual periods lie."),
        series=t("time"),
    )
    return plot.plot(caption, times, shown, [Series(points=tuple(points), forms=("band", "line"))])


def _time(at: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(at / _SECOND, UTC).astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
