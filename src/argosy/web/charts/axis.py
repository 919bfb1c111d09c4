"""Axes: which part of the numbers is shown, and which of them are named beside it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_MOST = 6  # ticks
_ROOM = 1.25  # factor between the ends of a logarithmic axis and what stands on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Values from ``low`` to ``high``, evenly or by their logarithms; ``words`` writes those of ``ticks``."""

    name: str
    low: float
    high: float
    ticks: tuple[float, ...]
    words: Callable[[float], str]
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value, 0 to 1; what lies outside is put at the end."""
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = math.log(low), math.log(high), math.log(here)
        return min(max((here - low) / ((high - low) or 1), 0), 1)


def even(name: str, values: Iterable[float], words: Callable[[float], str], most: int = _MOST) -> Axis:
    """An axis of round steps that holds all values."""
    known = list(values)
    ticks = steps(min(known), max(known), most)
    return Axis(name=name, low=ticks[0], high=ticks[-1], ticks=ticks, words=words)


def counted(name: str, number: int, words: Callable[[float], str]) -> Axis:
    """An axis of the whole numbers from 1 to ``number``, with room on both sides."""
    each = max(1, math.ceil(number / _MOST))
    ticks = tuple(float(one) for one in range(1, number + 1, each))
    return Axis(name=name, low=0.5, high=number + 0.5, ticks=ticks, words=words)


def powers(name: str, values: Iterable[float], words: Callable[[float], str]) -> Axis:
    """A logarithmic axis that holds all values, which are positive, with room on both sides."""
    known = list(values)
    low, high = min(known), max(known)
    return Axis(name=name, low=low / _ROOM, high=high * _ROOM, ticks=tuple(decades(low, high)), words=words, log=True)


def steps(low: float, high: float, most: int = _MOST) -> tuple[float, ...]:
    """Round values that hold ``low`` and ``high`` between them, at most ``most`` or one more.

    >>> steps(0.12, 0.87), steps(33, 76)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (30.0, 40.0, 50.0, 60.0, 70.0, 80.0))
    """
    reach = max(high - low, 1e-9, 1e-6 * max(abs(low), abs(high)))  # equal values leave a step that can be told
    size = 10.0 ** math.floor(math.log10(reach / (most - 1)))
    step = next(size * factor for factor in (1, 2, 5, 10, 20) if reach / (size * factor) <= most - 1)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, max(last, first + 1) + 1))


def decades(low: float, high: float) -> list[float]:
    """The ends of a logarithmic axis and the powers of ten between, where they leave each other room.

    >>> decades(0.3, 250)
    [0.3, 1.0, 10.0, 100.0, 250]
    """
    tens = [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    inner = [ten for ten in tens if low * 2 < ten < high / 2]
    return [low, *inner, high] if high > low * 2 else [low]
