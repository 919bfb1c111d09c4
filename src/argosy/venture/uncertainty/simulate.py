"""A plan drawn thousands of times: what it is worth, how low cash falls, when it is gone, when it breaks even."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import Interval, Z, wilson
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import Samples, sampled
from argosy.venture.uncertainty.outcome import Outcome

AT = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_BAND = (0.05, 0.5, 0.95)
CASH, INCOME = "cash", "net_income"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """What a share of all draws lies at or below, with its 95 % interval for so many draws.

    None means never, within the plan's months.
    """

    at: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What the draws came to.

    ``mean`` with ``error``, its standard error by so few draws, and ``deviation`` are None where some draws never
    reach it; ``never`` is their share. ``undefined`` draws, such as those divided by nothing, are in none of these.
    """

    draws: int
    undefined: int
    mean: float | None
    error: float | None
    deviation: float | None
    quantiles: tuple[Quantile, ...]
    never: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line in one period: what 5 %, 50 % and 95 % of the draws lie at or below."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A plan's draws told.

    ``worth`` and ``loss``, the probability that it is below 0, are None where nothing is discounted. ``runs_out`` and
    ``breaks_even`` are in periods from 0 on: the first that ends with cash below 0, and the first from which on none
    has a loss. ``out_by`` is the probability that cash has run out by the end of each period.
    """

    worth: Distribution | None
    loss: Interval | None
    ending_cash: Distribution
    lowest_cash: Distribution
    runs_out: Distribution
    breaks_even: Distribution
    out_by: tuple[Interval, ...]
    cash: tuple[Band, ...]


def simulate(model: Model, draws: Mapping[str, Samples], worth: Outcome | None) -> Simulation:
    """Reckon a plan for each draw of its figures (see ``draws.draw``); one without draws is reckoned once.

    Raises ProjectError where a number is undefined in all draws.
    """
    needed = (CASH, INCOME, *(() if worth is None else worth.lines))
    values = sampled(model, draws, tuple(dict.fromkeys(needed)))
    cash, income = values[CASH], values[INCOME]
    out = np.where(np.isnan(cash).any(axis=0), np.nan, _first(cash < 0))
    even = np.where(np.isnan(income).any(axis=0), np.nan, _lasting(income))
    found = None if worth is None else worth.of(values, draws)
    known = out[~np.isnan(out)]
    return Simulation(
        worth=None if found is None else distribution(found),
        loss=None if found is None else _chance(found[~np.isnan(found)] < 0),
        ending_cash=distribution(cash[-1]),
        lowest_cash=distribution(cash.min(axis=0)),
        runs_out=distribution(out),
        breaks_even=distribution(even),
        out_by=tuple(_chance(known <= period) for period in range(len(cash))),
        cash=tuple(_band(one) for one in cash),
    )


def distribution(values: Samples) -> Distribution:
    """The distribution of draws [draws], in which infinity means never and NaN undefined.

    A quantile's interval is that between two order statistics, whatever the distribution (Conover 1999, section 3.2).
    """
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        raise ProjectError("A number of the plan is undefined in all {count} draws.", count=len(values))
    finite = bool(np.isfinite(known[-1]))
    deviation = float(known.std(ddof=1)) if finite and len(known) > 1 else 0.0
    return Distribution(
        draws=len(values),
        undefined=len(values) - len(known),
        mean=float(known.mean()) if finite else None,
        error=deviation / math.sqrt(len(known)) if finite else None,
        deviation=deviation if finite else None,
        quantiles=tuple(_quantile(known, at) for at in AT),
        never=_chance(np.isinf(known)),
    )


def _quantile(known: Samples, at: float) -> Quantile:
    count, half = len(known), Z * math.sqrt(len(known) * at * (1 - at))

    def ranked(rank: float) -> float | None:
        value = float(known[min(max(math.ceil(rank), 1), count) - 1])
        return value if math.isfinite(value) else None

    return Quantile(at=at, value=ranked(count * at), low=ranked(count * at - half), high=ranked(count * at + half + 1))


def _chance(held: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Interval:
    """The share of draws, with its interval; a plan that is reckoned once is certain."""
    if len(held) <= 1:
        value = float(held.any())
        return Interval(value=value, low=value, high=value)
    return wilson(int(held.sum()), len(held))


def _first(held: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Samples:
    """The first period that holds, by draw; infinity where none does."""
    return np.where(held.any(axis=0), held.argmax(axis=0), np.inf)


def _lasting(income: Samples) -> Samples:
    """The first period from which on no loss is made, by draw; infinity where the last one is a loss."""
    loss = income < 0
    after = len(loss) - loss[::-1].argmax(axis=0)
    return np.where(loss.any(axis=0), np.where(after < len(loss), after, np.inf), 0.0)


def _band(values: Samples) -> Band:
    known = values[~np.isnan(values)]
    low, middle, high = np.quantile(known, _BAND) if len(known) else (math.nan,) * 3
    return Band(low=float(low), middle=float(middle), high=float(high))
