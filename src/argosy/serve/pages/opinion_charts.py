"""The charts of an opinion monitor: negative stories by the hour within what is usual, and the share of negative."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from argosy.core.opinion import HOUR
from argosy.core.watch import Alarm
from argosy.serve.pages.shown import translate
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.plot import Point, Series, Stretch
from argosy.web.charts.svg import Attributes, element

Told = Mapping[str, Any]
_SECOND = 1_000_000  # microseconds
_FEW = 30  # hours that are shown as points too
_DAYS = 72  # hours; above, the axis names days
_TICKS = 4
_LEAST = 4.0  # stories that the axis holds at least, so that its steps are whole


def charts(trend: Told, alarms: Sequence[Alarm], language: str, zone: str) -> list[Chart]:
    """Two charts over the same hours; none where there are no hours. Hours that were not heard are hatched, not 0.

    Their numbers stand in a table of the page, so the charts have none.
    """
    points = trend["points"]
    if len(points) < 2:  # noqa: PLR2004 - an axis has two ends
        return []
    t, times = translate(language), _times(points, language, zone)
    behind = [*_gaps(points, t, zone), *_alarms(alarms, points, t, zone)]
    drawn = _counts(points, times, behind, language), _shares(points, times, behind, language)
    return [replace(one, rows=()) for one in drawn]


def bar(low: float | None, value: float | None, high: float | None, told: str) -> str:
    """A share and its interval on a line from 0 to 1, as markup; ``told`` says it in words."""
    parts = [element("rect", {"class": "whole", "x": 0, "y": 6, "width": "100%", "height": 4})]
    if low is not None and high is not None:
        wide = max(high - low, 0.01)
        shape: Attributes = {
            "class": "reach",
            "x": f"{100 * low:.1f}%",
            "y": 4,
            "width": f"{100 * wide:.1f}%",
            "height": 8,
        }
        parts.append(element("rect", shape))
    if value is not None:
        parts.append(element("circle", {"cx": f"{100 * value:.1f}%", "cy": 8, "r": 4}))
    return element("svg", {"class": "share", "height": 16, "role": "img", "aria-label": told}, *parts)


def _counts(points: Sequence[Told], times: axis.Axis, behind: Sequence[Stretch], language: str) -> Chart:
    t = translate(language)
    known = [one for one in points if not one["missing"]]
    reach = [float(value) for one in known for value in (one["said"], one["upper"]) if value is not None]
    counts = axis.even(t("negative stories"), [0.0, _LEAST, *reach], lambda value: f"{value:,.6g}")
    usual = [
        Series(
            points=tuple(Point(x=one["start"], y=one["expected"], low=0.0, high=one["upper"]) for one in run),
            name=t("usual") if at == 0 else "",
            kind="guide",
            forms=("band", "line"),
        )
        for at, run in enumerate(_runs(points, lambda one: one["expected"] is not None and one["upper"] is not None))
    ]
    said = [
        Series(
            points=tuple(Point(x=one["start"], y=one["said"]) for one in run),
            name=t("negative stories") if at == 0 else "",
            forms=_forms(run, points),
        )
        for at, run in enumerate(_runs(points, lambda one: not one["missing"]))
    ]
    caption = Caption(
        name="negative-stories",
        title=t("Negative stories by the hour"),
        told=t("As the model reads them. The band is what is usual of the hour; the last hour still runs."),
        series=t("hour"),
    )
    return plot.plot(caption, times, counts, [*usual, *said], behind)


def _shares(points: Sequence[Told], times: axis.Axis, behind: Sequence[Stretch], language: str) -> Chart:
    t = translate(language)
    share = axis.even(t("share of negative"), [0.0, 1.0], lambda value: f"{100 * value:.0f} %")
    series = [
        Series(
            points=tuple(Point(x=one["start"], y=one["negative"], low=one["low"], high=one["high"]) for one in run),
            forms=_forms(run, points, "band"),
        )
        for run in _runs(points, lambda one: not one["missing"] and one["negative"] is not None)
    ]
    caption = Caption(
        name="negative-share",
        title=t("Share of negative stories"),
        told=t(
            "Corrected for the model's known errors; the band is the 95 % interval. Hours without stories have none."
        ),
        series=t("hour"),
    )
    return plot.plot(caption, times, share, series, behind)


def _forms(run: Sequence[Told], points: Sequence[Told], *more: str) -> tuple[str, ...]:
    """A line, with points (and their intervals) where there is room, else with ``more``; what is alone is a point."""
    return ("line", "dots") if len(points) <= _FEW or len(run) == 1 else ("line", *more)


def _runs(points: Sequence[Told], known: Callable[[Told], bool]) -> Iterator[list[Told]]:
    """What is known without a break."""
    run: list[Told] = []
    for one in points:
        if known(one):
            run.append(one)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _gaps(points: Sequence[Told], t: Callable[[str], str], zone: str) -> Iterator[Stretch]:
    for run in _runs(points, lambda one: bool(one["missing"])):
        start, end = run[0]["start"], run[-1]["start"]
        told = t("not heard: {first} to {last}").format(first=_time(start, zone), last=_time(end + HOUR, zone))
        yield Stretch(low=start - HOUR / 2, high=end + HOUR / 2, kind="gap", told=told)


def _alarms(alarms: Sequence[Alarm], points: Sequence[Told], t: Callable[[str], str], zone: str) -> Iterator[Stretch]:
    for one in alarms:
        since = one.finding.since
        if points[0]["start"] <= since <= points[-1]["start"]:
            told = t("alarm since {time}").format(time=_time(since, zone))
            yield Stretch(low=since, high=since, kind="mark", told=told)


def _times(points: Sequence[Told], language: str, zone: str) -> axis.Axis:
    first, last = points[0]["start"], points[-1]["start"]
    form = "%m-%d" if len(points) > _DAYS else "%H:%M" if len(points) <= _FEW else "%m-%d %H:%M"
    ticks = _TICKS - 1 if _FEW < len(points) <= _DAYS else _TICKS  # long words need more room
    step = (last - first) / (ticks - 1)
    return axis.Axis(
        name=translate(language)("time"),
        low=first,
        high=last,
        ticks=tuple(first + step * at // HOUR * HOUR for at in range(ticks)),
        words=lambda at: _time(at, zone, form),
    )


def _time(at: float, zone: str, form: str = "%m-%d %H:%M") -> str:
    return datetime.fromtimestamp(at / _SECOND, UTC).astimezone(ZoneInfo(zone)).strftime(form)
