"""The geometry of the report's interval charts, in percent of their width, so that they fit any screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from argosy.report.ladder import DULL, Rung
from argosy.report.numbers import BOUNDED, figure, rounded, share
from argosy.ui.charts import steps

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
    """A point ``x`` and its interval from ``start`` to ``end``, 0 to 100.

    ``beyond`` says at which end of the axis it lies outside: ``left``, ``right`` or neither.
    """

    name: str
    text: str
    x: float
    start: float
    end: float
    served: bool
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Marks over one another, and the ticks (place, label) below them."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]


def scale(ladders: Iterable[Sequence[Rung]], metric: str) -> Scale:
    """One axis for several charts, so that they can be compared by eye.

    A rung that does not look at the input may lie outside: with it on the axis the others could not be told apart.
    """
    known = [rung for ladder in ladders for rung in ladder if metric in rung.metrics]
    figures = [rung.metrics[metric] for rung in known if rung.key not in DULL or len(known) == 1]
    low, high = min(one["low"] for one in figures), max(one["high"] for one in figures)
    marks = steps(low, high, _MOST_TICKS)
    return Scale(low=marks[0], high=marks[-1], ticks=marks)


def chart(ladder: Sequence[Rung], metric: str, axis: Scale) -> Chart:
    """A metric of every rung that has it on the axis."""
    label = (lambda value: share(value, 2)) if metric in BOUNDED else rounded
    return Chart(
        marks=tuple(_mark(rung, metric, axis) for rung in ladder if metric in rung.metrics),
        ticks=tuple((axis.at(value), label(value)) for value in axis.ticks),
    )


def _mark(rung: Rung, metric: str, axis: Scale) -> Mark:
    measured = rung.metrics[metric]
    value = measured["value"]
    return Mark(
        name=rung.name,
        text=figure(metric, measured),
        x=axis.at(value),
        start=max(axis.at(measured["low"]), 0),
        end=min(axis.at(measured["high"]), 100),
        served=rung.served,
        beyond="left" if value < axis.low else "right" if value > axis.high else "",
    )
