"""How far people who labelled the same texts agree beyond chance: Krippendorff's alpha with an interval.

The definition is that of Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), for labels that are the
same or not: labels of a unit are paired within it, so that units may have any number of them, and those with fewer than
two say nothing. The interval is the exact one of the share of pairs that differ, over what chance would give, since the
percentiles of a bootstrap over units hold the true figure far too rarely where few units differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval, share

_PAIR = 2  # labels of a unit, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Alpha over ``units`` with two labels or more, ``differ`` of which are not unanimous; ``labels`` in all.

    It is 1 where all agree, 0 for what chance gives, and None where nothing varies: every label is the same.
    """

    alpha: Interval | None
    units: int
    labels: int
    differ: int


def agreement(units: Sequence[Sequence[str]]) -> Agreement:
    """Alpha of the labels that each unit was given, by whomever; those that were not given are left out."""
    counts = _counts(units)
    return Agreement(
        alpha=_alpha(counts),
        units=len(counts),
        labels=int(counts.sum()),
        differ=int(np.sum(np.sum(counts > 0, axis=1) > 1)),
    )


def by_label(units: Sequence[Sequence[str]]) -> Mapping[str, Agreement]:
    """The agreement on each label: whether a unit has it or another one."""
    names = sorted({label for unit in units for label in unit})
    return {
        name: agreement([["this" if label == name else "other" for label in unit] for unit in units]) for name in names
    }


def _counts(units: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """How often each label was given [units, labels], for units with two or more."""
    paired = [unit for unit in units if len(unit) >= _PAIR]
    place = {label: at for at, label in enumerate(sorted({label for unit in paired for label in unit}))}
    counts = np.zeros((len(paired), len(place)))
    for row, unit in enumerate(paired):
        np.add.at(counts[row], [place[label] for label in unit], 1)
    return counts


def _alpha(counts: NDArray[np.float64]) -> Interval | None:
    """1 less the share of pairs that differ, seen over that of all labels paired at random."""
    given, totals = counts.sum(axis=1), counts.sum(axis=0)
    labels = totals.sum()
    chance = (labels**2 - np.sum(totals**2)) / (labels * (labels - 1)) if len(counts) else 0.0
    if chance == 0:
        return None
    seen = np.sum((given**2 - np.sum(counts**2, axis=1)) / (given - 1)) / labels
    apart = share(float(seen), len(counts))
    return Interval(
        value=float(1 - seen / chance), low=float(1 - apart.high / chance), high=float(1 - apart.low / chance)
    )
