"""Drawings that web/charts does not have: a plane of named points, lines named at their ends, circles in each other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argosy.web.charts.axis import Axis
from argosy.web.charts.chart import Caption, Cell, Chart
from argosy.web.charts.svg import Attributes, cut, element, width, words

WIDTH = 340
_LEFT, _RIGHT, _TOP = 26.0, 334.0, 24.0
_SIZE = 10.5  # of the letters
_BOLD = 1.15  # how much wider heavy letters are
_LINE = 12.0  # pixels that a label is high
_LONGEST = 132.0  # pixels that a label is wide at most
_DOT = 3.6
_STEPS = 24  # of an ellipse's outline
_MARGIN = 0.12  # of what points span, around them
_AWAY = 9.0  # pixels from a label to its point, from which a line joins them
_HIGH, _BOTTOM = 236.0, 200.0  # of lines: the drawing, and where the plotted area ends
_NAMES = 92.0  # pixels for names at the ends of lines
_END = WIDTH - _NAMES

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A named point; ``kind`` is ``main``, ``other`` or ``hollow``.

    ``across`` and ``along`` are the ends of its intervals in y and x; ``outline`` is an ellipse around it (half axes,
    angle); ``told`` is shown when it is pointed at.
    """

    name: str
    x: float
    y: float
    kind: str
    told: str
    along: tuple[float, float] | None = None
    across: tuple[float, float] | None = None
    outline: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A line that leads the eye, by its ends in the units of the axes."""

    begin: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Two axes of one paper; ``ticks`` is whether their values are written."""

    x: Axis
    y: Axis
    height: float
    ticks: bool = True

    @property
    def left(self) -> float:
        """Where the plotted area begins."""
        return _LEFT if self.ticks else 6.0

    @property
    def bottom(self) -> float:
        """Where the plotted area ends."""
        return self.height - 40 if self.ticks else self.height - 22

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        return self.left + self.x.at(x) * (_RIGHT - self.left), self.bottom - self.y.at(y) * (self.bottom - _TOP)


def plane(
    caption: Caption, axes: Plane, spots: Sequence[Spot], guides: Sequence[Guide], legend: tuple[tuple[str, str], ...]
) -> Chart:
    """Named points over two axes; labels lie where they cover neither points nor each other."""
    places = [axes.place(one.x, one.y) for one in spots]
    texts = [cut(one.name, _LONGEST, _SIZE) for one in spots]
    boxes = labels(places, [_BOLD * width(text, _SIZE) for text in texts], axes.bottom)
    drawn = (
        *_grid(axes),
        *(_guide(axes, one) for one in guides),
        *(_outline(axes, one) for one in spots if one.outline is not None),
        *(part for one in spots for part in _reaches(axes, one)),
        *(part for place, box, text, one in zip(places, boxes, texts, spots, strict=True)
          for part in _label(place, box, text, one.kind)),
        *(_dot(place, one) for place, one in zip(places, spots, strict=True)),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [(one.name, one.x, one.y) for one in spots]
    return Chart(
        caption=caption,
        drawn=_svg(caption, axes.height, *drawn),
        head=(caption.series, axes.x.name, axes.y.name),
        rows=tuple(rows),
        legend=legend,
    )


def equal(x: tuple[str, list[float]], y: tuple[str, list[float]], height: float) -> Plane:
    """A plane on which one unit is as long up as across, that holds named points and the origin with room around."""
    paper = Plane(x=_flat("", 0, 1), y=_flat("", 0, 1), height=height, ticks=False)
    sides = (_RIGHT - paper.left, paper.bottom - _TOP)
    ends = [(min(*values, 0.0), max(*values, 0.0)) for _, values in (x, y)]
    pixel = max((high - low) * (1 + 2 * _MARGIN) / side for (low, high), side in zip(ends, sides, strict=True)) or 1.0
    across, up = (
        _flat(name, (low + high - pixel * side) / 2, (low + high + pixel * side) / 2)
        for (name, _), (low, high), side in zip((x, y), ends, sides, strict=True)
    )
    return Plane(x=across, y=up, height=height, ticks=False)


def _flat(name: str, low: float, high: float) -> Axis:
    return Axis(name=name, low=low, high=high, ticks=(0.0,), words=str)


def labels(places: Sequence[tuple[float, float]], wide: Sequence[float], bottom: float) -> list[Box]:
    """A box for each point's label: the nearest of places around it that covers nothing, or covers least.

    Points in a crowd are served first, for they have the fewest free places.
    """
    dots = [(x - _DOT - 1, y - _DOT - 1, x + _DOT + 1, y + _DOT + 1) for x, y in places]
    crowd = [sum(math.dist(one, other) < 4 * _LINE for other in places) for one in places]
    taken: dict[int, Box] = {}
    for at in sorted(range(len(places)), key=lambda at: (-crowd[at], places[at])):
        others = [*taken.values(), *dots]
        options = list(_around(places[at], wide[at], bottom))
        taken[at] = min(options, key=lambda box: sum(_covered(box, other) for other in others))
    return [taken[at] for at in range(len(places))]


def _around(place: tuple[float, float], wide: float, bottom: float) -> Iterator[Box]:
    """Boxes around a point, the nearest first, all of them on the paper."""
    for reach in (_DOT + 3, 16.0, 28.0, 42.0, 58.0):
        for turn in (0, 7, 1, 4, 3, 5, 2, 6) if reach < _AWAY else range(8):
            angle = turn * math.pi / 4
            x, y = place[0] + reach * math.cos(angle), place[1] + reach * math.sin(angle)
            left = x - wide * (1 - math.cos(angle)) / 2
            top = y - _LINE * (1 - math.sin(angle)) / 2
            left = min(max(left, 0.0), WIDTH - wide)
            top = min(max(top, _TOP - 8), bottom - _LINE)
            yield left, top, left + wide, top + _LINE


def _covered(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _label(place: tuple[float, float], box: Box, text: str, kind: str) -> Iterator[str]:
    x, y = min(max(place[0], box[0]), box[2]), min(max(place[1], box[1]), box[3])
    if math.dist(place, (x, y)) > _AWAY:
        yield element("line", {"class": "leader", "x1": place[0], "y1": place[1], "x2": x, "y2": y})
    yield words("text", text, {"class": f"label {kind}", "x": box[0], "y": box[3] - 3})


def _grid(axes: Plane) -> Iterator[str]:
    low, high = axes.place(axes.x.low, axes.y.low), axes.place(axes.x.high, axes.y.high)
    for tick in axes.x.ticks:
        x = axes.place(tick, axes.y.low)[0]
        yield element("line", {"class": "tick", "x1": x, "x2": x, "y1": high[1], "y2": low[1]})
        if axes.ticks:
            yield words("text", axes.x.words(tick), {"class": "middle", "x": x, "y": low[1] + 14})
    for tick in axes.y.ticks:
        y = axes.place(axes.x.low, tick)[1]
        yield element("line", {"class": "tick", "x1": low[0], "x2": high[0], "y1": y, "y2": y})
        if axes.ticks:
            yield words("text", axes.y.words(tick), {"class": "end", "x": _LEFT - 5, "y": y + 4})
    yield words("text", axes.y.name, {"x": 0, "y": 11})
    yield words("text", axes.x.name, {"class": "end", "x": _RIGHT, "y": axes.height - 6})


def _guide(axes: Plane, one: Guide) -> str:
    (x1, y1), (x2, y2) = axes.place(*one.begin), axes.place(*one.end)
    return element("line", {"class": "line guide", "x1": x1, "y1": y1, "x2": x2, "y2": y2})


def _outline(axes: Plane, one: Spot) -> str:
    long, short, angle = one.outline or (0.0, 0.0, 0.0)
    points = []
    for step in range(_STEPS):
        turn = 2 * math.pi * step / _STEPS
        along, across = long * math.cos(turn), short * math.sin(turn)
        x = one.x + along * math.cos(angle) - across * math.sin(angle)
        y = one.y + along * math.sin(angle) + across * math.cos(angle)
        points.append("{:.1f},{:.1f}".format(*axes.place(x, y)))
    return element("polygon", {"class": f"outline {one.kind}", "points": " ".join(points)})


def _reaches(axes: Plane, one: Spot) -> Iterator[str]:
    ends = [((one.along[0], one.y), (one.along[1], one.y))] if one.along else []
    ends += [((one.x, one.across[0]), (one.x, one.across[1]))] if one.across else []
    for begin, end in ends:
        (x1, y1), (x2, y2) = axes.place(*begin), axes.place(*end)
        yield element("line", {"class": f"reach {one.kind}", "x1": x1, "y1": y1, "x2": x2, "y2": y2})


def _dot(place: tuple[float, float], one: Spot) -> str:
    x, y = place
    shape = (
        element("rect", {"x": x - _DOT, "y": y - _DOT, "width": 2 * _DOT, "height": 2 * _DOT})
        if one.kind == "other"
        else element("circle", {"cx": x, "cy": y, "r": _DOT})
    )
    return element("g", {"class": f"dot {one.kind}"}, words("title", one.told), shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A named line over the ticks of an axis; None where it has no value, which leaves a gap."""

    name: str
    values: tuple[tuple[float, float, float] | None, ...]
    main: bool = False


def courses(caption: Caption, y: Axis, periods: Sequence[str], lines: Sequence[Course]) -> Chart:
    """Lines with their intervals in a band for the main one, each named at its end, where names have room."""
    last = len(periods) - 1
    ends = {at: _spot(y, periods, last, one.values[-1][0])[1] for at, one in enumerate(lines) if one.values[-1]}
    heights = spread(ends, _TOP, _BOTTOM)
    drawn = [*_scale(y, periods)]
    for at, one in enumerate(lines):
        drawn += _course(y, periods, one, at)
        if at in heights:
            spot: Attributes = {"class": f"label {_kind(one)}", "x": _END + 8, "y": heights[at] + 4}
            joint: Attributes = {"x1": _END - 4, "y1": ends[at], "x2": _END + 5, "y2": heights[at]}
            drawn.append(element("line", {"class": "leader", **joint}))
            drawn.append(words("text", cut(one.name, _NAMES - 10, _SIZE), spot))
    rows: list[tuple[Cell, ...]] = [
        (one.name, periods[when], *value) for one in lines for when, value in enumerate(one.values) if value is not None
    ]
    head = (caption.series, "", y.name, *caption.ends)
    return Chart(caption=caption, drawn=_svg(caption, _HIGH, *drawn), head=head, rows=tuple(rows))


def _spot(y: Axis, periods: Sequence[str], at: int, value: float) -> tuple[float, float]:
    return 36 + at * (_END - 42) / max(len(periods) - 1, 1), _BOTTOM - y.at(value) * (_BOTTOM - _TOP)


def _kind(one: Course) -> str:
    return "main" if one.main else "other"


def _scale(y: Axis, periods: Sequence[str]) -> Iterator[str]:
    yield words("text", y.name, {"x": 0, "y": 11})
    for tick in y.ticks:
        height = _spot(y, periods, 0, tick)[1]
        yield element("line", {"class": "tick", "x1": 32, "x2": _END - 4, "y1": height, "y2": height})
        yield words("text", y.words(tick), {"class": "end", "x": 29, "y": height + 4})
    every = max(1, math.ceil(len(periods) * 60 / (_END - 30)))
    for at in range(0, len(periods), every):
        x = max(_spot(y, periods, at, 0)[0], 22)
        yield words("text", periods[at], {"class": "middle", "x": x, "y": _BOTTOM + 16})


def _course(y: Axis, periods: Sequence[str], one: Course, number: int) -> Iterator[str]:
    known = [(when, value) for when, value in enumerate(one.values) if value is not None]
    if one.main:
        band = [_spot(y, periods, when, value[2]) for when, value in known]
        band += [_spot(y, periods, when, value[1]) for when, value in reversed(known)]
        yield element("polygon", {"class": "band main", "points": _path(band)})
    points = _path([_spot(y, periods, when, value[0]) for when, value in known])
    kind = "line main" if one.main else f"line other dash{number % 4}"
    yield element("polyline", {"class": kind, "points": points}, words("title", one.name))


def spread(wanted: dict[int, float], top: float, bottom: float) -> dict[int, float]:
    """Heights near those wanted, at least a line apart, from the top down; moved up where they leave the paper."""
    found: dict[int, float] = {}
    last = top - _LINE
    for at in sorted(wanted, key=lambda at: wanted[at]):
        last = max(wanted[at], last + _LINE)
        found[at] = last
    over = max(0.0, last - bottom)
    return {at: height - over for at, height in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """An amount with how it is written, and its range."""

    name: str
    value: float
    told: str
    range: str


def circles(caption: Caption, amounts: Sequence[Circle]) -> Chart:
    """Amounts as circles in each other, the largest first, their areas as the amounts; a mark for one too small."""
    most, height = 84.0, 196.0
    base = height - 14
    largest = max((one.value for one in amounts), default=0.0) or 1.0
    parts = []
    for at, one in enumerate(amounts):
        radius = max(most * math.sqrt(max(one.value, 0) / largest), 2.0)
        top = base - 2 * radius
        parts.append(element("circle", {"class": f"nest nest{at}", "cx": most + 4, "cy": base - radius, "r": radius}))
        y = 26.0 + at * (height - 64) / max(len(amounts) - 1, 1)
        edge = top + min(radius, 6)
        parts.append(element("line", {"class": "leader", "x1": most + 4, "y1": edge, "x2": 2 * most + 22, "y2": y}))
        parts.append(words("text", one.name, {"class": "label main", "x": 2 * most + 26, "y": y}))
        parts.append(words("text", one.told, {"class": "label", "x": 2 * most + 26, "y": y + 14}))
        parts.append(words("text", one.range, {"class": "label hollow", "x": 2 * most + 26, "y": y + 28}))
    rows: list[tuple[Cell, ...]] = [(one.name, one.value) for one in amounts]
    return Chart(
        caption=caption, drawn=_svg(caption, height, *parts), head=(caption.series, caption.title), rows=tuple(rows)
    )


def _svg(caption: Caption, height: float, *inside: str) -> str:
    title, told = f"{caption.name}-title", f"{caption.name}-desc"
    return element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {height:g}", "role": "img", "aria-labelledby": f"{title} {told}"},
        words("title", caption.title, {"id": title}),
        words("desc", caption.told, {"id": told}),
        *inside,
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
