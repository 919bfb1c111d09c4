"""Which of several measured models to serve: quality against latency, size and cost, and the wishes that pick one.

Everything here is arithmetic over figures that were measured on the validation rows; nothing is made or measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from argosy.evaluate.intervals import Interval
from argosy.evaluate.paired import Difference

_SURE = 0.84 / 1.96  # of the way to the end of a 95 % interval lies the end of a one-sided one of 80 %
_POINT = 0.01  # a loss allowed of less is overshot in shares of this
Reason = Literal["cheapest", "best", "as_good", "unreachable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One model behind one engine: its ``quality``, and its ``loss`` (the figure of the model before less its own).

    ``p50_ms`` and ``p99_ms`` are of single texts, ``size_mb`` counts the tokenizer. ``refused``: it failed a gate.
    """

    name: str
    quality: Interval
    loss: Difference
    texts_per_s: float
    p50_ms: float
    p99_ms: float
    size_mb: float
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What must be kept to; None: anything will do."""

    p99_ms: float | None = None
    size_mb: float | None = None
    max_quality_loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A wish that a point does not meet."""

    wish: str
    limit: float
    found: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The point to serve and why; None where no point meets the wishes, with the ``nearest`` one and what it misses.

    ``shown`` says whether the paired interval excludes a loss larger than was allowed (None: no loss was named).
    """

    name: str | None
    reason: Reason
    shown: bool | None = None
    nearest: str | None = None
    missed: tuple[Miss, ...] = ()


def cost(texts_per_s: float, machine_per_hour: float, load: float) -> float:
    """What 1,000 requests of one text cost on a machine that answers for the share ``load`` of the time.

    >>> cost(1000, 3.6, 0.5)
    0.002
    """
    return machine_per_hour / (texts_per_s * 3600 * load) * 1000


def likely_loss(loss: Difference) -> float:
    """The loss that is not exceeded with four chances in five; none where nothing differs.

    The plain estimate would do for one point; of the best of many it is too kind.
    """
    return loss.difference + _SURE * (loss.high - loss.difference) if loss.difference else 0.0


def pick(points: Sequence[Point], wish: Wish, same: Callable[[str, str], bool]) -> Pick:
    """The point that the wishes pick among those not refused, of which there is at least one.

    With an allowed loss: the cheapest that meets all wishes. Without: the cheapest of those that meet them and are not
    told apart from the best of them; ``same`` says by name whether the rows leave two points so.
    """
    open_ = [point for point in points if not point.refused]
    fit = [point for point in open_ if not misses(point, wish)]
    if not fit:
        near = min(open_, key=lambda point: (_overshoot(point, wish), *_price(point)))
        return Pick(name=None, reason="unreachable", nearest=near.name, missed=misses(near, wish))
    if wish.max_quality_loss is not None:
        chosen = min(fit, key=_price)
        return Pick(name=chosen.name, reason="cheapest", shown=chosen.loss.high <= wish.max_quality_loss)
    best = max(fit, key=lambda point: (point.quality.value, point.texts_per_s))
    chosen = min((point for point in fit if point is best or same(point.name, best.name)), key=_price)
    return Pick(name=chosen.name, reason="best" if chosen is best else "as_good")


def misses(point: Point, wish: Wish) -> tuple[Miss, ...]:
    """The wishes that a point does not meet."""
    return tuple(
        Miss(wish=name, limit=limit, found=found) for name, limit, found in _compared(point, wish) if found > limit
    )


def frontier(points: Sequence[Point]) -> frozenset[str]:
    """The points' names that no other surpasses in one of quality, latency, size and cost while equal in the rest.

    Those that are refused neither count nor surpass.
    """
    open_ = [point for point in points if not point.refused]
    return frozenset(
        point.name for point in open_ if not any(_surpasses(other, point) for other in open_ if other is not point)
    )


def afford(estimates: Mapping[str, float], seconds: float) -> list[str]:
    """What of a list in order of promise fits into the time; one that is too long makes room for shorter ones.

    >>> afford({"a": 50, "b": 70, "c": 20}, 100)
    ['a', 'c']
    """
    left, chosen = seconds, []
    for name, needed in estimates.items():
        if needed <= left:
            chosen.append(name)
            left -= needed
    return chosen


def _compared(point: Point, wish: Wish) -> Iterator[tuple[str, float, float]]:
    """Each wish that was named, with its limit and what the point has."""
    found = {"p99_ms": point.p99_ms, "size_mb": point.size_mb, "max_quality_loss": likely_loss(point.loss)}
    limits = {"p99_ms": wish.p99_ms, "size_mb": wish.size_mb, "max_quality_loss": wish.max_quality_loss}
    for name, limit in limits.items():
        if limit is not None:
            yield name, limit, found[name]


def _overshoot(point: Point, wish: Wish) -> float:
    """By what share of its limit the wish is missed that is missed most."""
    return max(
        (found - limit) / (max(limit, _POINT) if name == "max_quality_loss" else limit)
        for name, limit, found in _compared(point, wish)
    )


def _price(point: Point) -> tuple[float, float]:
    """The order of the points by cost: what answers faster is cheaper."""
    return -point.texts_per_s, point.size_mb


def _surpasses(one: Point, other: Point) -> bool:
    ours, theirs = _worths(one), _worths(other)
    return all(mine >= his for mine, his in zip(ours, theirs, strict=True)) and ours != theirs


def _worths(point: Point) -> tuple[float, ...]:
    return point.quality.value, point.texts_per_s, -point.p99_ms, -point.size_mb
