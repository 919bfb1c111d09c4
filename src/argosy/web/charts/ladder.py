"""Intervals over one another on one axis: candidates, or the sides of an experiment, compared by eye."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argosy.web.charts.axis import Axis
from argosy.web.charts.chart import Caption, Chart, table
from argosy.web.charts.svg import Attributes, element, words

_HEIGHT = 26
_MIDDLE = _HEIGHT / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A figure with its interval; ``told`` is how it is written, the ``main`` one stands out."""

    name: str
    value: float
    low: float
    high: float
    told: str
    main: bool = False


def intervals(caption: Caption, axis: Axis, reaches: Sequence[Reach]) -> Chart:
    """A row a figure: its name, its interval, its value; where one lies beyond the axis, an arrow points to it.

    Names and values are text of the page, so that long ones break; the drawing between is as wide as there is room.
    """
    rows = "".join(_row(axis, reach) for reach in reaches)
    figures = [(one.name, None, one.value, one.low, one.high) for one in reaches]
    head, data = table(caption, "", axis.name, figures)
    drawn = element("div", {"class": "intervals"}, rows, _foot(axis))
    return Chart(caption=caption, drawn=drawn, head=head, rows=data)


def _row(axis: Axis, reach: Reach) -> str:
    return element(
        "div",
        {"class": "mark main" if reach.main else "mark"},
        words("span", reach.name, {"class": "name"}),
        element(
            "svg",
            {"height": _HEIGHT, "role": "img", "aria-label": f"{reach.name}: {reach.told}"},
            *_shapes(axis, reach),
        ),
        words("span", reach.told, {"class": "value"}),
    )


def _shapes(axis: Axis, reach: Reach) -> Iterator[str]:
    for tick in axis.ticks:
        yield element("line", {"class": "tick", "x1": _at(axis, tick), "x2": _at(axis, tick), "y1": 0, "y2": _HEIGHT})
    if reach.value < axis.low:
        yield element("path", {"class": "beyond", "d": "M8 7 L0 13 L8 19 Z"})
    elif reach.value > axis.high:
        arrow = element("path", {"class": "beyond", "d": "M-8 7 L0 13 L-8 19 Z"})
        yield element("svg", {"x": "100%", "overflow": "visible"}, arrow)
    else:
        ends: Attributes = {"x1": _at(axis, reach.low), "x2": _at(axis, reach.high), "y1": _MIDDLE, "y2": _MIDDLE}
        yield element("line", {"class": "bar", **ends})
        yield element("circle", {"cx": _at(axis, reach.value), "cy": _MIDDLE, "r": 4.5})


def _foot(axis: Axis) -> str:
    last = len(axis.ticks) - 1
    labels = (
        words(
            "text", axis.words(tick), {"class": {0: "", last: "end"}.get(at, "middle"), "x": _at(axis, tick), "y": 13}
        )
        for at, tick in enumerate(axis.ticks)
    )
    nothing = words("span", "", {"class": "name"})
    return element(
        "div", {"class": "mark axis", "aria-hidden": "true"}, nothing, element("svg", {"height": 18}, *labels)
    )


def _at(axis: Axis, value: float) -> str:
    """The place of a value in percent, so that the drawing is as wide as there is room."""
    return f"{100 * axis.at(value):.2f}%"
