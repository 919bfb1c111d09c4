"""Charts over two axes: points with intervals, lines with bands, bars; one small frame for all, fit for a phone."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from argosy.web.charts.axis import Axis
from argosy.web.charts.chart import Caption, Chart, table
from argosy.web.charts.svg import Attributes, element, width, words

WIDTH, HEIGHT = 340, 232
TOP, RIGHT, BOTTOM = 26, 332, 190  # of the plotted area
_SIZE = 11.5  # of the letters
_GAP = 7  # beside them
_LEADING = ("guide", "path")
_DOT = 3.6  # half the size of a point

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value ``y`` at ``x``, with its interval where it has one.

    ``mark`` is written beside it, ``told`` shown when it is pointed at; ``name`` stands in the data alone.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    mark: str = ""
    told: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points that belong together.

    ``forms`` are ``dots``, ``line`` and ``band`` (of the intervals). ``kind`` is the style: ``main``, ``other``,
    ``hollow``; ``guide`` and ``path`` are lines that lead the eye and are no data. ``aside`` moves equal points apart,
    in pixels.
    """

    points: tuple[Point, ...]
    name: str = ""
    kind: str = "main"
    forms: tuple[str, ...] = ("dots",)
    aside: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the x axis that is marked from top to bottom, such as one without data; ``told`` says why.

    ``kind`` is the style: ``gap`` is hatched, ``mark`` a line at its beginning.
    """

    low: float
    high: float
    kind: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where values lie on the paper."""

    x: Axis
    y: Axis
    left: float

    def place(self, x: float, y: float) -> Place:
        """Pixels from the left and from the top."""
        return self.left + self.x.at(x) * (RIGHT - self.left), BOTTOM - self.y.at(y) * (BOTTOM - TOP)


def plot(caption: Caption, x: Axis, y: Axis, series: Sequence[Series], behind: Sequence[Stretch] = ()) -> Chart:
    """Points, lines and bands; those with a name stand in the legend. Stretches lie ``behind`` them."""
    frame = _frame(x, y)
    labels = [(frame.place(tick, y.low)[0], x.words(tick)) for tick in x.ticks]
    layers = (_stretches(frame, behind), *(layer(frame, series) for layer in (_bands, _lines, _dots)))
    drawn = "".join(part for layer in layers for part in layer)
    rows = [
        (one.name or group.name, one.x, one.y, one.low, one.high)
        for group in series
        if group.kind not in _LEADING
        for one in group.points
    ]
    head, data = table(caption, x.name, y.name, rows)
    legend = tuple((group.kind, group.name) for group in series if group.name)
    return Chart(caption=caption, drawn=_svg(caption, frame, labels, drawn), head=head, rows=data, legend=legend)


def bars(caption: Caption, x_name: str, y: Axis, values: Sequence[tuple[str, float]]) -> Chart:
    """A bar a name, in their order."""
    x = Axis(name=x_name, low=0, high=max(len(values), 1), ticks=(), words=str)
    frame = _frame(x, y)
    wide = (RIGHT - frame.left) / x.high
    each = max(1, math.ceil((_GAP + max((width(name, _SIZE) for name, _ in values), default=0)) / wide))
    labels = [(frame.place(at + 0.5, 0)[0], name) for at, (name, _) in enumerate(values) if at % each == 0]
    drawn = "".join(_bar(frame, at, wide, name, value) for at, (name, value) in enumerate(values))
    head, rows = table(caption, x_name, y.name, [("", name, value, None, None) for name, value in values])
    return Chart(caption=caption, drawn=_svg(caption, frame, labels, drawn), head=head, rows=rows)


def _frame(x: Axis, y: Axis) -> Frame:
    return Frame(x=x, y=y, left=_GAP + max((width(y.words(tick), _SIZE) for tick in y.ticks), default=0))


def _svg(caption: Caption, frame: Frame, labels: Iterable[tuple[float, str]], drawn: str) -> str:
    title, told = f"{caption.name}-title", f"{caption.name}-desc"
    return element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-labelledby": f"{title} {told}"},
        words("title", caption.title, {"id": title}),
        words("desc", caption.told, {"id": told}),
        element("g", {"class": "axis", "aria-hidden": "true"}, *_axes(frame, labels)),
        drawn,
    )


def _axes(frame: Frame, labels: Iterable[tuple[float, str]]) -> Iterator[str]:
    yield words("text", frame.y.name, {"x": 0, "y": 11})
    for tick in frame.y.ticks:
        height = frame.place(frame.x.low, tick)[1]
        yield element("line", {"class": "tick", "x1": frame.left, "x2": RIGHT, "y1": height, "y2": height})
        yield words("text", frame.y.words(tick), {"class": "end", "x": frame.left - _GAP, "y": height + 4})
    end = 0.0
    for place, text in labels:
        half = width(text, _SIZE) / 2
        middle = min(max(place, half), WIDTH - half)
        if middle - half >= end:  # there is room for it
            yield words("text", text, {"class": "middle", "x": middle, "y": BOTTOM + 16})
            end = middle + half
    yield words("text", frame.x.name, {"class": "middle", "x": (frame.left + RIGHT) / 2, "y": HEIGHT - 6})


def _stretches(frame: Frame, behind: Iterable[Stretch]) -> Iterator[str]:
    for one in behind:
        left, right = (frame.place(x, frame.y.low)[0] for x in (one.low, one.high))
        told = words("title", one.told)
        if one.kind == "gap":  # a thick line of short strokes: it needs no pattern with an id
            middle, wide = (left + right) / 2, max(right - left, 1)
            ends: Attributes = {"x1": middle, "x2": middle, "y1": TOP, "y2": BOTTOM}
            yield element("line", {"class": "gap", "stroke-width": wide, **ends}, told)
        else:
            shape: Attributes = {"class": "mark", "d": f"M{left:.1f} {TOP}V{BOTTOM}M{left - 5:.1f} {TOP - 8}h10l-5 8Z"}
            yield element("path", shape, told)


def _bands(frame: Frame, series: Iterable[Series]) -> Iterator[str]:
    """The intervals of a line as one shape: its upper ends, then its lower ends back."""
    for group in series:
        known = [(one.x, one.low, one.high) for one in group.points if one.low is not None and one.high is not None]
        if "band" in group.forms and known:
            upper = [frame.place(x, high) for x, _, high in known]
            lower = [frame.place(x, low) for x, low, _ in reversed(known)]
            yield element("polygon", {"class": f"band {group.kind}", "points": _path([*upper, *lower])})


def _lines(frame: Frame, series: Iterable[Series]) -> Iterator[str]:
    for group in series:
        if "line" in group.forms and len(group.points) > 1:
            places = [frame.place(one.x, one.y) for one in group.points]
            yield element("polyline", {"class": f"line {group.kind}", "points": _path(places)})


def _dots(frame: Frame, series: Iterable[Series]) -> Iterator[str]:
    for group in series:
        for one in group.points if "dots" in group.forms else ():
            yield element("g", {"class": f"dot {group.kind}"}, *_dot(frame, one, group))


def _dot(frame: Frame, one: Point, group: Series) -> Iterator[str]:
    x, y = frame.place(one.x, one.y)
    x += group.aside
    yield words("title", one.told or f"{frame.x.words(one.x)}: {frame.y.words(one.y)}")
    if one.low is not None and one.high is not None and one.low != one.high:
        low, high = frame.place(one.x, one.low)[1], frame.place(one.x, one.high)[1]
        yield element("line", {"class": "reach", "x1": x, "x2": x, "y1": low, "y2": high})
    if group.kind == "other":  # told apart without colour too
        yield element("rect", {"x": x - _DOT, "y": y - _DOT, "width": 2 * _DOT, "height": 2 * _DOT})
    else:
        yield element("circle", {"cx": x, "cy": y, "r": _DOT})
    if one.mark:
        yield words("text", one.mark, {"x": x + 6, "y": y - 5})


def _bar(frame: Frame, at: int, wide: float, name: str, value: float) -> str:
    x, y = frame.place(at, value)
    shape: Attributes = {"class": "column", "x": x + wide * 0.08, "y": y, "width": wide * 0.84, "height": BOTTOM - y}
    return element("rect", shape, words("title", f"{name}: {frame.y.words(value)}"))


def _path(points: Iterable[Place]) -> str:
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in points)
