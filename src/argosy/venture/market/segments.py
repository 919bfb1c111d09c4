"""Segments: customers who speak of the same needs, how many they are, how their share changes, and who they are.

Latent classes of what customers speak of (Lazarsfeld and Henry 1968), given how many needs each speaks of: in a segment
each need has odds of its own, and a set of needs is as likely as the product of their odds, among all sets as large
(the conditional Bernoulli law, Chen, Dempster and Liu, Biometrika 1994). How talkative a customer is makes no segment,
and customers of one need alone tell nothing of segments. Segments are as many as AIC with 3 for each parameter asks for
(Bozdogan 1994; the best of seven criteria in Andrews and Currim, "Retention of latent segments in regression-based
marketing models", IJRM 2003), and shown only where resamples of the customers find the same ones again (Hennig,
"Cluster-wise assessment of cluster stability", 2007). Shares by attribute and by half of the time are fitted with the
segments held: customers are not counted into segments first, which would blur both.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval
from argosy.venture.market.voices import Mined

WHO = "customer"
"""The key of ``Voice.customer`` that tells one customer from another; without it each voice is one."""
MOST = 6
"""Segments at most."""
_FEWEST = 50  # customers who speak of two needs, below which no segments are sought
_SAMPLE = 5_000  # customers that segments are found among, drawn by chance; all others are put to them
_PENALTY = 3.0  # for each parameter
_STARTS, _STEPS, _LEAST = 6, 200, 1e-9  # of a fit; shares and odds are no smaller
_AGAIN, _FEWER, _SAME = (
    10,
    3,
    0.6,
)  # resamples and starts of each; agreement of what they find (adjusted Rand index, median) from which it is shown
_DRAWS, _SHARED = 200, 40  # resamples for intervals; steps that shares take with segments held
_SMOOTH = 0.5  # of a mention that every need has in every segment
_VALUES, _HELD = 12, 5  # values of an attribute at most, and customers that a value has at least
_SURE = 0.05  # chance at which an attribute that tells nothing is said to tell segments apart (all of them: Holm 1979)
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A value of an attribute: the share of a segment's customers that have it, and that of all customers."""

    attribute: str
    value: str
    here: float
    all: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Customers alike: ``needs`` [needs] are odds of each being spoken of, that add up to 1, ``size`` is their share.

    ``change`` is how much larger the share is in the later half of the time than in the earlier one (None: no times).
    ``telling`` are needs that they speak of more than all do, the most first; ``traits`` are values of the attributes
    that tell segments apart beyond chance, those that are commoner here, the most telling first.
    """

    needs: tuple[float, ...]
    telling: tuple[int, ...]
    size: Interval
    customers: float
    change: Interval | None
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmented:
    """The segments, the largest first, or none and ``why``; ``of`` [voices, segments] is how likely a voice is of each.

    ``stability`` is how well resamples agree with them, 1 at best (NaN where there is nothing to agree on).
    """

    segments: tuple[Segment, ...]
    of: Numbers
    customers: int
    stability: float
    why: str = ""


FEW = "Too few customers speak of two needs or more: segments cannot be told."
ONE = "What customers speak of does not fall into segments: one mix of needs explains all."
UNSTABLE = "Segments that resamples of the customers do not find again are not shown."


def segmented(mined: Mined, *, most: int = MOST, seed: int = 7) -> Segmented:
    """The segments of those who speak, by the needs that they speak of."""
    who = _customers(mined)
    many = len(np.unique(who))
    counts = np.zeros((many, len(mined.needs)))
    np.maximum.at(counts, who, mined.spoken.astype(np.float64))
    if np.sum(counts.sum(axis=1) >= 2) < _FEWEST:  # noqa: PLR2004 - a pair
        return _none(mined, many, FEW)
    rng = np.random.default_rng(seed)
    some = rng.choice(many, _SAMPLE, replace=False) if many > _SAMPLE else np.arange(many)
    rows, of, weights = np.unique(counts[some], axis=0, return_inverse=True, return_counts=True)
    mix, asked = _chosen(rows, weights.astype(np.float64), most, rng)
    if mix is None:
        return _none(mined, many, UNSTABLE if asked else ONE)
    model, stability = mix
    order = np.argsort(-model.size, kind="stable")
    model = _Mix(size=model.size[order], needs=model.needs[order])
    posterior = model.posterior(counts)
    draws = _draws(model, rows, of.ravel(), rng)
    change = _change(mined, model, counts, who, rng)
    traits = _traits(mined, model, counts, who)
    overall = counts.sum(axis=0) / counts.sum()
    found = tuple(
        Segment(
            needs=tuple(model.needs[at].tolist()),
            telling=tuple(
                int(one)
                for one in np.argsort(-model.needs[at] * np.log(model.needs[at] / overall))
                if model.needs[at][one] > overall[one]
            ),
            size=_interval(float(model.size[at]), draws[:, at]),
            customers=float(posterior[:, at].sum()),
            change=None if change is None else _interval(float(change[0, at]), change[1:, at]),
            traits=traits[at],
        )
        for at in range(len(model.size))
    )
    return Segmented(segments=found, of=posterior[who], customers=many, stability=stability)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mix:
    """A mixture: ``size`` [segments] and ``needs`` [segments, needs] add up to 1."""

    size: Numbers
    needs: Numbers

    def logs(self, rows: Numbers) -> Numbers:
        """Logarithms of how likely each row [rows, needs] and each segment are together [rows, segments]."""
        return _sets(self.needs, rows) + np.log(self.size)

    def posterior(self, rows: Numbers) -> Numbers:
        """How likely each row is of each segment [rows, segments]."""
        return _normal(self.logs(rows))[0]


def _none(mined: Mined, many: int, why: str) -> Segmented:
    return Segmented(segments=(), of=np.empty((len(mined.voices), 0)), customers=many, stability=float("nan"), why=why)


def _customers(mined: Mined) -> Integers:
    """The number of the customer of each voice."""
    place: dict[str, int] = {}
    keys = [one.customer.get(WHO) or f"\0{at}" for at, one in enumerate(mined.voices)]
    return np.array([place.setdefault(key, len(place)) for key in keys], np.int64)


def _chosen(
    rows: Numbers, weights: Numbers, most: int, rng: np.random.Generator
) -> tuple[tuple[_Mix, float] | None, bool]:
    """The mixture of the best criterion that resamples find again, with its stability; and whether one was sought."""
    several = range(1, min(most, rows.shape[1]) + 1)
    fits = {count: _fitted(rows, weights, count, rng) for count in several}
    criterion = {count: -2 * value + _PENALTY * (count * rows.shape[1] - 1) for count, (_, value) in fits.items()}
    asked = [count for count in sorted(criterion, key=criterion.__getitem__) if criterion[count] <= criterion[1]]
    asked = asked[: asked.index(1)]
    for count in asked:
        stability = _stability(fits[count][0], rows, weights, rng)
        if stability >= _SAME:
            return (fits[count][0], stability), True
    return None, bool(asked)


def _fitted(
    rows: Numbers, weights: Numbers, count: int, rng: np.random.Generator, starts: int = _STARTS
) -> tuple[_Mix, float]:
    """The likeliest of some mixtures, and the logarithm of its likelihood."""
    best: tuple[_Mix, float] | None = None
    overall = (weights @ rows) / (weights @ rows).sum()
    for _ in range(1 if count == 1 else starts):
        start = np.maximum(rng.dirichlet(overall * 4 + 0.2, size=count), 1e-6)
        mix = _Mix(size=np.full(count, 1 / count), needs=start / start.sum(axis=1, keepdims=True))
        found = _climbed(mix, rows, weights)
        if best is None or found[1] > best[1]:
            best = found
    assert best is not None  # noqa: S101 - at least one start
    return best


def _climbed(mix: _Mix, rows: Numbers, weights: Numbers) -> tuple[_Mix, float]:
    """The likeliest mixture near this one (L-BFGS on logarithms), and the logarithm of its likelihood."""
    from scipy.optimize import minimize

    large = np.eye(rows.shape[1] + 1)[rows.sum(axis=1).astype(np.int64)]  # [rows, sizes of sets]
    several, total = len(mix.size), float(weights.sum())

    def loss(free: Numbers) -> tuple[float, Numbers]:
        now = _unpacked(free, several)
        posterior, value = _normal(rows @ np.log(now.needs).T - large @ np.log(_sums(now.needs)).T + np.log(now.size))
        heavy = posterior * weights[:, None]
        sizes = heavy.sum(axis=0) - total * now.size
        needs = heavy.T @ rows - _expected(now.needs, heavy.T @ large) + _SMOOTH * (1 - rows.shape[1] * now.needs)
        held = _SMOOTH * float(np.log(now.needs).sum())
        return -(float(weights @ value) + held) / total, -np.concatenate([sizes, needs.ravel()]) / total

    start = np.log(np.concatenate([np.maximum(mix.size, _LEAST), mix.needs.ravel()]))
    found = _unpacked(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x, several)
    return found, float(weights @ _normal(found.logs(rows))[1])


def _unpacked(free: Numbers, several: int) -> _Mix:
    """The mixture of free numbers: sizes, then the odds of needs by segment."""
    size, needs = np.exp(free[:several] - free[:several].max()), free[several:].reshape(several, -1)
    odds = np.maximum(np.exp(needs - needs.max(axis=1, keepdims=True)), _LEAST)
    return _Mix(size=np.maximum(size / size.sum(), _LEAST), needs=odds / odds.sum(axis=1, keepdims=True))


def _sums(odds: Numbers) -> Numbers:
    """The elementary symmetric polynomials of odds [segments, needs]: [segments, 1 + needs], all sets of each size."""
    found = np.zeros((len(odds), odds.shape[1] + 1))
    found[:, 0] = 1
    for at in range(odds.shape[1]):
        found[:, 1 : at + 2] += odds[:, at, None] * found[:, : at + 1]
    return found


def _sets(odds: Numbers, rows: Numbers) -> Numbers:
    """Logarithms of how likely each row's set is among those as large, in each segment [rows, segments]."""
    sizes = rows.sum(axis=1).astype(np.int64)
    return np.asarray(rows @ np.log(odds).T - np.log(_sums(odds))[:, sizes].T)


def _expected(odds: Numbers, many: Numbers) -> Numbers:
    """How often each need is to be expected [segments, needs]; ``many`` [segments, sizes] are sets of each size."""
    segments, needs = odds.shape
    others = np.stack([np.delete(odds, at, axis=1) for at in range(needs)], axis=1)  # [segments, needs, needs - 1]
    without = _sums(others.reshape(segments * needs, needs - 1)).reshape(segments, needs, needs)
    return np.asarray(odds * np.einsum("ij,ikj->ik", many[:, 1:] / _sums(odds)[:, 1:], without))


def _normal(logs: Numbers) -> tuple[Numbers, Numbers]:
    top = logs.max(axis=1, keepdims=True)
    likely = np.exp(logs - top)
    total = likely.sum(axis=1, keepdims=True)
    return likely / total, (np.log(total) + top).ravel()


def _stability(mix: _Mix, rows: Numbers, weights: Numbers, rng: np.random.Generator) -> float:
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


def _draws(mix: _Mix, rows: Numbers, of: Integers, rng: np.random.Generator) -> Numbers:
    """The sizes in resamples of the customers [draws, segments], each fitted on from the mixture itself."""
    sizes = []
    many = len(of)
    for _ in range(_DRAWS):
        drawn = np.bincount(of[rng.integers(0, many, many)], minlength=len(rows)).astype(np.float64)
        sizes.append(_climbed(mix, rows, drawn)[0].size)
    return np.array(sizes)


def _shares(mix: _Mix, logs: Numbers, weights: Numbers | None = None) -> tuple[Numbers, float]:
    """The sizes of the segments among some customers, and the logarithm of the likelihood, with the segments held.

    ``logs`` [customers, segments] are those of what each says in each segment.
    """
    weights = np.ones(len(logs)) if weights is None else weights
    size, value = mix.size, 0.0
    for _ in range(_SHARED):
        posterior, total = _normal(logs + np.log(np.maximum(size, 1e-300)))
        value = float(weights @ total)
        size = (weights @ posterior) / weights.sum()
    return size, value


def _change(mined: Mined, mix: _Mix, counts: Numbers, who: Integers, rng: np.random.Generator) -> Numbers | None:
    """The share in the later half less that in the earlier one: the estimate, then resamples [1 + draws, segments]."""
    first: dict[int, float] = {}
    for customer, voice in zip(who.tolist(), mined.voices, strict=True):
        if voice.time is not None:
            first[customer] = min(first.get(customer, np.inf), voice.time.timestamp())
    if len(first) < _FEWEST or len(set(first.values())) < 2:  # noqa: PLR2004 - two moments make an order
        return None
    known = np.array(sorted(first))
    times = np.array([first[one] for one in known.tolist()])
    late = times > np.median(times)
    if not late.any():
        late = times >= np.median(times)
    logs = _sets(mix.needs, counts[known])
    halves = [logs[~late], logs[late]]
    if not min(map(len, halves)):
        return None
    found = [_shares(mix, halves[1])[0] - _shares(mix, halves[0])[0]]
    for _ in range(_DRAWS):
        early, later = (half[rng.integers(0, len(half), len(half))] for half in halves)
        found.append(_shares(mix, later)[0] - _shares(mix, early)[0])
    return np.array(found)


def _traits(mined: Mined, mix: _Mix, counts: Numbers, who: Integers) -> list[tuple[Trait, ...]]:
    """The traits of each segment: values that are commoner in it, of attributes that tell segments apart.

    By the likelihood ratio of sizes by value against one size for all.
    """
    from scipy.stats import chi2

    logs = _sets(mix.needs, counts)
    told: dict[str, tuple[float, Mapping[str, tuple[int, Numbers]]]] = {}
    for attribute, values in _attributes(mined, who).items():
        kept = {value: rows for value, rows in values.items() if len(rows) >= _HELD}
        if not 2 <= len(kept) <= _VALUES:  # noqa: PLR2004 - two values tell something apart
            continue
        whole = _shares(mix, logs[np.concatenate([np.array(rows) for rows in kept.values()])])[1]
        by = {value: _shares(mix, logs[rows]) for value, rows in kept.items()}
        ratio = 2 * (sum(value for _, value in by.values()) - whole)
        chance = float(chi2.sf(max(ratio, 0), (len(kept) - 1) * (len(mix.size) - 1)))
        told[attribute] = chance, {value: (len(kept[value]), by[value][0]) for value in kept}
    sure = _sure({attribute: chance for attribute, (chance, _) in told.items()})
    return [
        tuple(sorted(
            (one for attribute in sure for one in _of_segment(attribute, told[attribute][1], at)),
            key=lambda one: (-one.here * np.log(one.here / one.all), one.attribute, one.value),
        ))
        for at in range(len(mix.size))
    ]  # fmt: skip


def _of_segment(attribute: str, values: Mapping[str, tuple[int, Numbers]], at: int) -> list[Trait]:
    total = sum(many for many, _ in values.values())
    inside = sum(many * float(size[at]) for many, size in values.values())
    found = [
        Trait(attribute=attribute, value=value, here=many * float(size[at]) / inside, all=many / total)
        for value, (many, size) in values.items()
        if inside > 0
    ]
    return [one for one in found if one.here > one.all]


def _attributes(mined: Mined, who: Integers) -> dict[str, dict[str, list[int]]]:
    """The customers of each value of each attribute."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    seen: set[tuple[int, str]] = set()
    for customer, voice in zip(who.tolist(), mined.voices, strict=True):
        for attribute, value in voice.customer.items():
            if attribute != WHO and value and (customer, attribute) not in seen:
                seen.add((customer, attribute))
                found[attribute][value].append(customer)
    return found


def _sure(chances: Mapping[str, float]) -> list[str]:
    """The attributes that tell segments apart, at the level of all tests together."""
    found = []
    for at, name in enumerate(sorted(chances, key=lambda name: (chances[name], name))):
        if chances[name] > _SURE / (len(chances) - at):
            break
        found.append(name)
    return found


def _interval(value: float, drawn: Numbers) -> Interval:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(value=value, low=min(float(low), value), high=max(float(high), value))
