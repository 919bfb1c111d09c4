"""The charts of the report: which numbers of the record are drawn, and what is said of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from argosy.report.ladder import DULL, Results, Rung, Translate, metric_name, rungs
from argosy.report.numbers import BOUNDED, count, figure, interval, percents, rounded, share
from argosy.report.words import language_name
from argosy.web.charts import heat, ladder
from argosy.web.charts.axis import Axis, counted, even, powers
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.plot import Point, Series, bars, plot

_LADDER_TICKS = 7

Figure = Mapping[str, Any]


def ladders(results: Results, t: Translate) -> list[Chart]:
    """The candidates on all test rows, then on those of each language where there are several; all on one axis."""
    parts = [None, *results["slices"]] if len(results["slices"]) > 1 else [None]
    steps = {part: rungs(results, t, part) for part in parts}
    if not any(results["choice"]["metric"] in rung.metrics for rung in steps[None]):
        return []  # nothing was there to test on
    axis = _common([rung for ladder in steps.values() for rung in ladder], results["choice"]["metric"], t)
    return [_ladder(results, t, part, ladder, axis) for part, ladder in steps.items()]


def _common(every: Iterable[Rung], metric: str, t: Translate) -> Axis:
    """One axis for several charts, so that they can be compared by eye.

    A rung that does not look at the input may lie outside: with it on the axis the others could not be told apart.
    """
    known = [rung for rung in every if metric in rung.metrics]
    shown = [rung.metrics[metric] for rung in known if rung.key not in DULL] or [rung.metrics[metric] for rung in known]
    words = (lambda value: share(value, 2)) if metric in BOUNDED else rounded
    return even(metric_name(metric, t), [one[end] for one in shown for end in ("low", "high")], words, _LADDER_TICKS)


def _ladder(results: Results, t: Translate, part: str | None, steps: Iterable[Rung], axis: Axis) -> Chart:
    metric, text = results["choice"]["metric"], results.get("kind") == "text"
    if part is None:
        whole = t("All documents") if text else t("All languages") if len(results["slices"]) > 1 else t("All rows")
        less = f" ({t('less is better')})" if text or results["choice"].get("lower") else ""
        title = f"{whole} · {axis.name}{less}"
    else:
        rows = t("{rows} test documents") if text else t("{rows} test rows")
        title = f"{language_name(part, t)} · {rows.format(rows=count(results['slices'][part]['rows']))}"
    caption = Caption(name=f"ladder-{part or 'all'}", title=title, series=t("Candidate"))
    return ladder.intervals(
        caption, axis, [_reach(rung, metric, rung.metrics[metric]) for rung in steps if metric in rung.metrics]
    )


def _reach(rung: Rung, metric: str, measured: Figure) -> ladder.Reach:
    return ladder.Reach(
        name=rung.name,
        value=measured["value"],
        low=measured["low"],
        high=measured["high"],
        told=figure(metric, measured),
        main=rung.served,
    )


def confusion(results: Results, t: Translate) -> Chart | None:
    """What the rows of each label are taken for; nothing where there are too many labels."""
    known = results.get("errors") or {}
    if not known.get("labels"):
        return None
    lines = [
        heat.Line(name=label, counts=tuple(counts), told=percents(recall) if recall else "")
        for label, counts, recall in zip(known["labels"], known["matrix"], known["recall"], strict=True)
    ]
    told = t(
        "Lines are the true labels, columns the answers, by number; the darker a field, the more of its line."
        " Below each label stands the share of its rows that is answered rightly."
    )
    return heat.heat(Caption(name="confusion", title=t("Confusion matrix"), told=told, series=t("Label")), lines)


def reliability(results: Results, t: Translate) -> Chart | None:
    """Accuracy over confidence, before and after the temperature."""
    known = results.get("calibration")
    if not known:
        return None
    bins = [one for kind in ("before", "after") for one in known[kind]]
    x = even(t("probability given"), [*(one["confidence"] for one in bins), 1.0], _short)
    y = even(t("share that is right"), [x.low, *(one["low"] for one in bins), 1.0], _short)
    right = max(x.low, y.low)
    diagonal = (Point(x=right, y=right), Point(x=1, y=1))
    told = t("Calibration error (ECE) {before} before and {after} after scaling.").format(
        before=interval(known["ece_before"]), after=interval(known["ece_after"])
    )
    return plot(
        Caption(name="reliability", title=t("Reliability diagram"), told=told, series=t("probabilities")),
        x,
        y,
        [
            Series(points=diagonal, kind="guide", forms=("line",)),
            Series(points=_bins(x, known["before"]), kind="other", name=t("before scaling"), aside=-2),
            Series(points=_bins(x, known["after"]), name=t("after scaling"), aside=2),
        ],
    )


def _bins(axis: Axis, bins: Iterable[Figure]) -> tuple[Point, ...]:
    return _points(axis, ((one["confidence"], {**one, "value": one["accuracy"]}) for one in bins))


def risk(results: Results, t: Translate) -> Chart | None:
    """The share of wrong answers over the share of texts answered, surest first."""
    known = results.get("selective")
    if not known or not known["curve"]:
        return None
    points = [(one["coverage"], one["error"]) for one in known["curve"]]
    tested = known.get("test")
    reached = [(tested["coverage"]["value"], tested["error"])] if tested and tested["error"] else []
    x = even(t("share answered, surest first"), [0.0, 1.0], _short)
    asked = tuple(Point(x=place, y=known["error"]) for place in (0.0, 1.0))
    series = [
        Series(points=_points(x, points), forms=("band", "line")),
        Series(points=asked, kind="guide", forms=("line",), name=t("error rate asked for")),
        Series(points=_points(x, reached), name=t("at the threshold")),
    ]
    caption = Caption(
        name="risk",
        title=t("Errors by share of texts answered"),
        told=t("All answered: {error} are wrong.").format(error=percents(points[-1][1])),
        series=t("point"),
    )
    y = even(t("share that is wrong"), [0.0, *(error["high"] for _, error in points)], _short)
    return plot(caption, x, y, [one for one in series if one.points])


def learning(results: Results, t: Translate) -> Chart | None:
    """The metric of the linear model over the rows learnt from, and what more of them would bring."""
    known = results.get("curve")
    if not known or not known["points"]:
        return None
    metric = known["metric"]
    points = [(one["rows"], one) for one in known["points"]]
    more = [(one["rows"], one["figure"]) for one in known["gains"]]
    marked = sorted({points[0][0], points[-1][0], *(rows for rows, _ in more)})
    rows = t("rows learnt from, on a logarithmic axis")
    x = Axis(name=rows, low=marked[0], high=marked[-1] * 1.1, ticks=tuple(marked), words=count, log=True)
    y = even(metric_name(metric, t), [one[end] for _, one in (*points, *more) for end in ("low", "high")], _short)
    told = t("{metric} of the linear model with {rows} rows: {figure}.").format(
        metric=metric_name(metric, t), rows=count(points[-1][0]), figure=figure(metric, points[-1][1])
    )
    series = [
        Series(points=_points(x, points, metric), forms=("band", "line")),
        Series(points=_points(x, more, metric), kind="hollow", name=t("foretold")),
    ]
    caption = Caption(name="learning", title=t("Learning curve"), told=told, series=t("point"))
    return plot(caption, x, y, [one for one in series if one.points])


def loss(results: Results, t: Translate) -> Chart | None:
    """The training loss, epoch by epoch."""
    history = results.get("training", {}).get("history")
    if not history:
        return None
    values = [epoch["loss"] for epoch in history]
    told = t("From {first} to {last} over {epochs} epochs.").format(
        first=f"{values[0]:.3f}", last=f"{values[-1]:.3f}", epochs=len(values)
    )
    x = counted(t("epoch"), len(values), count)
    points = tuple(Point(x=at, y=value, told=f"{x.name} {at}: {value:.3f}") for at, value in enumerate(values, 1))
    return plot(
        Caption(name="loss", title=t("Training loss"), told=told),
        x,
        even(t("loss (nats)"), [0.0, *values], rounded),
        [Series(points=points, forms=("line", "dots"))],
    )


def validation(results: Results, t: Translate) -> Chart | None:
    """The deciding metric on the validation rows, epoch by epoch; the epoch that was kept stands out."""
    training = results.get("training", {})
    if not training.get("history"):
        return None
    metric, best = results["choice"]["metric"], training["best_epoch"]
    figures = [epoch["validation"] for epoch in training["history"]]
    x = counted(t("epoch"), len(figures), count)
    points = _points(x, enumerate(figures, 1), metric)
    title = t("Validation {metric}").format(metric=metric_name(metric, t))
    told = t("Epoch {epoch} was kept: {figure}.").format(epoch=best, figure=figure(metric, figures[best - 1]))
    return plot(
        Caption(name="validation", title=title, told=told, series=t("point")),
        x,
        even(metric_name(metric, t), [one[end] for one in figures for end in ("low", "high")], _short),
        [
            Series(points=points, kind="path", forms=("line",)),
            Series(points=(*points[: best - 1], *points[best:]), kind="other"),
            Series(points=points[best - 1 : best], name=t("kept")),
        ],
    )


def lengths(results: Results, t: Translate) -> Chart | None:
    """How many texts have so many characters, in powers of two."""
    known = (results["data"].get("profile") or {}).get("lengths", {}).get("all")
    if not known or not known["histogram"]:
        return None
    rows = {int(bound): number for bound, number in known["histogram"].items()}
    told = t("Half of the texts have {median} characters or fewer, the longest {longest}.").format(
        median=count(known["quantiles"]["0.5"]), longest=count(known["quantiles"]["1"])
    )
    return bars(
        Caption(name="lengths", title=t("Lengths of the texts"), told=told),
        t("characters, from … on"),
        even(t("rows"), [0.0, *rows.values()], count),
        [(count(bound), rows[bound]) for bound in sorted(rows)],
    )


def frontier(results: Results, t: Translate) -> list[Chart]:
    """The quality of every point that was measured over its cost, its latency and its size, each with its interval."""
    known = results.get("frontier") or {}
    if not known.get("points"):
        return []
    axes = (
        ("cost", t("{currency} for 1,000 requests").format(currency=known["cost"]["currency"])),
        ("p99_ms", t("p99 of a single text, ms")),
        ("size_mb", t("MB")),
    )
    return [_over(results, key, name, t) for key, name in axes]


def _over(results: Results, key: str, price: str, t: Translate) -> Chart:
    """The points over one of their prices, on a logarithmic axis; the line joins the best for the price."""
    metric, points = results["choice"]["metric"], results["frontier"]["points"]
    picked = (results["frontier"].get("pick") or {}).get("name")
    kinds = {"other": "", "main": t("picked"), "hollow": t("refused")}
    marked: dict[str, list[Point]] = {kind: [] for kind in kinds}
    for number, one in enumerate(points, 1):
        kind = "main" if one["name"] == picked else "hollow" if one["refused"] else "other"
        told = f"{one['name']}: {figure(metric, one['quality'])}"
        marked[kind].append(_point(one[key], one["quality"], told, str(number), one["name"]))
    best = _best([(one[key], one["quality"]["value"]) for one in points if not one["refused"]])
    line = Series(points=tuple(Point(x=x, y=y) for x, y in best), kind="path", forms=("line",))
    name = metric_name(metric, t)
    return plot(
        Caption(
            name=f"frontier-{key}",
            title=t("{metric} by {price}").format(metric=name, price=price),
            told=t("The numbers are those of the table; intervals are 95 %, on the validation rows."),
            series=t("Point"),
        ),
        powers(price, [one[key] for one in points], rounded),
        even(name, [one["quality"][end] for one in points for end in ("low", "high")], _short),
        [line, *(Series(points=tuple(marked[kind]), kind=kind, name=words) for kind, words in kinds.items())],
    )


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


def _short(value: float) -> str:
    """A share on an axis.

    >>> _short(0.2), _short(1.0), _short(0.0), _short(0.85)
    ('.2', '1', '0', '.85')
    """
    return share(value, 2).rstrip("0").rstrip(".") or "0" if value < 1 else f"{value:g}"


def _points(axis: Axis, pairs: Iterable[tuple[float, Figure]], metric: str = "accuracy") -> tuple[Point, ...]:
    """Figures at their places."""
    return tuple(_point(place, one, f"{axis.name} {axis.words(place)}: {figure(metric, one)}") for place, one in pairs)


def _point(place: float, one: Figure, told: str, mark: str = "", name: str = "") -> Point:
    return Point(x=place, y=one["value"], low=one["low"], high=one["high"], told=told, mark=mark, name=name)
