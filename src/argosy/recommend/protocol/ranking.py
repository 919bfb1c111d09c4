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
            shown[_top(row, may, case.user)] = True
            for name, figure in _figures(row, may, wanted).items():
                figures[name][place] = figure
    return Ranks(figures=figures, shown=shown)


def _figures(row: NDArray[np.float64], may: NDArray[np.bool_], wanted: Ints) -> dict[str, float]:
    """Expected figures of one list over all orders of items of equal score."""
    ordered = np.sort(row[may])
    values, among = np.unique(-row[wanted], return_counts=True)  # groups of one score, the best first
    above = len(ordered) - np.searchsorted(ordered, -values, "right")
    equal = len(ordered) - np.searchsorted(ordered, -values, "left") - above
    discount = within = 0.0
    missed = 1.0
    for first, many, asked in zip(above.tolist(), equal.tolist(), among.tolist(), strict=True):
        inside = max(min(first + many, PLACES) - first, 0)
        discount += asked * (_SUMS[min(first + many, PLACES)] - _SUMS[min(first, PLACES)]) / many
        within += asked * inside / many
        missed *= float(_unseen(many, asked)[inside])
    unseen = _unseen(int(equal[0]), int(among[0]))
    places = np.arange(above[0] + 1, above[0] + equal[0] + 1)
    return {
        "ndcg@10": float(discount / _SUMS[min(PLACES, len(wanted))]),
        "hit@10": 1 - missed,
        "recall@10": within / len(wanted),
        "mrr": float((-np.diff(unseen) / places).sum()),
    }


def _unseen(many: int, asked: int) -> NDArray[np.float64]:
    """By number of places from the front (0 to ``many``): how likely none of ``asked`` stands there, in any order."""
    left = np.arange(many, 0, -1, dtype=np.float64)
    return np.concatenate([[1.0], np.cumprod(np.maximum(left - asked, 0) / left)])


def _top(row: NDArray[np.float64], may: NDArray[np.bool_], user: int) -> NDArray[np.int64]:
    """The items in the list; which of equal score stand there is drawn by user and item, the same each time."""
    items = np.flatnonzero(may)
    known = row[items]
    least = np.partition(known, -min(PLACES, len(known)))[-min(PLACES, len(known))]
    sure, equal = items[known > least], items[known == least]
    mixed = (equal.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.uint64(user + 1) * np.uint64(0xC2B2AE3D27D4EB4F & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn = equal[np.argsort(mixed ^ (mixed >> np.uint64(31)), kind="stable")]
    return np.concatenate([sure, drawn[: PLACES - len(sure)]])


_SUMS = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, PLACES + 2)))])
