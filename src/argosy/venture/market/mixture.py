"""A mixture of latent classes of sets: which of some things each speaks of, given of how many.

Latent classes (Lazarsfeld and Henry 1968), in each of which every thing has odds of its own, and a set is as likely as
the product of its odds, among all sets as large (the conditional Bernoulli law, Chen, Dempster and Liu, Biometrika
1994). Of sets of one alone no classes can be told. Classes are as many as AIC with 3 for each parameter asks for
(Bozdogan 1994; the best of seven criteria in Andrews and Currim, "Retention of latent segments in regression-based
marketing models", IJRM 2003), where resamples find the same ones again (Hennig, "Cluster-wise assessment of cluster
stability", 2007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PENALTY, _ENOUGH = 3.0, 2  # for each parameter; classes more that gain nothing, after which no more are tried
_STARTS, _STEPS, _LEAST = 5, 200, 1e-9  # of a fit; shares and odds are no smaller
_AGAIN, _FEWER, _SAME = 8, 2, 0.6  # resamples and starts of each; agreement (adjusted Rand index, median) that is asked
_SMOOTH = 0.5  # of a mention that every thing has in every class
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """A mixture: ``size`` [segments] and each row of ``needs`` [segments, needs] add up to 1."""

    size: Numbers
    needs: Numbers

    def logs(self, rows: Numbers) -> Numbers:
        """Logarithms of how likely each row [rows, needs] and each segment are together [rows, segments]."""
        return sets(self.needs, rows) + np.log(self.size)

    def posterior(self, rows: Numbers) -> Numbers:
        """How likely each row is of each segment [rows, segments]."""
        return normal(self.logs(rows))[0]


def chosen(
    rows: Numbers, weights: Numbers, most: int, rng: np.random.Generator
) -> tuple[tuple[Mix, float] | None, bool]:
    """The mixture of the best criterion that resamples find again, with its stability; and whether one was sought."""
    fits: dict[int, Mix] = {}
    criterion: dict[int, float] = {}
    for count in range(1, min(most, rows.shape[1]) + 1):
        fits[count], value = _fitted(rows, weights, count, rng)
        criterion[count] = -2 * value + _PENALTY * (count * rows.shape[1] - 1)
        if count - min(criterion, key=criterion.__getitem__) >= _ENOUGH:
            break
    asked = [count for count in sorted(criterion, key=criterion.__getitem__) if criterion[count] <= criterion[1]]
    asked = asked[: asked.index(1)]
    for count in asked:
        stability = _stability(fits[count], rows, weights, rng)
        if stability >= _SAME:
            return (fits[count], stability), True
    return None, bool(asked)


def _fitted(
    rows: Numbers, weights: Numbers, count: int, rng: np.random.Generator, starts: int = _STARTS
) -> tuple[Mix, float]:
    """The likeliest of some mixtures, and the logarithm of its likelihood."""
    overall = (weights @ rows) / (weights @ rows).sum()
    found = []
    for _ in range(1 if count == 1 else starts):
        start = np.maximum(rng.dirichlet(overall * 4 + 0.2, size=count), 1e-6)
        mix = Mix(size=np.full(count, 1 / count), needs=start / start.sum(axis=1, keepdims=True))
        found.append(climbed(mix, rows, weights))
    return max(found, key=lambda one: one[1])


def climbed(mix: Mix, rows: Numbers, weights: Numbers) -> tuple[Mix, float]:
    """The likeliest mixture near this one (L-BFGS on logarithms), and the logarithm of its likelihood."""
    from scipy.optimize import minimize

    large = np.eye(rows.shape[1] + 1)[rows.sum(axis=1).astype(np.int64)]  # [rows, sizes of sets]
    several, total = len(mix.size), float(weights.sum())

    def loss(free: Numbers) -> tuple[float, Numbers]:
        now = _unpacked(free, several)
        posterior, value = normal(rows @ np.log(now.needs).T - large @ np.log(_sums(now.needs)).T + np.log(now.size))
        heavy = posterior * weights[:, None]
        sizes = heavy.sum(axis=0) - total * now.size
        needs = heavy.T @ rows - _expected(now.needs, heavy.T @ large) + _SMOOTH * (1 - rows.shape[1] * now.needs)
        held = _SMOOTH * float(np.log(now.needs).sum())
        return -(float(weights @ value) + held) / total, -np.concatenate([sizes, needs.ravel()]) / total

    start = np.log(np.concatenate([np.maximum(mix.size, _LEAST), mix.needs.ravel()]))
    found = _unpacked(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x, several)
    return found, float(weights @ normal(found.logs(rows))[1])


def _unpacked(free: Numbers, several: int) -> Mix:
    """The mixture of free numbers: sizes, then the odds of needs by segment."""
    size, needs = np.exp(free[:several] - free[:several].max()), free[several:].reshape(several, -1)
    odds = np.maximum(np.exp(needs - needs.max(axis=1, keepdims=True)), _LEAST)
    return Mix(size=np.maximum(size / size.sum(), _LEAST), needs=odds / odds.sum(axis=1, keepdims=True))


def _sums(odds: Numbers) -> Numbers:
    """The elementary symmetric polynomials of odds [segments, needs]: [segments, 1 + needs], all sets of each size."""
    found = np.zeros((len(odds), odds.shape[1] + 1))
    found[:, 0] = 1
    for at in range(odds.shape[1]):
        found[:, 1 : at + 2] += odds[:, at, None] * found[:, : at + 1]
    return found


def sets(odds: Numbers, rows: Numbers) -> Numbers:
    """Logarithms of how likely each row's set is among those as large, in each segment [rows, segments]."""
    sizes = rows.sum(axis=1).astype(np.int64)
    return np.asarray(rows @ np.log(odds).T - np.log(_sums(odds))[:, sizes].T)


def _expected(odds: Numbers, many: Numbers) -> Numbers:
    """How often each need is to be expected [segments, needs]; ``many`` [segments, sizes] are sets of each size."""
    segments, needs = odds.shape
    others = np.nonzero(~np.eye(needs, dtype=np.bool_))[1]  # all needs but one, for each
    without = _sums(odds[:, others].reshape(segments * needs, needs - 1)).reshape(segments, needs, needs)
    return np.asarray(odds * np.einsum("ij,ikj->ik", many[:, 1:] / _sums(odds)[:, 1:], without))


def normal(logs: Numbers) -> tuple[Numbers, Numbers]:
    """Shares that add up to 1 in each row of logarithms, and the logarithm of what each row added up to."""
    top = logs.max(axis=1, keepdims=True)
    likely = np.exp(logs - top)
    total = likely.sum(axis=1, keepdims=True)
    return likely / total, (np.log(total) + top).ravel()


def _stability(mix: Mix, rows: Numbers, weights: Numbers, rng: np.random.Generator) -> float:
    """The median agreement of resamples about who is with whom, among customers who speak of two needs or more."""
    several = rows.sum(axis=1) >= 2  # noqa: PLR2004 - a pair
    own, heavy = mix.posterior(rows[several]).argmax(axis=1), weights[several]
    found = []
    for _ in range(_AGAIN):
        drawn = rng.multinomial(int(weights.sum()), weights / weights.sum()).astype(np.float64)
        again, _ = _fitted(rows, drawn, len(mix.size), rng, _FEWER)
        found.append(_agreement(own, again.posterior(rows[several]).argmax(axis=1), heavy))
    return float(np.median(found))


def _agreement(one: Integers, other: Integers, weights: Numbers) -> float:
    """The adjusted Rand index of two groupings of weighted rows (Hubert and Arabie 1985)."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), weights)

    def pairs(many: Numbers) -> float:
        return float(np.sum(many * (many - 1) / 2))

    total = pairs(np.array([table.sum()]))
    first, second = pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance, best = first * second / total, (first + second) / 2
    return (pairs(table) - chance) / (best - chance) if best > chance else 0.0
