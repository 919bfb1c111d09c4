"""Two models on the same units: the difference of a metric, its 95 % interval, and a p-value that agree.

- Where each unit is right or wrong: the exact test of McNemar (1947) and the adjusted Wald interval of Bonett and Price
  (2012), which keeps a width where the models agree everywhere; it is widened to 0 where the exact test is not passed.
- Other means of ratios: a permutation test that swaps the two answers to a unit, of the difference over its standard
  error, so that it holds for unequal models too (Janssen 1997; Chung and Romano 2013). The interval reaches as many
  standard errors to either side as the test asks for: it leaves out 0 if and only if p is at most .05.
- Ranks and correlations: the difference over its standard error (DeLong et al. 1988) by Student's t.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr
from scipy.stats import binomtest

from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import DRAWS, LARGE, LEVEL, Z, is_count, matched, quantile_of_t
from argosy.evaluate.metrics import Floats, Form, Integers, Measured, Ranked, Ratios, of_labels, spread

_SAME = 1e-9  # two sums of the same numbers in another order
_CELLS = 1_000_000  # numbers held at once while permuting
_SEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first model's figure less the second's, the ends of its 95 % interval, and the two-sided p-value."""

    difference: float
    low: float
    high: float
    p: float


def compare(metric: str, truth: Integers, a: Integers, b: Integers, classes: int, *, seed: int) -> Difference:
    """``metric`` of the predictions ``a`` less that of ``b``; label numbers [rows], at least one row."""
    return difference(of_labels(metric, truth, a, classes), of_labels(metric, truth, b, classes), seed=seed)


def difference(a: Measured, b: Measured, *, seed: int) -> Difference:
    """One metric of two models on the same units; the seed is the permutations'."""
    if is_count(a) and is_count(b) and isinstance(a, Ratios) and isinstance(b, Ratios):
        return _counted(a.over[:, 0] > 0, b.over[:, 0] > 0)
    error = paired_error(a, b)
    if isinstance(a, Ranked) or isinstance(b, Ranked):
        ranked = [one for one in (a, b) if isinstance(one, Ranked)]
        freedom = min(one.freedom for one in ranked)
        if error <= 0 and a.value != b.value:
            error = math.sqrt(sum(_at_most(one) for one in ranked))
        p = 2 * float(stdtr(freedom, -abs(a.value - b.value) / error)) if error > 0 else 1.0
        return _told(a, b, quantile_of_t(freedom) * error, p)
    if a.units > LARGE:
        p = math.erfc(abs(a.value - b.value) / error / math.sqrt(2)) if error > 0 else 1.0
        return _told(a, b, Z * error, p)
    return _permuted(a, b, np.random.default_rng(seed))


def paired_error(a: Measured, b: Measured) -> float:
    """The standard error of the difference of two models on the same units."""
    return spread(a.changes() - b.changes())


def over_seeds(a: list[Measured], b: list[Measured]) -> Difference:
    """Two methods, each trained with several seeds and measured on the same units: a claim about the methods.

    The variance is that of the units (the jackknife of the difference of the mean figures) and that of the trainings
    (between the seeds of each method, over their number), summed; Student's t with the degrees of freedom of Welch and
    Satterthwaite. A bootstrap of three seeds would draw from ten sets of them only, and too narrowly.
    Raises ProjectError for fewer than three seeds of a method.
    """
    if min(len(a), len(b)) < _SEEDS:
        raise ProjectError(
            "A claim about two methods takes at least {least} trainings of each, found {a} and {b}.",
            mend="Set [train] seeds = {least}, or compare the two models on these rows instead of the methods.",
            least=_SEEDS,
            a=len(a),
            b=len(b),
        )
    means = [np.mean([one.value for one in side]) for side in (a, b)]
    changes = [np.mean([one.changes() for one in side], axis=0) for side in (a, b)]
    parts = [(spread(changes[0] - changes[1]) ** 2, a[0].units - 1)]
    parts += [(float(np.var([one.value for one in side], ddof=1)) / len(side), len(side) - 1) for side in (a, b)]
    variance = sum(part for part, _ in parts)
    gap = float(means[0] - means[1])
    if variance <= 0:
        return Difference(difference=gap, low=gap, high=gap, p=1.0 if gap == 0 else 0.0)
    freedom = variance**2 / sum(part**2 / max(degrees, 1) for part, degrees in parts)
    half, t = quantile_of_t(freedom) * math.sqrt(variance), abs(gap) / math.sqrt(variance)
    return Difference(difference=gap, low=gap - half, high=gap + half, p=2 * float(stdtr(freedom, -t)))


def _told(a: Measured, b: Measured, half: float, p: float) -> Difference:
    """A difference that the test does not show reaches to 0, and a share's as far as if no two answers differed."""
    gap = a.value - b.value
    if p > 1 - LEVEL:
        agreed = Z * math.sqrt(2) / (a.units + 2) if isinstance(a, Ratios) and a.form is Form.SHARE else 0.0
        half = max(half, abs(gap), agreed)
    return Difference(difference=gap, low=gap - half, high=gap + half, p=min(p, 1.0))


def _at_most(one: Ranked) -> float:
    """The variance of a share of the fewest rows, for rankings that are perfect or tell nothing: they show none."""
    edge = 0.5 / (one.least + 1)
    value = min(max(abs(one.value), edge), 1 - edge)
    return value * (1 - value) / one.least


def _counted(right: np.ndarray, other: np.ndarray) -> Difference:
    rows, won, lost = len(right), int(np.sum(right & ~other)), int(np.sum(other & ~right))
    p = float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
    found = matched(won, lost, rows)
    low, high = (min(found.low, 0.0), max(found.high, 0.0)) if p > 1 - LEVEL else (found.low, found.high)
    return Difference(difference=found.value, low=low, high=high, p=p)


def _permuted(a: Ratios, b: Ratios, rng: np.random.Generator) -> Difference:
    swapping = _Swapping.of(a, b)
    (gap,), (error,) = swapping.studied(np.zeros((1, len(swapping.counts))))
    if error <= 0:
        return _told(a, b, 0.0, 1.0)
    step = max(1, _CELLS // len(swapping.counts))
    drawn = []
    for start in range(0, DRAWS, step):
        gaps, errors = swapping.studied(swapping.draw(min(step, DRAWS - start), rng))
        drawn.append(np.abs(gaps) / np.where(errors > 0, errors, np.inf))
    reached = np.sort(np.concatenate(drawn))
    p = float(1 + np.sum(reached >= abs(gap) / error - _SAME)) / (1 + DRAWS)
    return _told(a, b, float(reached[math.ceil(LEVEL * (DRAWS + 1)) - 1]) * float(error), p)


@dataclass(frozen=True, slots=True)
class _Swapping:
    """What it does to swap the two models' answers to some units; units that are alike in all stand in one cell."""

    a: Ratios
    b: Ratios
    counts: Integers  # units [cells]
    straight: Floats  # over and under of a, then of b [cells, 4 · ratios]
    crossed: Floats  # of b, then of a

    @classmethod
    def of(cls, a: Ratios, b: Ratios) -> "_Swapping":
        cells, counts = np.unique(np.hstack([a.over, a.under, b.over, b.under]), axis=0, return_counts=True)
        return cls(a, b, counts, cells, np.roll(cells, cells.shape[1] // 2, axis=1))

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """How many units of each cell change places with a chance of one half [draws, cells]."""
        if self.counts.max() == 1:
            return rng.integers(0, 2, size=(draws, len(self.counts)), dtype=np.int8).astype(np.float64)
        return rng.binomial(self.counts, 0.5, size=(draws, len(self.counts))).astype(np.float64)

    def studied(self, swaps: Floats) -> tuple[Floats, Floats]:
        """The difference and its standard error for each row of swaps [draws, cells]."""
        moved = swaps @ (self.crossed - self.straight) + self.counts @ self.straight
        over, under, over_b, under_b = np.split(moved, 4, axis=1)
        gaps = self.a.figures(over, under) - self.b.figures(over_b, under_b)
        slopes = np.hstack([*self.a.gradients(over, under), *(-part for part in self.b.gradients(over_b, under_b))])
        squares = swaps * (slopes @ self.crossed.T) ** 2 + (self.counts - swaps) * (slopes @ self.straight.T) ** 2
        rows = self.counts.sum()
        # the squared difference keeps a spread where every unit that differs does so alike
        return gaps, np.sqrt(np.sum(squares, axis=1) * rows / max(rows - 1, 1) + gaps**2 / rows**2)
