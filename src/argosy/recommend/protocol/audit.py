"""The leak audit: what a random split and sampled negatives would have claimed for the same models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Interactions, Ints, Times
from argosy.recommend.protocol.cutting import Case, Parts, case_of
from argosy.recommend.protocol.ranking import PLACES, evaluate
from argosy.recommend.scorer import Scorer

Fits = Callable[[Interactions], Mapping[str, Scorer]]
_NEGATIVES = 100
_METRIC = "ndcg@10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Means of NDCG@10 by model: on the test as it is cut, after a random split, and among sampled negatives.

    ``sampled`` ranks one wanted item at a time and averages over these, so that ``full`` (the same, among all items) is
    what it compares with. ``before`` is the share of the random split's test events that lie before an event of the
    same user that was learnt from, ``before_item`` of the same item: what is asked there could be known from later.
    """

    honest: Mapping[str, float]
    random: Mapping[str, float]
    sampled: Mapping[str, float]
    full: Mapping[str, float]
    before: float
    before_item: float


def audit(
    parts: Parts, fitted: Mapping[str, Scorer], happened: Interactions, fits: Fits, share: float, *, seed: int
) -> Audit:
    """The audit of models ``fitted`` on ``parts``; ``fits`` fits the same ones on what a random split leaves."""
    rng = np.random.default_rng(seed)
    held = rng.random(len(happened)) < share
    learnt = happened.where(~held)
    cases = _cases(happened, held)
    asked = happened.where(held & happened.success)
    warm = [case for case in parts.cases if case.history.success.any()]
    return Audit(
        honest={name: _mean(one, warm, happened.size) for name, one in fitted.items()},
        random={name: _mean(one, cases, happened.size) for name, one in fits(learnt).items()},
        sampled={name: _single(one, warm, happened.size, _NEGATIVES, seed=seed) for name, one in fitted.items()},
        full={name: _single(one, warm, happened.size, happened.size, seed=seed) for name, one in fitted.items()},
        before=_early(asked.users, asked.times, learnt.users, learnt.times, len(happened.people)),
        before_item=_early(asked.items, asked.times, learnt.items, learnt.times, happened.size),
    )


def _early(of: Ints, times: Times, learnt: Ints, until: Times, size: int) -> float:
    """The share of events ``of`` somebody or something that lie before one of theirs that was learnt from."""
    last = np.full(size, np.iinfo(np.int64).min)
    np.maximum.at(last, learnt, until)
    return float((times < last[of]).mean()) if len(of) else 0.0


def _cases(happened: Interactions, held: NDArray[np.bool_]) -> list[Case]:
    """Users with successes on both sides of a random split; each history is whole, whatever came when."""
    order = np.argsort(happened.users, kind="stable")
    users, starts = np.unique(happened.users[order], return_index=True)
    found = []
    for user, rows in zip(users.tolist(), np.split(order, starts[1:]), strict=True):
        past, asked = rows[~held[rows]], rows[held[rows]]
        wanted = np.unique(happened.items[asked[happened.success[asked]]])
        if len(wanted) and happened.success[past].any():
            case = case_of(user, happened, past, wanted, int(happened.times[rows[-1]]), repeat=False)
            found += [case] if len(case.wanted) else []
    return found


def _mean(scorer: Scorer, cases: Sequence[Case], size: int) -> float:
    figures = evaluate(scorer.scores, cases, size).figures[_METRIC]
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else 0.0


def _single(scorer: Scorer, cases: Sequence[Case], size: int, many: int, *, seed: int) -> float:
    """The mean where each wanted item is ranked alone among so ``many`` drawn at random that the user never met."""
    rng = np.random.default_rng(seed)
    found = []
    for case in cases:
        scores = scorer.scores([case.history])[0]
        drawn = rng.choice(size, min(size, many + len(case.wanted)), replace=False)
        others = np.setdiff1d(drawn, np.concatenate([case.had, case.wanted]))
        for item in case.wanted:
            above = float((scores[others] > scores[item]).sum() + 0.5 * (scores[others] == scores[item]).sum())
            found.append(1 / np.log2(above + 2) if above < PLACES else 0.0)
    return float(np.mean(found)) if found else 0.0
