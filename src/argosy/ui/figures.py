"""The geometry of the report's interval charts, in percent of their width, so that they fit any screen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from argosy.project.ladder import Rung
from argosy.project.numbers import interval, share

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The part of the axis that is drawn, and where its ticks are."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """The place of a value, 0 to 100."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point ``x`` and its interval from ``start`` to ``end``, 0 to 100, or ``beyond`` the left end of the axis."""

    name: str
    text: str
    x: float
    start: float
    end: float
    served: bool
    beyond: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Marks over one another, and the ticks (place, label) below them."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]


def scale(ladders: Iterable[Sequence[Rung]], metric: str) -> Scale:
    """One axis for several charts, so that they can be compared by eye.

    The majority rung may lie left of it: with it on the axis the others could not be told apart.
    """
    figures = [rung.metrics[metric] for ladder in ladders for rung in ladder if rung.key != "majority"]
    low, high = min(figure["low"] for figure in figures), max(figure["high"] for figure in figures)
    step = next((step for step in _STEPS if (high - low) / step <= _MOST_TICKS - 2), _STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return Scale(low=first * step, high=last * step, ticks=tuple(n * step for n in range(first, last + 1)))


def chart(ladder: Sequence[Rung], metric: str, axis: Scale) -> Chart:
    """A metric of every rung on the axis."""
    marks = tuple(
        Mark(
            name=rung.name,
            text=interval(rung.metrics[metric]),
            x=axis.at(rung.metrics[metric]["value"]),
            start=max(axis.at(rung.metrics[metric]["low"]), 0),
            end=min(axis.at(rung.metrics[metric]["high"]), 100),
            served=rung.served,
            beyond=rung.metrics[metric]["value"] < axis.low,
        )
        for rung in ladder
    )
    return Chart(marks=marks, ticks=tuple((axis.at(value), share(value, 2)) for value in axis.ticks))
