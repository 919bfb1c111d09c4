"""Sobol indices: which share of an outcome's variance each figure, or each group of figures, is behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from argosy.core.errors import MissingError, ProjectError
from argosy.evaluate.intervals import Interval
from argosy.venture.figures import Figure
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import Samples
from argosy.venture.uncertainty.draws import Quantile, quantiles
from argosy.venture.uncertainty.outcome import Outcome, reached

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A figure's, or a group's, shares of the variance, each with its bootstrap 95 % interval.

    ``first`` is what would go, on average, if it were known; ``total`` what would stay if all others were. An estimate
    may be a little below 0 or above 1.
    """

    name: str
    first: Interval
    total: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """The variance, of so many evaluations, and who is behind it; for figures drawn without correlations."""

    variance: float
    evaluations: int
    by: tuple[Index, ...]


def sobol(model: Model, figures: Mapping[str, Figure], outcome: Outcome, *, points: int = 1024, seed: int) -> Indices:
    """The indices of each figure that varies; see ``indices``.

    They are of independent figures: correlations are left out, since shares of correlated ones do not add up.
    """
    return indices(lambda draws: reached(model, draws, outcome), quantiles(figures), points=points, seed=seed)


def indices(
    of: Callable[[Mapping[str, Samples]], Samples],
    known: Mapping[str, Quantile],
    *,
    groups: Mapping[str, str] | None = None,
    points: int = 1024,
    seed: int,
) -> Indices:
    """First-order and total indices (Sobol 2001; Saltelli et al. 2010) of what ``of`` makes of draws.

    ``groups`` puts each name of ``known`` into a group, whose index is that of all its figures at once. ``points`` is
    rounded up to a power of two; there are (names or groups + 2) times as many evaluations. A single name has all of
    the variance. Raises ProjectError where the outcome is undefined for some draws, MissingError without SALib.
    """
    if not known:
        return Indices(variance=0.0, evaluations=0, by=())
    points = 1 << max(points - 1, 1).bit_length()
    names = list(known)
    problem: dict[str, object] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    told = names
    if groups is not None:
        problem["groups"] = [groups[name] for name in names]
        told = list(dict.fromkeys(groups[name] for name in names))
    shares = _salib("SALib.sample.sobol").sample(problem, points, calc_second_order=False, seed=seed)
    found = of({name: _each_once(known[name], shares[:, place]) for place, name in enumerate(names)})
    if not np.isfinite(found).all():
        raise ProjectError(
            "The outcome is undefined for {count} of {all} draws.",
            mend="Narrow the ranges of the figures by which it divides.",
            count=int((~np.isfinite(found)).sum()),
            all=len(found),
        )
    variance = float(found.var())
    if variance <= (_ROUNDING * float(np.abs(found).max())) ** 2:
        return Indices(variance=0.0, evaluations=len(found), by=tuple(_certain(name, 0.0) for name in told))
    if len(told) == 1:
        return Indices(variance=variance, evaluations=len(found), by=(_certain(told[0], 1.0),))
    by = _salib("SALib.analyze.sobol").analyze(problem, found, calc_second_order=False, seed=seed)
    return Indices(
        variance=variance,
        evaluations=len(found),
        by=tuple(
            Index(
                name=name,
                first=_around(by["S1"][place], by["S1_conf"][place]),
                total=_around(by["ST"][place], by["ST_conf"][place]),
            )
            for place, name in enumerate(told)
        ),
    )


def _each_once(quantile: Quantile, shares: Samples) -> Samples:
    """Values of shares of which most stand many times, so that each is inverted once."""
    single, places = np.unique(shares, return_inverse=True)
    return quantile(single)[places]


def _around(value: float, half: float) -> Interval:
    return Interval(value=float(value), low=float(value - half), high=float(value + half))


def _certain(name: str, value: float) -> Index:
    whole = Interval(value=value, low=value, high=value)
    return Index(name=name, first=whole, total=whole)


def _salib(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingError(
            "Shares of the variance need the package {name!r}, which is not installed.",
            mend="pip install 'argosy[venture]'",
            name="SALib",
        ) from error
