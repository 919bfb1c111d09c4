"""A measured load curve, and what it says: how many requests a second are answered within a bound of latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from argosy.core.errors import ProjectError


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Requests that came by chance at ``offered`` a second, over ``seconds``: latencies in ms, and what was answered.

    ``ms`` are the percentiles 1 to 100 of the latencies, counted from the moment a request came; one that was never
    answered counts as infinitely late. ``busy`` are seconds of processor time of the server for each request.
    """

    offered: float
    answered: float
    seconds: float
    ms: tuple[float, ...]
    busy: float | None = None

    def within(self, bound: float) -> float:
        """The share that was answered within a bound in ms, between percentiles by interpolation."""
        before = 0.0
        for place, value in enumerate(self.ms):
            if value > bound:
                step = (bound - before) / (value - before) if value > before else 0.0
                return (place + max(step, 0.0)) / len(self.ms)
            before = value
        return 1.0

    def percentile(self, of: int) -> float:
        """A percentile in ms."""
        return self.ms[of - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The greatest rate a second at which a share of the requests is answered within the bound.

    It lies between two measured rates, ``low`` that keeps the bound and ``high`` that does not; where ``open``, every
    measured rate keeps it, and the last one is told: nothing is extrapolated.
    """

    rate: float
    low: float
    high: float
    open: bool


def capacity(points: Sequence[Point], bound: float, share: float = 0.99) -> Capacity:
    """The capacity at ``bound`` ms, by linear interpolation of the percentile between measured rates.

    Raises ProjectError without points, and where even the lowest rate does not keep the bound.
    """
    ordered = sorted(points, key=lambda one: one.offered)
    percent = round(100 * share)
    if not ordered:
        raise ProjectError("There is no load curve.", mend="Measure it: argosy compute measure MODEL")
    first = ordered[0]
    if first.percentile(percent) > bound:
        raise ProjectError(
            "At {rate} requests a second {percent} % take up to {ms} ms already; the bound is {bound} ms.",
            mend="Give a bound that one request keeps, or take a faster engine.",
            rate=f"{first.offered:g}",
            percent=percent,
            ms=f"{first.percentile(percent):.1f}",
            bound=f"{bound:g}",
        )
    for low, high in pairwise(ordered):
        late = high.percentile(percent)
        if late > bound:
            known = late != float("inf")
            step = (bound - low.percentile(percent)) / (late - low.percentile(percent)) if known else 0.0
            rate = low.offered + step * (high.offered - low.offered)
            return Capacity(rate=rate, low=low.offered, high=high.offered, open=False)
    last = ordered[-1].offered
    return Capacity(rate=last, low=last, high=last, open=True)


def most(points: Sequence[Point]) -> float:
    """The highest rate a second at which requests were answered at all: what drains a backlog."""
    return max(one.answered for one in points)


def near(points: Sequence[Point], rate: float) -> Point:
    """The measured point of the next rate at or above this one, or the last."""
    ordered = sorted(points, key=lambda one: one.offered)
    return next((one for one in ordered if one.offered >= rate), ordered[-1])
