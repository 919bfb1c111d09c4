"""Whether recent texts come from where the reference texts came from: two tests on their vectors, and what differs.

- Maximum mean discrepancy (Gretton et al. 2012), the unbiased quadratic estimator with a Gaussian kernel.
- A classifier two-sample test (Lopez-Paz and Oquab 2017): regularised least squares on the same kernel tells old from
  new, each text by a fit without its fold. Such scores are linear in what is old and new, so that every permutation
  costs a matrix product and no fit. Its ROC-AUC is the size that people understand.

*Tenants*: a tenant with REGULAR texts or more on either side is a stratum: its recent texts weigh together what the
tenant's share in the reference is, however many they are, and old and new are permuted within it alone. So the test is
exact when a tenant sends more than usual, as long as its own texts are of the usual kind. The other tenants are one
more stratum, in which a tenant holds at most CAP of the recent texts or twice its usual share (a flood is thinned at
random); where these are too few they count with the largest. A tenant's copies of one text count once.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.special import ndtr, ndtri

from argosy.evaluate.intervals import Interval, share

REGULAR = 20
CAP = 0.1
SHOWN = 10
PERMUTATIONS = 999
_REFITS = 199  # permutations of the classifier, whose ROC-AUC is close to normal
_FOLDS = 5
_WIDTH = 0.3  # of the median squared distance; narrower than the median itself, since a new topic is a small cloud
_RIDGE = 0.5  # of the mean eigenvalue
_FEW = 10  # permuted values as large as the observed one, below which the tail is that of a gamma law
_TINY = 1e-15  # below the variance that one pair in the wrong order gives
_NEAR = 0.03  # of the median squared distance: examples nearer to each other show the same
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Texts as vectors [texts, dimensions], whose they are, and the slices each belongs to, such as ``language``."""

    vectors: NDArray[np.float32]
    tenants: Sequence[str]
    slices: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How unlike recent texts are: ``score`` is standard normal when nothing changed, and ``p_value`` its upper tail.

    ``size`` is the squared discrepancy; ``told_apart`` the chance that a classifier finds the newer of an old and a
    new text (one half: no better than a guess), with its own ``told_p_value``. ``examples`` are numbers of recent
    texts, the most unlike the reference first. ``slices`` are the shares of what pulls the two apart by name, such as
    ``language=zh``; those of one kind add up to 1. ``reference`` and ``recent`` tell how many texts counted.
    """

    p_value: float
    score: float
    size: float
    told_apart: Interval
    told_p_value: float
    examples: tuple[int, ...]
    slices: Mapping[str, float]
    reference: int
    recent: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pooled:
    """Texts of both sides, the reference first: their kernel [n, n] without its diagonal, who is new, and weights.

    ``old`` and ``new`` [n] are what a text weighs as one or the other. Labels are permuted within a stratum and fold.
    """

    kernel: _Singles
    is_new: _Singles
    old: _Singles
    new: _Singles
    strata: Integers
    folds: Integers


def drift(reference: Sample, recent: Sample, *, seed: int, permutations: int = PERMUTATIONS) -> Drift | None:
    """Test recent texts against the reference; None when fewer than REGULAR texts count on either side."""
    rng = np.random.default_rng(seed)
    old, new = _first_copies(reference), _first_copies(recent)
    new = new[_thinned(_of(reference.tenants, old), _of(recent.tenants, new), rng)]
    if min(len(old), len(new)) < REGULAR:
        return None
    strata = _strata(_of(reference.tenants, old), _of(recent.tenants, new))
    pooled = _pool(np.concatenate([reference.vectors[old], recent.vectors[new]]), *strata, rng)
    labels = _permuted(pooled, permutations, rng)
    sizes = _discrepancies(pooled.kernel, labels * pooled.new[:, None], (1 - labels) * pooled.old[:, None])
    p_value = upper_tail(float(sizes[0]), sizes[1:])
    scores = _scores(pooled, labels[:, : _REFITS + 1])
    areas = _areas(scores, labels[:, : _REFITS + 1], pooled)
    pulls, beside = _pulls(pooled), pooled.kernel[len(old) :, len(old) :]
    return Drift(
        p_value=p_value,
        score=float(-ndtri(p_value)),
        size=float(sizes[0]),
        told_apart=_told_apart(scores[:, 0], float(areas[0]), pooled),
        told_p_value=float(ndtr((areas[1:].mean() - areas[0]) / areas[1:].std(ddof=1))),
        examples=tuple(int(new[place]) for place in _examples(scores[len(old) :, 0], beside)),
        slices=_shares(pulls[: len(old)], _slices(reference, old), pulls[len(old) :], _slices(recent, new)),
        reference=len(old),
        recent=len(new),
    )


def _discrepancies(kernel: _Singles, new: _Singles, old: _Singles) -> Floats:
    """Squared discrepancies [draws] for weights [n, draws] that sum to 1 on either side; the diagonal must be 0."""
    of_new = kernel @ new
    within_new = np.einsum("ik,ik->k", new, of_new, dtype=np.float64)
    across = np.einsum("ik,ik->k", old, of_new, dtype=np.float64)
    within_old = np.einsum("ik,ik->k", old, kernel @ old, dtype=np.float64)
    pairs_new, pairs_old = (1 - np.einsum("ik,ik->k", side, side, dtype=np.float64) for side in (new, old))
    return np.asarray(within_new / pairs_new + within_old / pairs_old - 2 * across)


def upper_tail(observed: float, permuted: Floats) -> float:
    """The share of permuted values as large; far out, where few are, that of the gamma law with their three moments."""
    as_large = int(np.sum(permuted >= observed))
    if as_large >= _FEW:
        return (1 + as_large) / (1 + len(permuted))
    from scipy.stats import pearson3, skew

    skewness = max(float(skew(permuted)), 0.0)
    spread = float(permuted.std(ddof=1))
    if spread <= 0:
        return 1.0
    tail = float(pearson3.sf(observed, skewness, loc=float(permuted.mean()), scale=spread))
    return min(max(tail, 1e-300), (1 + _FEW) / (1 + len(permuted)))


def _of(names: Sequence[str], places: Integers) -> list[str]:
    return [names[place] for place in places]


def _slices(sample: Sample, places: Integers) -> list[list[str]]:
    """The names of the slices of each of these texts, such as ``language=zh``."""
    return [[f"{name}={values[place]}" for name, values in sample.slices.items()] for place in places]


def _first_copies(sample: Sample) -> Integers:
    """The numbers of the texts without what a tenant repeats."""
    seen: dict[tuple[str, bytes], int] = {}
    for place, (tenant, vector) in enumerate(zip(sample.tenants, sample.vectors, strict=True)):
        seen.setdefault((tenant, vector.tobytes()), place)
    return np.fromiter(seen.values(), dtype=np.int64, count=len(seen))


def _thinned(old: Sequence[str], new: Sequence[str], rng: np.random.Generator) -> Integers:
    """The places of recent texts that count: of a tenant that is not regular CAP of all, or twice its usual share."""
    usual, sent = Counter(old), Counter(new)
    names = np.array(new, dtype=object)
    kept = [np.empty(0, dtype=np.int64)]
    for name, count in sent.items():
        places = np.flatnonzero(names == name)
        most = max(CAP, 2 * usual[name] / max(len(old), 1))
        limit = math.ceil(most / (1 - most) * (len(new) - count)) if most < 1 else count
        regular = min(count, usual[name]) >= REGULAR
        kept.append(places if regular or count <= limit else rng.choice(places, limit, replace=False))
    return np.sort(np.concatenate(kept))


def _strata(old: Sequence[str], new: Sequence[str]) -> tuple[Integers, Integers]:
    """The stratum of each text on either side: regular tenants from 1 on, the largest first, the others 0."""
    usual, sent = Counter(old), Counter(new)
    regular = [name for name, count in usual.most_common() if min(count, sent[name]) >= REGULAR]
    number = {name: place for place, name in enumerate(regular, 1)}
    first, second = (np.array([number.get(name, 0) for name in side], dtype=np.int64) for side in (old, new))
    if regular and min(np.sum(first == 0), np.sum(second == 0)) < REGULAR:
        return np.maximum(first, 1), np.maximum(second, 1)
    return first, second


def _pool(vectors: NDArray[np.float32], old: Integers, new: Integers, rng: np.random.Generator) -> _Pooled:
    strata = np.concatenate([old, new])
    is_new = np.arange(len(strata)) >= len(old)
    folds, weights = np.empty(len(strata), dtype=np.int64), np.empty(len(strata))
    for stratum in np.unique(strata):
        usual = np.mean(old == stratum)
        for side in (is_new, ~is_new):
            places = rng.permutation(np.flatnonzero(side & (strata == stratum)))
            folds[places] = np.arange(len(places)) % _FOLDS
        weights[strata == stratum] = usual / np.sum(new == stratum)
    return _Pooled(
        kernel=_kernel(vectors),
        is_new=is_new.astype(np.float32),
        old=np.full(len(strata), 1 / len(old), dtype=np.float32),
        new=weights.astype(np.float32),
        strata=strata,
        folds=folds,
    )


def _kernel(vectors: NDArray[np.float32]) -> _Singles:
    """The Gaussian kernel [n, n] with 0 in place of its diagonal."""
    centred = vectors - vectors.mean(axis=0)
    lengths = np.einsum("ik,ik->i", centred, centred)
    squares = np.maximum(lengths[:, None] + lengths[None] - 2 * centred @ centred.T, 0)
    median = float(np.median(squares[np.triu_indices(len(squares), 1)]))
    kernel = np.exp(-squares / (2 * _WIDTH * median)) if median > 0 else np.ones_like(squares)
    np.fill_diagonal(kernel, 0)
    return np.asarray(kernel, dtype=np.float32)


def _permuted(pooled: _Pooled, draws: int, rng: np.random.Generator) -> _Singles:
    """Who is new [n, 1 + draws]: as it is, then permuted within each block."""
    blocks = pooled.strata * _FOLDS + pooled.folds
    places = np.argsort(blocks, kind="stable")
    drawn = np.argsort(blocks[None] + rng.random((draws, len(blocks))), axis=1)
    labels = np.empty((len(blocks), 1 + draws), dtype=np.float32)
    labels[:, 0] = pooled.is_new
    labels[places, 1:] = pooled.is_new[drawn].T
    return labels


def _scores(pooled: _Pooled, labels: _Singles) -> _Singles:
    """How new each text looks [n, draws] to a fit on the other folds, within its stratum."""
    scores = np.empty_like(labels)
    ridge = np.float32(1 + _RIDGE)
    for fold in range(_FOLDS):
        held, known = pooled.folds == fold, pooled.folds != fold
        aims, strata = labels[known], pooled.strata[known]
        for stratum in np.unique(strata):
            aims[strata == stratum] -= aims[strata == stratum].mean(axis=0)
        between = pooled.kernel[np.ix_(known, known)] + ridge * np.eye(len(aims), dtype=np.float32)
        scores[held] = pooled.kernel[np.ix_(held, known)] @ solve(between, aims, assume_a="pos", check_finite=False)
    return scores


def _areas(scores: _Singles, labels: _Singles, pooled: _Pooled) -> Floats:
    """The weighted ROC-AUC of each draw [draws]."""
    order = np.argsort(scores, axis=0)
    sorted_labels = np.take_along_axis(labels, order, axis=0)
    below = np.cumsum((1 - sorted_labels) * pooled.old[order], axis=0, dtype=np.float64)
    new = sorted_labels * pooled.new[order]
    return np.asarray((new * below).sum(axis=0) / new.sum(axis=0, dtype=np.float64) / below[-1])


def _told_apart(scores: _Singles, area: float, pooled: _Pooled) -> Interval:
    """The ROC-AUC with the interval of a share with its variance (DeLong et al. 1988, with weights)."""
    new = pooled.is_new > 0
    above = scores[new][:, None] > scores[~new][None]
    sides = (side.astype(np.float64) for side in (pooled.new[new], pooled.old[~new]))
    weights_new, weights_old = (side / side.sum() for side in sides)
    of_new, of_old = above @ weights_old, weights_new @ above
    variance = float(np.sum((weights_new * (of_new - area)) ** 2) + np.sum((weights_old * (of_old - area)) ** 2))
    if variance <= _TINY:  # every new text looks newer than every old one, or older
        return share(min(area, 1.0), min(len(of_new), len(of_old)))
    return share(area, area * (1 - area) / variance)


def _pulls(pooled: _Pooled) -> Floats:
    """What each text adds to the squared discrepancy [n]."""
    new, old = pooled.is_new * pooled.new, (1 - pooled.is_new) * pooled.old
    of_new, of_old = pooled.kernel @ new, pooled.kernel @ old
    pull = new * (of_new / (1 - np.sum(new**2)) - of_old) + old * (of_old / (1 - np.sum(old**2)) - of_new)
    return np.asarray(pull, dtype=np.float64)


def _shares(
    old: Floats, slices_of_old: Sequence[Sequence[str]], new: Floats, slices_of_new: Sequence[Sequence[str]]
) -> dict[str, float]:
    """What the pulls of each slice add up to, as a share among those of its kind that pull apart; the largest first."""
    sums: dict[str, float] = defaultdict(float)
    for pulls, slices in ((old, slices_of_old), (new, slices_of_new)):
        for pull, names in zip(pulls, slices, strict=True):
            for name in names:
                sums[name] += float(pull)
    kinds: dict[str, float] = defaultdict(float)
    for name, pull in sums.items():
        kinds[_kind(name)] += max(pull, 0.0)
    apart = {name: pull / kinds[_kind(name)] for name, pull in sums.items() if pull > 0}
    return {name: apart[name] for name in sorted(apart, key=lambda name: -apart[name])}


def _kind(name: str) -> str:
    return name.partition("=")[0]


def _examples(scores: _Singles, kernel: _Singles) -> list[int]:
    """The places of recent texts that look newest, without those that lie near one already shown."""
    shown: list[int] = []
    nearest = np.exp(-_NEAR / (2 * _WIDTH))
    for place in np.argsort(-scores, kind="stable"):
        if len(shown) < SHOWN and (not shown or kernel[place, shown].max() < nearest):
            shown.append(int(place))
    return shown
