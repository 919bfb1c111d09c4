"""Segments: customers who speak of the same needs, how many they are, how their share changes, and who they are.

A segment is a latent class of needs (``mixture``): how talkative a customer is makes none, and customers of one need
alone tell nothing of segments. They are shown only where resamples of the customers find the same ones again. Shares by
attribute and by half of the time are fitted with the segments held: customers are not counted into segments first,
which would blur both.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.venture.market.mixture import Integers, Mix, Numbers, chosen, climbed, normal, sets
from argosy.venture.market.voices import Mined

WHO = "customer"
"""The key of ``Voice.customer`` that tells one customer from another; without it each voice is one."""
MOST = 6
"""Segments at most."""
_FEWEST = 50  # customers who speak of two needs, below which no segments are sought
_SAMPLE = 5_000  # customers that segments are found among, drawn by chance; all others are put to them
_DRAWS, _SHARED = 100, 40  # resamples for intervals; steps that shares take with segments held
_VALUES, _HELD = 12, 5  # values of an attribute at most, and customers that a value has at least
_SURE = 0.05  # chance at which an attribute that tells nothing is said to tell segments apart (all of them: Holm 1979)


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
_REASONS = (FEW, ONE, UNSTABLE)


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
    mix, asked = chosen(rows, weights.astype(np.float64), most, rng)
    if mix is None:
        return _none(mined, many, UNSTABLE if asked else ONE)
    model, stability = mix
    order = np.argsort(-model.size, kind="stable")
    model = Mix(size=model.size[order], needs=model.needs[order])
    posterior = model.posterior(counts)
    draws = _draws(model, rows, of.ravel(), rng)
    said = _Said.by(model, counts)
    change = _change(mined, model, said, who, rng)
    traits = _traits(mined, model, said, who)
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


def _none(mined: Mined, many: int, why: str) -> Segmented:
    return Segmented(segments=(), of=np.empty((len(mined.voices), 0)), customers=many, stability=float("nan"), why=why)


def _customers(mined: Mined) -> Integers:
    """The number of the customer of each voice."""
    place: dict[str, int] = {}
    keys = [one.customer.get(WHO) or f"\0{at}" for at, one in enumerate(mined.voices)]
    return np.array([place.setdefault(key, len(place)) for key in keys], np.int64)


def _draws(mix: Mix, rows: Numbers, of: Integers, rng: np.random.Generator) -> Numbers:
    """The sizes in resamples of the customers [draws, segments], each fitted on from the mixture itself."""
    sizes = []
    many = len(of)
    for _ in range(_DRAWS):
        drawn = np.bincount(of[rng.integers(0, many, many)], minlength=len(rows)).astype(np.float64)
        sizes.append(climbed(mix, rows, drawn)[0].size)
    return np.array(sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What customers speak of: the set of each [customers], and how likely each set is by segment, as logarithms."""

    of: Integers
    logs: Numbers

    @classmethod
    def by(cls, mix: Mix, counts: Numbers) -> "_Said":
        rows, of = np.unique(counts, axis=0, return_inverse=True)
        return cls(of=of.ravel(), logs=sets(mix.needs, rows))

    def weights(self, customers: Integers) -> Numbers:
        """How many of these customers speak of each set."""
        return np.bincount(self.of[customers], minlength=len(self.logs)).astype(np.float64)


def _shares(mix: Mix, logs: Numbers, weights: Numbers) -> tuple[Numbers, float]:
    """The sizes of the segments among some customers, and the logarithm of the likelihood, with the segments held.

    ``logs`` [sets, segments] are those of each set in each segment, ``weights`` [sets] how many customers have it.
    """
    logs, weights = logs[weights > 0], weights[weights > 0]
    size, value = mix.size, 0.0
    for _ in range(_SHARED):
        posterior, total = normal(logs + np.log(np.maximum(size, 1e-300)))
        value = float(weights @ total)
        size = (weights @ posterior) / weights.sum()
    return size, value


def _change(mined: Mined, mix: Mix, said: _Said, who: Integers, rng: np.random.Generator) -> Numbers | None:
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
    halves = [said.weights(known[~late]), said.weights(known[late])]
    if not min(half.sum() for half in halves):
        return None
    found = []
    for draw in range(1 + _DRAWS):
        drawn = [rng.multinomial(int(half.sum()), half / half.sum()) if draw else half for half in halves]
        early, later = (_shares(mix, said.logs, one.astype(np.float64))[0] for one in drawn)
        found.append(later - early)
    return np.array(found)


def _traits(mined: Mined, mix: Mix, said: _Said, who: Integers) -> list[tuple[Trait, ...]]:
    """The traits of each segment: values that are commoner in it, of attributes that tell segments apart.

    By the likelihood ratio of sizes by value against one size for all.
    """
    from scipy.stats import chi2

    told: dict[str, tuple[float, Mapping[str, tuple[int, Numbers]]]] = {}
    for attribute, values in _attributes(mined, who).items():
        kept = {value: rows for value, rows in values.items() if len(rows) >= _HELD}
        if not 2 <= len(kept) <= _VALUES:  # noqa: PLR2004 - two values tell something apart
            continue
        sets = {value: said.weights(np.array(rows)) for value, rows in kept.items()}
        whole = _shares(mix, said.logs, np.sum(list(sets.values()), axis=0))[1]
        by = {value: _shares(mix, said.logs, weights) for value, weights in sets.items()}
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
