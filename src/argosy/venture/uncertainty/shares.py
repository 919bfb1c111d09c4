"""What an outcome's variance rests on: assumptions, measurements or sources; and what to measure next."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from argosy.evaluate.intervals import Interval
from argosy.venture.figures import Figure, Kind
from argosy.venture.graph.model import Model
from argosy.venture.uncertainty.draws import quantiles
from argosy.venture.uncertainty.outcome import Outcome, reached
from argosy.venture.uncertainty.sobol import Index, indices, sobol

_NONE = Interval(value=0.0, low=0.0, high=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What so many varying figures of one origin are behind.

    ``total`` is the share of the variance that would stay if all others were known: what rests on them, alone or
    together with others; ``alone`` the share that would go if they were known.
    """

    kind: Kind
    figures: int
    alone: Interval
    total: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A figure by what is won if it is known.

    ``share`` and ``total`` are its Sobol indices; ``gone`` the variance that would go on average, the expected value
    of perfect information on the variance; ``left`` the standard deviation that would stay. ``hint`` says how it could
    be measured, where that is given.
    """

    name: str
    kind: Kind
    share: Interval
    total: Interval
    gone: float
    left: float
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The outcome's variance by origin, and its figures, the one best to know first.

    All of it is for figures drawn without correlations.
    """

    variance: float
    by: tuple[Share, ...]
    unknown: tuple[Unknown, ...]

    def of(self, kind: Kind) -> Share:
        """What rests on figures of one origin."""
        return next(one for one in self.by if one.kind == kind)


def shares(
    model: Model,
    figures: Mapping[str, Figure],
    outcome: Outcome,
    *,
    hints: Mapping[str, str] | None = None,
    points: int = 1024,
    seed: int,
) -> Shares:
    """The shares of each origin (Sobol indices of groups) and of each figure; see ``sobol.indices``.

    ``figures`` are those of the plan and others that the outcome needs, such as the discount rate.
    """
    known = quantiles(figures)
    kinds: dict[str, Kind] = {name: figures[name].origin.kind for name in known}
    grouped = indices(lambda draws: reached(model, draws, outcome), known, groups=kinds, points=4 * points, seed=seed)
    single = sobol(model, figures, outcome, points=points, seed=seed)
    groups = {one.name: one for one in grouped.by}
    order = sorted(single.by, key=lambda one: -one.first.value)
    return Shares(
        variance=grouped.variance,
        by=tuple(_share(kind, list(kinds.values()).count(kind), groups.get(kind)) for kind in get_args(Kind)),
        unknown=tuple(_unknown(one, kinds[one.name], grouped.variance, hints or {}) for one in order),
    )


def _share(kind: Kind, count: int, found: Index | None) -> Share:
    alone, total = (_NONE, _NONE) if found is None else (_within(found.first), _within(found.total))
    return Share(kind=kind, figures=count, alone=alone, total=total)


def _unknown(one: Index, kind: Kind, variance: float, hints: Mapping[str, str]) -> Unknown:
    share = _within(one.first)
    return Unknown(
        name=one.name,
        kind=kind,
        share=share,
        total=_within(one.total),
        gone=variance * share.value,
        left=math.sqrt(variance * (1 - share.value)),
        hint=hints.get(one.name),
    )


def _within(found: Interval) -> Interval:
    """An estimate and its ends, none of them below 0 or above 1."""
    value, low, high = (min(max(one, 0.0), 1.0) for one in (found.value, found.low, found.high))
    return Interval(value=value, low=low, high=high)
