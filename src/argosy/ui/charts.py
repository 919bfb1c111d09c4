"""The geometry of the report's plots: points, bands and bars in the units of a small SVG that fits a phone."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from argosy.report.ladder import Results, Translate, metric_name
from argosy.report.numbers import count, figure, interval, percents, rounded, share

WIDTH, HEIGHT = 340, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 330, 10, 188  # of the plotted area
_MOST = 6  # ticks
_PLAIN, _BEFORE, _AFTER, _TOLD = "plain", "before", "after", "told"

Tick = tuple[float, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point at ``x``, ``y`` with its interval from ``low`` to ``high``; ``kind`` is its style, ``mark`` its name."""

    x: float
    y: float
    low: float
    high: float
    kind: str = _PLAIN
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn: ``lines`` and ``bands`` hold points as SVG writes them, ``bars`` are (x, y, width, height).

    ``title`` and ``told`` say in words what is seen; ``legend`` names the kinds.
    """

    title: str
    told: str
    x_name: str
    y_name: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    bands: tuple[str, ...] = ()
    bars: tuple[tuple[float, float, float, float], ...] = ()
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Values from ``low`` to ``high`` on the pixels from ``start`` to ``end``; ``log`` for a logarithmic one."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    steps: tuple[float, ...] = field(default=())

    def at(self, value: float) -> float:
        """The place of a value, within the axis."""
        low, high, here = (
            (math.log(one) for one in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        )
        part = (here - low) / ((high - low) or 1)
        return round(self.start + (self.end - self.start) * min(max(part, 0), 1), 1)


def steps(low: float, high: float, most: int = _MOST) -> tuple[float, ...]:
    """Round values that hold ``low`` and ``high`` between them, at most ``most`` or one more.

    >>> steps(0.12, 0.87), steps(33, 76)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (30.0, 40.0, 50.0, 60.0, 70.0, 80.0))
    """
    reach = max(high - low, 1e-9)
    size = 10.0 ** math.floor(math.log10(reach / (most - 1)))
    step = next(size * factor for factor in (1, 2, 5, 10, 20) if reach / (size * factor) <= most - 1)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, max(last, first + 1) + 1))


def reliability(results: Results, t: Translate) -> Plot | None:
    """Accuracy over confidence, before and after the temperature."""
    known = results.get("calibration")
    if not known:
        return None
    bins = [(one, kind) for kind in (_BEFORE, _AFTER) for one in known[kind]]
    x = _axis_x(min(one["confidence"] for one, _ in bins), 1.0)
    y = _axis_y(min(x.low, *(one["low"] for one, _ in bins)), 1.0)
    beside = (x.high - x.low) / 120  # so that equal points do not hide one another
    dots = tuple(
        _dot(x, y, one["confidence"] + (beside if kind == _AFTER else -beside), {**one, "value": one["accuracy"]}, kind)
        for one, kind in bins
    )
    even = max(x.low, y.low)
    return Plot(
        title=t("Reliability diagram"),
        told=t("Calibration error (ECE) {before} before and {after} after scaling.").format(
            before=interval(known["ece_before"]), after=interval(known["ece_after"])
        ),
        x_name=t("probability given"),
        y_name=t("share that is right"),
        x_ticks=_ticks(x, _short),
        y_ticks=_ticks(y, _short),
        dots=dots,
        lines=((_path([(x.at(even), y.at(even)), (x.at(1), y.at(1))]), "guide"),),
        legend=((_BEFORE, t("before scaling")), (_AFTER, t("after scaling"))),
    )


def risk(results: Results, t: Translate) -> Plot | None:
    """The share of wrong answers over the share of texts answered, surest first."""
    known = results.get("selective")
    if not known or not known["curve"]:
        return None
    points = [(one["coverage"], one["error"]) for one in known["curve"]]
    x, y = _axis_x(0.0, 1.0), _axis_y(0.0, max(error["high"] for _, error in points))
    tested = known.get("test")
    asked = y.at(known["error"])
    reached = [(tested["coverage"]["value"], tested["error"])] if tested and tested["error"] else []
    dots = tuple(_dot(x, y, coverage, error, _AFTER) for coverage, error in reached)
    return Plot(
        title=t("Errors by share of texts answered"),
        told=t("All answered: {error} are wrong.").format(error=percents(points[-1][1])),
        x_name=t("share answered, surest first"),
        y_name=t("share that is wrong"),
        x_ticks=_ticks(x, _short),
        y_ticks=_ticks(y, _short),
        dots=dots,
        lines=(
            (_path([(x.at(place), y.at(error["value"])) for place, error in points]), _PLAIN),
            (_path([(_LEFT, asked), (_RIGHT, asked)]), "guide"),
        ),
        bands=(_band(x, y, points),),
        legend=(("guide", t("error rate asked for")), *(((_AFTER, t("at the threshold")),) if dots else ())),
    )


def learning(results: Results, t: Translate) -> Plot | None:
    """The metric of the linear model over the rows learnt from, and what more of them would bring."""
    known = results.get("curve")
    if not known or not known["points"]:
        return None
    metric = known["metric"]
    points = [(one["rows"], one) for one in known["points"]]
    more = [(one["rows"], one["figure"]) for one in known["gains"]]
    x = Axis(low=points[0][0], high=[*points, *more][-1][0], start=_LEFT, end=_RIGHT - 8, log=True)
    y = _axis_y(min(one["low"] for _, one in points), max(one["high"] for _, one in [*points, *more]))
    marked = sorted({points[0][0], points[-1][0], *(rows for rows, _ in more)})
    return Plot(
        title=t("Learning curve"),
        told=t("{metric} of the linear model with {rows} rows: {figure}.").format(
            metric=metric_name(metric, t), rows=count(points[-1][0]), figure=figure(metric, points[-1][1])
        ),
        x_name=t("rows learnt from, on a logarithmic axis"),
        y_name=metric_name(metric, t),
        x_ticks=tuple((x.at(rows), count(rows)) for rows in marked),
        y_ticks=_ticks(y, _short),
        dots=tuple(_dot(x, y, rows, one, _TOLD) for rows, one in more),
        lines=((_path([(x.at(rows), y.at(one["value"])) for rows, one in points]), _PLAIN),),
        bands=(_band(x, y, points),),
        legend=((_TOLD, t("foretold")),) if more else (),
    )


def loss(results: Results, t: Translate) -> Plot | None:
    """The training loss, epoch by epoch."""
    history = results.get("training", {}).get("history")
    if not history:
        return None
    values = [epoch["loss"] for epoch in history]
    x, y = _epochs(len(values)), _axis_y(0.0, max(values))
    places = [(x.at(number), y.at(value)) for number, value in enumerate(values, 1)]
    return Plot(
        title=t("Training loss"),
        told=t("From {first} to {last} over {epochs} epochs.").format(
            first=f"{values[0]:.3f}", last=f"{values[-1]:.3f}", epochs=len(values)
        ),
        x_name=t("epoch"),
        y_name=t("loss (nats)"),
        x_ticks=_ticks(x, count),
        y_ticks=_ticks(y, rounded),
        dots=tuple(Dot(x=place, y=height, low=height, high=height) for place, height in places),
        lines=((_path(places), _PLAIN),),
    )


def validation(results: Results, t: Translate) -> Plot | None:
    """The deciding metric on the validation rows, epoch by epoch; the epoch that was kept stands out."""
    training = results.get("training", {})
    if not training.get("history"):
        return None
    figures = [epoch["validation"] for epoch in training["history"]]
    x = _epochs(len(figures))
    y = _axis_y(min(one["low"] for one in figures), max(one["high"] for one in figures))
    metric, best = results["choice"]["metric"], training["best_epoch"]
    return Plot(
        title=t("Validation {metric}").format(metric=metric_name(metric, t)),
        told=t("Epoch {epoch} was kept: {figure}.").format(epoch=best, figure=figure(metric, figures[best - 1])),
        x_name=t("epoch"),
        y_name=metric_name(metric, t),
        x_ticks=_ticks(x, count),
        y_ticks=_ticks(y, _short),
        dots=tuple(
            _dot(x, y, number, one, _AFTER if number == best else _PLAIN) for number, one in enumerate(figures, 1)
        ),
        lines=((_path([(x.at(number), y.at(one["value"])) for number, one in enumerate(figures, 1)]), _PLAIN),),
    )


def lengths(results: Results, t: Translate) -> Plot | None:
    """How many texts have so many characters, in powers of two."""
    known = (results["data"].get("profile") or {}).get("lengths", {}).get("all")
    if not known or not known["histogram"]:
        return None
    rows = {int(bound): number for bound, number in known["histogram"].items()}
    bounds = sorted(rows)
    y = _axis_y(0.0, max(rows.values()))
    wide = (_RIGHT - _LEFT) / len(bounds)
    return Plot(
        title=t("Lengths of the texts"),
        told=t("Half of the texts have {median} characters or fewer, the longest {longest}.").format(
            median=count(known["quantiles"]["0.5"]), longest=count(known["quantiles"]["1"])
        ),
        x_name=t("characters, from … on"),
        y_name=t("rows"),
        x_ticks=tuple((round(_LEFT + wide * (at + 0.5), 1), count(bound)) for at, bound in enumerate(bounds)),
        y_ticks=_ticks(y, count),
        bars=tuple(
            (
                round(_LEFT + wide * at + 1, 1),
                y.at(rows[bound]),
                round(wide - 2, 1),
                round(_BOTTOM - y.at(rows[bound]), 1),
            )
            for at, bound in enumerate(bounds)
        ),
    )


def frontier(results: Results, t: Translate) -> list[Plot]:
    """The quality of every point that was measured over its cost, its latency and its size, each with its interval."""
    known = results.get("frontier") or {}
    points = known.get("points") or []
    if not points:
        return []
    quality = [point["quality"] for point in points]
    y = _axis_y(min(one["low"] for one in quality), max(one["high"] for one in quality))
    axes = (
        ("cost", t("{currency} for 1,000 requests").format(currency=known["cost"]["currency"])),
        ("p99_ms", t("p99 of a single text, ms")),
        ("size_mb", t("MB")),
    )
    return [_over(results, key, name, y, t) for key, name in axes]


def _over(results: Results, key: str, name: str, y: Axis, t: Translate) -> Plot:
    """The points over one of their prices, on a logarithmic axis; the line joins the best for the price."""
    known = results["frontier"]
    points = known["points"]
    prices = [point[key] for point in points]
    x = Axis(low=min(prices) / 1.25, high=max(prices) * 1.25, start=_LEFT, end=_RIGHT, log=True)
    picked = (known.get("pick") or {}).get("name")
    dots = tuple(
        replace(_dot(x, y, point[key], point["quality"], _kind(point, picked)), mark=str(number))
        for number, point in enumerate(points, 1)
    )
    best = _best([(point[key], point["quality"]["value"]) for point in points if not point["refused"]])
    metric = metric_name(results["choice"]["metric"], t)
    return Plot(
        title=t("{metric} by {price}").format(metric=metric, price=name),
        told=t("The numbers are those of the table; intervals are 95 %, on the validation rows."),
        x_name=name,
        y_name=metric,
        x_ticks=tuple((x.at(value), rounded(value)) for value in _decades(min(prices), max(prices))),
        y_ticks=_ticks(y, _short),
        dots=dots,
        lines=((_path([(x.at(price), y.at(value)) for price, value in best]), _PLAIN),) if len(best) > 1 else (),
        legend=((_AFTER, t("picked")), (_TOLD, t("refused"))),
    )


def _kind(point: Mapping[str, Any], picked: str | None) -> str:
    return _AFTER if point["name"] == picked else _TOLD if point["refused"] else _BEFORE


def _best(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """What no cheaper point surpasses, cheapest first.

    >>> _best([(3, 0.8), (1, 0.7), (2, 0.6)])
    [(1, 0.7), (3, 0.8)]
    """
    kept: list[tuple[float, float]] = []
    for price, value in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or value > kept[-1][1]:
            kept.append((price, value))
    return kept


def _decades(low: float, high: float) -> list[float]:
    """The ends of a logarithmic axis and the powers of ten between, where they leave each other room.

    >>> _decades(0.3, 250)
    [0.3, 1.0, 10.0, 100.0, 250]
    """
    powers = [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    inner = [power for power in powers if low * 2 < power < high / 2]
    return [low, *inner, high] if high > low * 2 else [low]


def _axis_x(low: float, high: float) -> Axis:
    marks = steps(low, high)
    return Axis(low=marks[0], high=marks[-1], start=_LEFT, end=_RIGHT, steps=marks)


def _axis_y(low: float, high: float) -> Axis:
    marks = steps(low, high)
    return Axis(low=marks[0], high=marks[-1], start=_BOTTOM, end=_TOP, steps=marks)


def _epochs(number: int) -> Axis:
    """Whole epochs, with room on both sides."""
    each = max(1, math.ceil(number / _MOST))
    marks = tuple(float(epoch) for epoch in range(1, number + 1, each))
    return Axis(low=0.5, high=number + 0.5, start=_LEFT, end=_RIGHT, steps=marks)


def _ticks(axis: Axis, words: Any) -> tuple[Tick, ...]:
    return tuple((axis.at(value), words(value)) for value in axis.steps)


def _short(value: float) -> str:
    """A share on an axis.

    >>> _short(0.2), _short(1.0), _short(0.0), _short(0.85)
    ('.2', '1', '0', '.85')
    """
    return share(value, 2).rstrip("0").rstrip(".") or "0" if value < 1 else f"{value:g}"


def _dot(x: Axis, y: Axis, place: float, figure: Mapping[str, float], kind: str) -> Dot:
    return Dot(x=x.at(place), y=y.at(figure["value"]), low=y.at(figure["low"]), high=y.at(figure["high"]), kind=kind)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _band(x: Axis, y: Axis, points: Sequence[tuple[float, Mapping[str, float]]]) -> str:
    """The intervals of a line as one shape: its upper ends, then its lower ends back."""
    upper = [(x.at(place), y.at(one["high"])) for place, one in points]
    lower = [(x.at(place), y.at(one["low"])) for place, one in reversed(points)]
    return _path([*upper, *lower])
