"""Candidate positions: a segment and one or more of its needs, each scored by five criteria from 0 to 1.

- ``need``: of all that is spoken of, the share that is this segment speaking of these needs, over that of the candidate
  with the largest.
- ``gap``: 1 less the segment's satisfaction with rivals in these needs (the market's, where the segment does not say).
- ``quality``: how well one's own model meets the needs, as measured, or else as customers of the own brand say; a need
  of which neither is known counts as 0, for nothing is shown.
- ``cost``: 1 less the cost of the needs over that of the dearest candidate; a need without a cost counts as much as the
  dearest one.
- ``competition``: (1 - H) / (1 - 1 / B), with H the Herfindahl-Hirschman index of praise among B rivals: 0 where one
  rival owns the praise, 1 where all have as much.

Of several needs, ``gap``, ``quality`` and ``competition`` are means by how much the segment speaks of each. The score
is the sum of the criteria by their weights (simple additive weighting: Hwang and Yoon 1981). A criterion that cannot
be told of any candidate is left out, and its weight with it. No scale but that of ``need`` and ``cost`` depends on
which candidates there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval
from argosy.venture.market.resamples import Numbers, around, resampled
from argosy.venture.market.segments import Segmented
from argosy.venture.market.voices import Mined
from argosy.venture.market.white_spaces import concentration, praised

CRITERIA = ("need", "gap", "quality", "cost", "competition")
_TELLING = 5  # needs of a segment that make candidates
_HEARD = 3.0  # of a segment's voices, below which the market speaks for it
_LEAST = 1e-12
Group = tuple[int | None, tuple[int, ...]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """A figure that was given for a need, with the range in which it may well lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What positions are sought for: the rivals, the own brand if any, and by need the own quality (0 to 1) and cost.

    ``weights`` are by criterion, ``together`` is how many needs a position has at most.
    """

    rivals: Sequence[str]
    own: str | None
    quality: Mapping[str, Reckoned]
    cost: Mapping[str, Reckoned]
    weights: Mapping[str, float]
    together: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A candidate: the number of its segment (None: all customers), its needs by number, its criteria and its score.

    The intervals are of resampled voices, and of the ranges of what was given.
    """

    segment: int | None
    needs: tuple[int, ...]
    criteria: Mapping[str, Interval]
    score: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """The candidates, the best first; the weights that were used, which add up to 1; what could not be told.

    ``values`` [candidates, criteria] are in the order of ``weights``; ``first`` is how often each is first in
    resamples of the voices.
    """

    candidates: tuple[Position, ...]
    weights: Mapping[str, float]
    values: Numbers
    first: Numbers
    notes: tuple[str, ...] = ()


NO_RIVALS = "No rival is in the texts: the gap is what the one brand leaves open, and competition is not told."
NO_SENTIMENT = "What is felt is not told: positions are not scored by their gap, nor by competition."
NO_QUALITY = "Neither is an own quality given nor does the own brand stand in the texts: positions are scored without."
NO_COST = "No cost of a need is given: positions are scored without."
SOME_QUALITY = "Of some needs the own quality is not known: it counts as 0."
SOME_COST = "Of some needs no cost is given: it counts as that of the dearest."
_REASONS = (NO_RIVALS, NO_SENTIMENT, NO_QUALITY, NO_COST, SOME_QUALITY, SOME_COST)


def positions(mined: Mined, segmented: Segmented, asked: Asked, *, seed: int = 7) -> Positions:
    """The candidate positions of these segments (of all customers as one, where there are none), the best first."""
    groups = candidates(mined, segmented, asked.together)
    if not groups:
        return Positions(candidates=(), weights={}, values=np.zeros((0, 0)), first=np.zeros(0))
    told, notes = _told(mined, segmented, asked, groups, seed)
    kept = [name for name in CRITERIA if name in told and asked.weights.get(name, 0) > 0]
    whole = sum(asked.weights[name] for name in kept)
    if not kept:
        return Positions(candidates=(), weights={}, values=np.zeros((0, 0)), first=np.zeros(0), notes=tuple(notes))
    weights = {name: asked.weights[name] / whole for name in kept}
    scores = np.sum([told[name] * weight for name, weight in weights.items()], axis=0)
    order = np.argsort(-scores[0], kind="stable")
    best = scores[1:, order].argmax(axis=1)
    found = tuple(
        Position(
            segment=groups[at][0],
            needs=groups[at][1],
            criteria={name: _interval(told[name][:, at]) for name in kept},
            score=_interval(scores[:, at]),
        )
        for at in order.tolist()
    )
    values = np.array([told[name][0, order] for name in kept]).T
    first = np.bincount(best, minlength=len(order)) / len(best)
    return Positions(candidates=found, weights=weights, values=values, first=first, notes=tuple(notes))


def candidates(mined: Mined, segmented: Segmented, together: int) -> list[Group]:
    """Each segment with each set of at most ``together`` of the needs that it speaks of more than all do."""
    if not mined.needs or not len(mined.voices):
        return []
    spoken = np.argsort(-mined.spoken.sum(axis=0), kind="stable").tolist()
    groups: list[tuple[int | None, Sequence[int]]] = [
        (at, (one.telling or tuple(spoken))[:_TELLING]) for at, one in enumerate(segmented.segments)
    ] or [(None, spoken[:_TELLING])]
    return [
        (segment, tuple(some))
        for segment, needs in groups
        for many in range(1, together + 1)
        for some in combinations(needs, many)
    ]


def _told(
    mined: Mined, segmented: Segmented, asked: Asked, groups: Sequence[Group], seed: int
) -> tuple[dict[str, Numbers], list[str]]:
    """What is told of the candidates by criterion [draws, candidates], the first draw the estimate; and notes."""
    rng = np.random.default_rng(seed)
    weights = resampled(len(mined.voices), seed)
    of = segmented.of.T if segmented.segments else np.ones((1, len(mined.voices)))
    speaks = np.stack([(weights * row) @ mined.spoken for row in of], axis=1)
    sets = _Sets(sets=[(segment or 0, list(needs)) for segment, needs in groups], speaks=speaks)
    share = sets.total(speaks)
    told = {"need": share / np.maximum(share.max(axis=1, keepdims=True), _LEAST)}
    notes = [] if asked.rivals else [NO_RIVALS]
    if np.isnan(mined.felt).all():
        notes.append(NO_SENTIMENT)
    else:
        told["gap"] = sets.mean(1 - _satisfaction(mined, asked.rivals, weights, of))
        if len(asked.rivals) > 1:
            praise, _ = praised(mined, asked.rivals, weights)
            evenness = (1 - concentration(praise)) / (1 - 1 / len(asked.rivals))
            told["competition"] = sets.mean(np.nan_to_num(evenness, nan=0.0)[:, None])
    quality, known = _quality(mined, asked, weights, rng)
    if known.any():
        told["quality"] = sets.mean(quality[:, None])
    notes += _missing(known, sets, NO_QUALITY, SOME_QUALITY)
    cost, known = _given(mined, asked.cost, len(weights), rng)
    if known.any():
        cost[:, ~known] = cost[:, known].max(axis=1, keepdims=True)
        sums = sets.total(np.broadcast_to(cost[:, None], speaks.shape))
        told["cost"] = 1 - sums / np.maximum(sums.max(axis=1, keepdims=True), _LEAST)
    return told, notes + _missing(known, sets, NO_COST, SOME_COST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sets:
    """The segment and the needs of each candidate, and how much segments speak of needs [draws, segments, needs]."""

    sets: Sequence[tuple[int, list[int]]]
    speaks: Numbers

    @property
    def needs(self) -> list[int]:
        return sorted({one for _, needs in self.sets for one in needs})

    def total(self, by_need: Numbers) -> Numbers:
        """The sum over a candidate's needs [draws, candidates] of what is told by segment and need."""
        return np.stack([by_need[:, segment, needs].sum(axis=1) for segment, needs in self.sets], axis=1)

    def mean(self, by_need: Numbers) -> Numbers:
        """The mean over a candidate's needs by how much its segment speaks of each [draws, candidates]."""
        return np.asarray(self.total(by_need * self.speaks) / np.maximum(self.total(self.speaks), _LEAST))


def _missing(known: Flags, sets: _Sets, none: str, some: str) -> list[str]:
    if not known.any():
        return [none]
    return [] if known[sets.needs].all() else [some]


def _satisfaction(mined: Mined, rivals: Sequence[str], weights: Numbers, of: Numbers) -> Numbers:
    """How content each segment is with the rivals in each need, 0 to 1 [draws, segments, needs]; with all, if none.

    Where a segment hardly says, the market speaks for it; where nobody says, half stands.
    """
    told = ~np.isnan(mined.felt)
    share = np.where(told, (mined.felt.astype(np.float64) + 1) / 2, 0)
    whom = np.array([not rivals or one.brand in set(rivals) for one in mined.voices], np.float64)
    every, many = (weights * whom) @ share, (weights * whom) @ told
    market = np.where(many > 0, every / np.maximum(many, _LEAST), 0.5)
    found = []
    for row in of:
        praise, voices = (weights * (whom * row)) @ share, (weights * (whom * row)) @ told
        found.append(np.where(voices >= _HEARD, praise / np.maximum(voices, _LEAST), market))
    return np.stack(found, axis=1)


def _quality(mined: Mined, asked: Asked, weights: Numbers, rng: np.random.Generator) -> tuple[Numbers, Flags]:
    """The own quality of each need [draws, needs]: given, else as its customers say; and which are known."""
    quality, known = _given(mined, asked.quality, len(weights), rng)
    if asked.own is None:
        return quality, known
    praise, voices = praised(mined, [asked.own], weights)
    heard = ~known & (voices[0, 0] >= _HEARD)
    by_voices = praise[:, 0] / np.maximum(voices[:, 0], _LEAST)
    quality[:, heard] = by_voices[:, heard]
    return quality, known | heard


def _given(mined: Mined, given: Mapping[str, Reckoned], draws: int, rng: np.random.Generator) -> tuple[Numbers, Flags]:
    """What was given for each need [draws, needs], 0 where nothing was; drawn from its range by a triangle."""
    found, known = np.zeros((draws, len(mined.needs))), np.zeros(len(mined.needs), np.bool_)
    for at, need in enumerate(mined.needs):
        one = given.get(need.name)
        if one is None:
            continue
        known[at] = True
        if one.low < one.high:
            found[:, at] = rng.triangular(one.low, one.value, one.high, draws)
        found[0 if one.low < one.high else slice(None), at] = one.value
    return found, known


def _interval(drawn: Numbers) -> Interval:
    return around(drawn) or Interval(value=0, low=0, high=0)
