"""Whether a challenger takes the champion's place: better on new traffic, and not worse on what was known before.

Every difference is the challenger's figure less the champion's on the same labelled rows. Better on new traffic: the
paired test shows it one-sidedly, at 5 % over all challengers of one champion (see ``level``). Not worse: the 95 %
interval on old rows excludes a loss of the margin, which is the meaning of non-inferiority (Piaggio et al., JAMA
2012;308:2594). No slice may be shown to lose more than the margin, tested at 5 % over all slices together (Bonferroni).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Z
from argosy.evaluate.metrics import Ratios
from argosy.evaluate.paired import Difference, difference, paired_error
from argosy.evaluate.power import POWER

Why = Literal["better", "not_better", "forgets", "may_forget", "worse_on_slice"]
_LEVEL = 0.05
_REACH = NormalDist().inv_cdf(POWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The figures of both on some rows, their paired difference, and its standard error."""

    rows: int
    champion: float
    challenger: float
    difference: Difference
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the challenger is promoted, and why or why not; ``slice`` is the one it lost most on.

    ``needed`` rows of the kind that was too few would show with a chance of 80 % what was not shown, if the two differ
    as they did on these; None where no number of rows is known to.
    """

    promote: bool
    why: Why
    slice: str = ""
    needed: int | None = None


def shown(champion: Ratios, challenger: Ratios, *, seed: int) -> Shown:
    """Both on the same units, at least one; the seed is the permutations'."""
    return Shown(
        rows=challenger.units,
        champion=champion.value,
        challenger=challenger.value,
        difference=difference(challenger, champion, seed=seed),
        error=paired_error(challenger, champion) if challenger.units > 1 else 0.0,
    )


def level(tried: int) -> float:
    """The level of the test of the next challenger where ``tried`` were judged against this champion before.

    5 % are spent as 1/2 + 1/6 + 1/12 + …, which sum to 1: however many are tried on rows that are for the most part the
    same, a challenger that is no better is taken for better with a chance of at most 5 % (Bonferroni).

    >>> [round(level(tried), 4) for tried in range(3)]
    [0.025, 0.0083, 0.0042]
    """
    return _LEVEL / ((tried + 1) * (tried + 2))


def decide(new: Shown, old: Shown, slices: Mapping[str, Shown], *, margin: float, tried: int = 0) -> Verdict:
    """What the rows of new traffic, the rows known before, and the slices of both allow; the margin is in the metric.

    ``tried`` challengers were judged against this champion before.

    >>> gain = Difference(difference=0.2, low=0.1, high=0.3, p=0.001)
    >>> same = Difference(difference=0.0, low=-0.01, high=0.01, p=1.0)
    >>> new = Shown(rows=100, champion=0.6, challenger=0.8, difference=gain, error=0.05)
    >>> old = Shown(rows=500, champion=0.9, challenger=0.9, difference=same, error=0.005)
    >>> [decide(new, old, {}, margin=margin).why for margin in (0.03, 0.005)], decide(old, old, {}, margin=0.03).why
    (['better', 'may_forget'], 'not_better')
    """
    kept = old.difference.low > -margin
    if not kept and old.difference.high < 0:
        return Verdict(promote=False, why="forgets")
    if one_sided(new.difference) >= level(tried):
        quantile = NormalDist().inv_cdf(1 - level(tried))
        return Verdict(promote=False, why="not_better", needed=_rows(new, new.difference.difference, quantile))
    if not kept:
        return Verdict(promote=False, why="may_forget", needed=_rows(old, old.difference.difference + margin, Z))
    lost = {name: one.difference.difference for name, one in slices.items() if _worse(one, margin, len(slices))}
    if lost:
        return Verdict(promote=False, why="worse_on_slice", slice=min(lost, key=lambda name: lost[name]))
    return Verdict(promote=True, why="better")


def one_sided(found: Difference) -> float:
    """The chance of so large a gain if there were none."""
    return found.p / 2 if found.difference > 0 else 1 - found.p / 2


def live_weights(said: Sequence[str], live: Mapping[str, int], *, most: float = 10.0) -> NDArray[np.float64]:
    """How much of live traffic each labelled row stands for [rows]: their mean is 1.

    Rows are weighed by the label that the champion ``said``, so that these labels have the shares they have in ``live``
    traffic (post-stratification); by at most ``most``, and alike where the traffic is not known.

    >>> live_weights(["a", "a", "b"], {"a": 100, "b": 100}).tolist()
    [0.75, 0.75, 1.5]
    """
    counts, total = Counter(said), sum(live.get(label, 0) for label in set(said))
    if not total:
        return np.ones(len(said))
    weights = np.array([min(most, live.get(label, 0) / total * len(said) / counts[label]) for label in said])
    return np.asarray(weights / weights.mean())


def weighed(measured: Ratios, weights: NDArray[np.float64]) -> Ratios:
    """The same metric of units that count so much each [units]."""
    if np.all(weights == 1):
        return measured
    column = weights[:, None]
    return replace(measured, over=measured.over * column, under=measured.under * column)


def _worse(one: Shown, margin: float, slices: int) -> bool:
    return one.difference.difference < -margin and one_sided(_turned(one.difference)) < _LEVEL / slices


def _turned(found: Difference) -> Difference:
    return replace(found, difference=-found.difference, low=-found.high, high=-found.low)


def _rows(one: Shown, effect: float, quantile: float) -> int | None:
    """Rows on which an effect as large is found with the usual power."""
    if effect <= 0:
        return None
    if one.error == 0:  # two that agree everywhere: the interval is as wide as if they might differ somewhere
        return math.ceil(Z * math.sqrt(2) / effect)
    return max(math.ceil(one.rows * ((quantile + _REACH) * one.error / effect) ** 2), one.rows + 1)
