"""Full ranking: every item stands in the list, but for those that the user had; figures by user, never by event.

Items of equal score share their places: the expected figure over all orders of them counts, so that neither the order
of a file nor a draw decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History, Ints
from argosy.recommend.protocol.cutting import Case

PLACES = 10
METRICS = ("ndcg@10", "hit@10", "recall@10", "mrr")
_BATCH = 256
Scores = Callable[[Sequence[History]], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """Figures by user: ``figures`` (metric → float64 [cases]) and which items stood in any list (``shown`` [items])."""

    figures: dict[str, NDArray[np.float64]]
    shown: NDArray[np.bool_]


def evaluate(
    scores: Scores, cases: Sequence[Case], size: int, *, among: NDArray[np.bool_] | None = None, repeat: bool = False
) -> Ranks:
    """How high what was wanted stands; ``scores`` gives [histories, ``size``].

    ``among`` [items] ranks these alone (new ones, say), and only they count as wanted; cases without one have NaN.
    """
    figures = {name: np.full(len(cases), np.nan) for name in METRICS}
    shown = np.zeros(size, bool)
    for begin in range(0, len(cases), _BATCH):
        some = cases[begin : begin + _BATCH]
        told = np.array(scores([case.history for case in some]), np.float64)
        told[np.isnan(told)] = -np.inf
        for place, (case, row) in enumerate(zip(some, told, strict=True), start=begin):
            may = np.ones(size, bool) if among is None else among.copy()
            may[case.had] &= repeat
            wanted = case.wanted[may[case.wanted]]
            if not len(wanted):
                continue
            for name, figure in _figures(row, may, wanted, shown).items():
                figures[name][place] = figure
    return Ranks(figures=figures, shown=shown)


def _figures(
    row: NDArray[np.float64], may: NDArray[np.bool_], wanted: Ints, shown: NDArray[np.bool_]
) -> dict[str, float]:
    """Expected figures of one list over all orders of items of equal score."""
    known = row[may]
    gains = _gains(known, row[wanted])
    top = np.flatnonzero(may)[np.argpartition(-known, min(PLACES, len(known)) - 1)[:PLACES]]
    shown[top] = True
    ideal = _DISCOUNT[: min(PLACES, len(wanted))].sum()
    within = np.array([gain.within for gain in gains])
    return {
        "ndcg@10": float(sum(gain.discount for gain in gains) / ideal),
        "hit@10": float(1 - np.prod(1 - within)),
        "recall@10": float(within.mean()),
        "mrr": float(max(gain.reciprocal for gain in gains)),
    }


_DISCOUNT = 1 / np.log2(np.arange(2, PLACES + 2))
_SUMS = np.concatenate([[0.0], np.cumsum(_DISCOUNT)])


@dataclass(frozen=True, slots=True)
class _Gain:
    discount: float
    within: float
    reciprocal: float


def _gains(known: NDArray[np.float64], wanted: NDArray[np.float64]) -> list[_Gain]:
    """What each wanted item adds, whose place is any of those that items of its score share."""
    ordered = np.sort(known)
    above = len(ordered) - np.searchsorted(ordered, wanted, "right")
    equal = np.maximum(len(ordered) - np.searchsorted(ordered, wanted, "left") - above, 1)
    found = []
    for first, many in zip(above.tolist(), equal.tolist(), strict=True):
        inside = max(min(first + many, PLACES) - first, 0)
        discount = (_SUMS[min(first + many, PLACES)] - _SUMS[min(first, PLACES)]) / many
        reciprocal = (
            float(np.mean(1 / np.arange(first + 1, first + many + 1))) if many < _MANY else 1 / (first + many / 2)
        )
        found.append(_Gain(discount, inside / many, reciprocal))
    return found


_MANY = 1_000  # items of one score, from which the mean place stands for all
