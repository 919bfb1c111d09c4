"""How load spreads over a day: 24 hours with their weights, and how far a moment rises above its hour."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from argosy.core.errors import ProjectError

HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The part of a day's requests that comes in each hour, and the peak within an hour over its mean."""

    hours: tuple[Fraction, ...]
    burst: Fraction = Fraction(1)

    @property
    def peak(self) -> Fraction:
        """The highest moment over the day's mean."""
        return max(self.hours) * HOURS * self.burst


def shape(weights: Sequence[Fraction | int], burst: Fraction | int = 1) -> Shape:
    """A shape of 24 weights of any scale; raises ProjectError for others, and for a burst below 1."""
    whole = sum(weights, Fraction(0))
    if len(weights) != HOURS or min(weights) < 0 or whole <= 0 or burst < 1:
        raise ProjectError(
            "A day has 24 weights of 0 or more, one above 0, and a burst of 1 or more; found {count} and {burst}.",
            mend="Give a weight for each hour, or a named shape: {names}.",
            count=len(weights),
            burst=str(burst),
            names=", ".join(SHAPES),
        )
    return Shape(hours=tuple(Fraction(one) / whole for one in weights), burst=Fraction(burst))


def _wave() -> list[Fraction]:
    """A day that rises and falls once, from a fifth of its mean at 3 to 1.8 times it at 15."""
    return [Fraction(round(1000 * (1 - 0.8 * math.cos(2 * math.pi * (hour - 3) / HOURS)))) for hour in range(HOURS)]


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "steady": shape([1] * HOURS),
        "wave": shape(_wave()),
        "office": shape([1] * 9 + [12] * 9 + [2] * 6),
        "bursts": shape([1] * HOURS, 5),
    }
)
"""Named shapes: the same at all hours; one wave a day; mostly from 9 to 18; steady hours with fivefold moments."""
