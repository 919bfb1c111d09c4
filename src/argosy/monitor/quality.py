"""How good answers are in use, from feedback that is late, partial and not random.

People speak up more often when an answer is wrong, and some tenants more often than others. So a report is weighted by
how rare reports like it are. Its weight is exp(z·a), where z tells whether the answer was wrong, whose it was and in
which language; a is solved so that the weighted reports match all answers in number, in each tenant's and language's
share, and in the chance of being wrong that the model's confidence tells (calibration weighting for response that
depends on the outcome: Kott and Chang, JASA 2010;105:1265). It rests on one assumption: of answers that are alike in
being right or wrong, people do not report those more often of which the model is less sure.

The accuracy is the weighted share (Hájek 1971); its variance comes from the linearised estimating equations with what
was estimated in them, summed by tenant where many tell that this is more, and its interval is that of a share of as
many rows. Where reports are too few to tell how much more often wrong answers are reported, that is taken from a longer
time or, without one, to lie in ASSUMED: the interval then holds what follows from either end, and the record tells so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from argosy.evaluate.intervals import Interval, Z, quantile_of_t, share
from argosy.evaluate.metrics import f1

LATE = 0.2
"""The share of reports still to come above which a period's figure is provisional."""
ENOUGH = 30
"""Reports below which they cannot tell how much more often wrong answers are reported."""
ASSUMED = Interval(low=1.0, value=2.0, high=5.0)
"""How many times as often wrong answers are reported, where nothing tells it."""
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Method = Literal["estimated", "given", "assumed"]
_DISTRUST = 0.01  # reports of less trust are left out
_GROUP = 10  # reports that a tenant or language needs to be weighted by itself
_OF_A_CLASS = 10  # effective reports of every label that macro-F1 needs
_BOTH = 20  # reports with a rating and a label that a rating needs to count alone
_IMPLIED = 1e-6  # of a column's square that the others leave over
_CLUSTERS = 20  # tenants from which their sums tell a variance
_STEPS, _HALVINGS = 50, 12
_STEEPEST = 30.0  # logarithm of the largest weight tried
_SINGULAR = 1e10  # condition number
_CLOSE = 1e-9
_FARTHEST = 400.0  # the ends of the odds' interval apart; beyond they tell nothing
_STRETCH = 0.02  # confidences are kept this far from 0 and 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers of a time [n]: what is known of each, and what was said of some.

    ``labels`` are the answers as label numbers, ``confidence`` what the model was sure, ``weights`` how many answers
    each stands for (1 / the share that is captured). ``right`` is 1, 0, or nan where no label came back; ``truth`` the
    label that did, or -1. ``ratings`` are 1, -1 and 0 for none. ``trust`` [n] is what a report weighs (monitor.trust).
    """

    labels: Integers
    confidence: Floats
    tenants: Sequence[str]
    languages: Sequence[str]
    weights: Floats
    right: Floats
    truth: Integers
    ratings: Integers
    trust: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The accuracy of a time's answers, with what it stands on.

    ``naive`` is the plain share of right ones among the reports, ``effective`` as how many reports at random they tell,
    ``odds`` how many times as often wrong answers are reported and ``method`` whence that is known. ``macro_f1`` is
    None where a label has too few reports; ``to_come`` is the share of reports still to come.
    """

    accuracy: Interval
    naive: float
    macro_f1: Interval | None
    reports: int
    effective: float
    odds: Interval
    method: Method
    to_come: float

    @property
    def provisional(self) -> bool:
        """Whether most likely too many reports are still to come."""
        return self.to_come > LATE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrivals:
    """How reports come in: by ``delays`` [m], rising, the ``shares`` [m] of reports have come."""

    delays: Integers
    shares: Floats

    def to_come(self, asked: Integers, now: int) -> float:
        """The share of the reports on answers given at these times that is still to come."""
        if not len(self.delays) or not len(asked):
            return 1.0
        places = np.searchsorted(self.delays, now - asked, side="right")
        return float(1 - np.concatenate([[0.0], self.shares])[places].mean())


def arrivals(asked: Integers, said: Integers, now: int) -> Arrivals:
    """How reports come in, of answers ``asked`` [m] and reports ``said`` [m] (microseconds), all before ``now``.

    What will take longer than the answers are old has not come: the estimator is that of truncated data (Lynden-Bell
    1971; Kalbfleisch and Lawless, JASA 1989;84:360), of delays up to the longest that could have been seen.
    """
    delays, ages = np.maximum(said - asked, 0), now - asked
    known = delays <= ages
    values, counts = np.unique(delays[known], return_counts=True)
    at_risk = np.cumsum(counts) - np.searchsorted(np.sort(ages[known]), values, side="left")
    kept = 1 - counts / np.maximum(at_risk, counts)
    later = np.append(np.cumprod(kept[::-1])[::-1][1:], 1.0) if len(values) else np.empty(0)
    return Arrivals(delays=values.astype(np.int64), shares=later)


def quality(
    answers: Answers, *, odds: Interval | None = None, lies: float = 0.0, to_come: float = 0.0
) -> Quality | None:
    """The accuracy with its interval; None where nobody said anything that counts.

    ``odds`` is how many times as often wrong answers are reported where a longer time has told it. ``lies`` is the
    share of the reports' weights that may be of liars (monitor.trust): the interval holds whatever these hide.
    """
    judged, doubt = _judged(answers)
    said = ~np.isnan(judged.right) & (judged.trust > _DISTRUST)
    if not said.any():
        return None
    own = _own(judged, said) if odds is None and judged.trust[said].sum() >= ENOUGH else None
    assumed = odds or ASSUMED
    cases = (
        [own] * 3 if own else [_by_odds(judged, said, times) for times in (assumed.low, assumed.value, assumed.high)]
    )
    low, middle, high = (_told(case, judged, said, doubt) for case in cases)
    return Quality(
        accuracy=_without_lies(Interval(value=middle[0].value, low=low[0].low, high=high[0].high), lies),
        naive=float(judged.right[said].mean()),
        macro_f1=_macro_f1(judged, said, cases[1]),
        reports=int(said.sum()),
        effective=middle[1],
        odds=own.odds if own else assumed,
        method="estimated" if own else "given" if odds else "assumed",
        to_come=to_come,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Doubt:
    """How unsure it is what a rating without a label means: ``places`` that rest on one, and the chance's variance."""

    places: tuple[NDArray[np.bool_], ...]
    variances: tuple[float, ...]

    def variance(self, weights: Floats, said: NDArray[np.bool_]) -> float:
        """What this adds to the variance of the weighted share."""
        shares = [float(weights[places[said]].sum() / weights.sum()) for places in self.places]
        return sum(part**2 * variance for part, variance in zip(shares, self.variances, strict=True))


def _judged(answers: Answers) -> tuple[Answers, _Doubt]:
    """The answers with a chance of being right where only a rating came, learnt where both came (Jeffreys' prior)."""
    right, places, variances = answers.right.copy(), [], []
    for rating in (1, -1):
        rated = answers.ratings == rating
        both = rated & ~np.isnan(answers.right)
        alone = rated & np.isnan(answers.right)
        rows = int(both.sum())
        if rows < _BOTH or not alone.any():
            continue
        hits = float(answers.right[both].sum()) + 0.5
        chance = hits / (rows + 1)
        right[alone] = chance
        places.append(alone)
        variances.append(chance * (1 - chance) / (rows + 2))
    return replace(answers, right=right), _Doubt(places=tuple(places), variances=tuple(variances))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solved:
    """The weights of the reports [said] that match all answers, and how unsure they are.

    ``explains`` are z [reports, k], ``moves`` [n, k] what each answer adds to each coefficient.
    """

    weights: Floats
    explains: Floats
    moves: Floats
    odds: Interval

    def changes(self, slopes: Floats, said: NDArray[np.bool_]) -> Floats:
        """What each answer adds [n] to a figure that has these slopes in the weights of the reports [said].

        It is stretched for the coefficients that were taken from as many reports as the weights leave.
        """
        found = self.moves @ (self.explains.T @ (self.weights * slopes))
        found[said] += self.weights * slopes
        rows = _kish(self.weights)
        return np.asarray(found * math.sqrt(rows / max(rows - self.explains.shape[1], 1.0)))


def _own(answers: Answers, said: NDArray[np.bool_]) -> _Solved | None:
    """Weights with the odds of these reports themselves; None where they do not tell them."""
    groups, base = _groups(answers, said), (answers.weights * answers.trust)[said]
    explains = np.column_stack([groups[said], 1 - answers.right[said]])
    matches = np.column_stack([groups, _chance_wrong(answers, said)])
    found = _newton(explains, matches[said], base, answers.weights @ matches)
    if found is None:
        return None
    solved = _linearised(answers, said, base * np.exp(explains @ found), explains, matches)
    error = math.sqrt(_variance(solved.moves[:, -1], answers.tenants)[0])
    low, value, high = (math.exp(min(-found[-1] + side * Z * error, _STEEPEST)) for side in (-1, 0, 1))
    return replace(solved, odds=Interval(low=low, value=value, high=high)) if high < _FARTHEST * low else None


def _by_odds(answers: Answers, said: NDArray[np.bool_], odds: float) -> _Solved:
    """Weights where wrong answers are reported ``odds`` times as often."""
    groups, right = _groups(answers, said), answers.right[said]
    base = (answers.weights * answers.trust)[said] * (right + (1 - right) / odds)
    found = _newton(groups[said], groups[said], base, answers.weights @ groups)
    if found is None:  # no weights give every tenant and language its share
        groups, found = groups[:, :1], np.array([math.log(answers.weights.sum() / base.sum())])
    return _linearised(answers, said, base * np.exp(groups[said] @ found), groups[said], groups)


def _linearised(
    answers: Answers, said: NDArray[np.bool_], weights: Floats, explains: Floats, matches: Floats
) -> _Solved:
    """What each answer moves where weights base · exp(z · a) make h add up to what it does over all answers.

    ``explains`` z is [reports, k], ``matches`` h is [n, k].
    """
    gaps = answers.weights[:, None] * matches
    gaps[said] -= weights[:, None] * matches[said]
    moves = gaps @ np.linalg.inv((matches[said] * weights[:, None]).T @ explains).T
    return _Solved(weights=weights, explains=explains, moves=moves, odds=ASSUMED)


def _newton(explains: Floats, matches: Floats, base: Floats, totals: Floats) -> Floats | None:
    """Solve Σ base · exp(z·a) · h = totals by Newton's steps, halved until they help; None where they end elsewhere."""
    scale = np.maximum(np.abs(totals), 1.0)

    def weighted(at: Floats) -> Floats:
        return np.asarray(matches * (base * np.exp(np.clip(explains @ at, -_STEEPEST, _STEEPEST)))[:, None])

    def gap(at: Floats) -> Floats:
        return np.asarray((weighted(at).sum(axis=0) - totals) / scale)

    found = np.zeros(explains.shape[1])
    found[0] = math.log(totals[0] / base.sum())
    for _ in range(_STEPS):
        slope = weighted(found).T @ explains / scale[:, None]
        if np.linalg.cond(slope) > _SINGULAR:
            return None
        if np.abs(gap(found)).max() < _CLOSE:
            return found
        step = np.linalg.solve(slope, -gap(found))
        sizes = (0.5**halved for halved in range(_HALVINGS))
        worst = np.abs(gap(found)).sum()
        size = next((size for size in sizes if np.abs(gap(found + size * step)).sum() < worst), None)
        if size is None:
            return None
        found = found + size * step
    return None


def _groups(answers: Answers, said: NDArray[np.bool_]) -> Floats:
    """A 1 for all, then a column for each tenant and language with enough reports that the others do not imply."""
    columns, trusted = [np.ones(len(said))], answers.trust[said]
    basis = [columns[0][said] / math.sqrt(said.sum())]
    for names in (answers.tenants, answers.languages):
        kinds, of = np.unique(np.array(names, dtype=str), return_inverse=True)
        counts = np.bincount(of[said], weights=trusted, minlength=len(kinds))
        large = [kind for kind in np.argsort(-counts, kind="stable") if counts[kind] >= _GROUP]
        if counts.sum() - counts[large].sum() < _GROUP:
            large = large[:-1]
        for kind in large[: max(int(trusted.sum()) // _GROUP - len(columns), 0)]:
            column = (of == kind).astype(np.float64)
            new = column[said] - sum(one * (one @ column[said]) for one in basis)
            if new @ new > _IMPLIED * column[said].sum():
                basis.append(new / math.sqrt(new @ new))
                columns.append(column)
    return np.column_stack(columns)


def _chance_wrong(answers: Answers, said: NDArray[np.bool_]) -> Floats:
    """How likely each answer is wrong by its confidence [n]: a logistic curve through the reports."""
    from scipy.optimize import minimize

    sure = logit(np.clip(answers.confidence, _STRETCH, 1 - _STRETCH))
    x, y, w = sure[said], 1 - answers.right[said], answers.trust[said]

    def loss(curve: Floats) -> tuple[float, Floats]:
        chance = expit(curve[0] - curve[1] * x)
        value = -float(w @ (y * np.log(chance + 1e-12) + (1 - y) * np.log(1 - chance + 1e-12)))
        pull = w * (chance - y)
        prior = np.array([0.0, curve[1] - 1.0])
        return value + 0.5 * float(prior @ prior), np.array([pull.sum(), -(pull @ x)]) + prior

    curve = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B").x
    return np.asarray(expit(curve[0] - curve[1] * sure))


def _told(case: _Solved, answers: Answers, said: NDArray[np.bool_], doubt: _Doubt) -> tuple[Interval, float]:
    """The weighted share with its interval, and as how many reports at random it tells."""
    figure = float(case.weights @ answers.right[said] / case.weights.sum())
    slopes = (answers.right[said] - figure) / case.weights.sum()
    variance, freedom = _variance(case.changes(slopes, said), answers.tenants)
    return _interval(figure, variance + doubt.variance(case.weights, said), freedom, case.weights)


def _variance(changes: Floats, owners: Sequence[str]) -> tuple[float, float]:
    """The variance by rows, or by tenants where these are many and it is more; its degrees of freedom."""
    rows = float(changes @ changes)
    _, places = np.unique(np.array(owners, dtype=object).astype(str), return_inverse=True)
    sums = np.bincount(places, weights=changes)
    clusters = len(sums)
    together = float(sums @ sums) * clusters / max(clusters - 1, 1)
    if clusters < _CLUSTERS or together <= rows:
        return rows, math.inf
    return together, max(float((sums @ sums) ** 2 / np.sum(sums**4)) - 1, 1.0)


def _kish(weights: Floats) -> float:
    """As many equal weights as these are worth (Kish 1965)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def _interval(figure: float, variance: float, freedom: float, weights: Floats) -> tuple[Interval, float]:
    """The interval of a share of as many rows as have its variance, and these rows."""
    kish = _kish(weights)
    spread_of_one = figure * (1 - figure)
    rows = min(spread_of_one / variance, 1e9) if variance > 0 and spread_of_one > 0 else kish
    stretch = quantile_of_t(math.inf) / quantile_of_t(freedom) if math.isfinite(freedom) else 1.0
    return share(figure, rows * stretch**2), rows


def _without_lies(seen: Interval, lies: float) -> Interval:
    """What the share may be of the honest reports, where ``lies`` of all are right or wrong as a liar likes."""
    if lies >= 1:
        return Interval(value=seen.value, low=0.0, high=1.0)
    low, high = max(0.0, (seen.low - lies) / (1 - lies)), min(1.0, seen.high / (1 - lies))
    return Interval(value=seen.value, low=low, high=high)


def _macro_f1(answers: Answers, said: NDArray[np.bool_], case: _Solved) -> Interval | None:
    """Macro-F1 over the labels, where each that was seen has enough reports."""
    known = answers.truth[said] >= 0
    truth, labels, part = answers.truth[said], answers.labels[said], np.where(known, case.weights, 0.0)
    classes = np.unique(np.concatenate([truth[known], labels[known]]))
    marks, given = truth[:, None] == classes, labels[:, None] == classes
    masses, squares = part @ marks, part**2 @ marks
    if not known.any() or np.any(masses**2 < _OF_A_CLASS * squares) or np.any(masses <= 0):
        return None
    rows = f1(marks & known[:, None], given & known[:, None])
    over, under = part @ rows.over, part @ rows.under
    by_over, by_under = rows.gradients(over, under)
    variance, freedom = _variance(case.changes(rows.over @ by_over + rows.under @ by_under, said), answers.tenants)
    return _interval(float(rows.figures(over, under)), variance, freedom, part)[0]
