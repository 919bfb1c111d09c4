"""The metrics of retrieval: how high the relevant documents of each query stand."""

from collections.abc import Sequence

import numpy as np

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Floats, Measured, Undefined, mean

AT = 10
NEAR = 5


def retrieval(truth: Sequence[Floats], scores: Sequence[Floats]) -> dict[str, Measured | Undefined]:
    """Grades and scores of each query's documents, [documents] a query; a grade above 0 is relevant.

    NDCG has the grades themselves as gains and shares the discounts among tied documents (as scikit-learn); the others
    let a document stand as low as any tied with it, so that equal scores for all earn nothing. The units are queries.
    """
    rows = np.array([_query(*pair, number) for number, pair in enumerate(zip(truth, scores, strict=True), start=1)])
    names = (f"ndcg@{AT}", "mrr", "map", "hit@1", f"hit@{NEAR}", f"hit@{AT}", f"recall@{AT}")
    return dict(zip(names, (mean(column) for column in rows.T), strict=True))


def _query(grades: Floats, scores: Floats, number: int) -> tuple[float, ...]:
    relevant = np.asarray(grades) > 0
    if len(grades) != len(scores) or not relevant.any():
        raise DataError(
            "Query {number} has {documents} documents, {relevant} of them relevant, and {scores} scores.",
            mend="Give each query a score a document and at least one relevant document, or leave it out.",
            number=number,
            documents=len(grades),
            relevant=int(relevant.sum()),
            scores=len(scores),
        )
    ranks = _lowest_ranks(scores)[relevant]
    above = np.array([np.sum(ranks <= rank) for rank in ranks])
    return (
        _ndcg(np.asarray(grades, dtype=np.float64), scores),
        1 / float(ranks.min()),
        float(np.mean(above / ranks)),
        float(ranks.min() == 1),
        float(ranks.min() <= NEAR),
        float(ranks.min() <= AT),
        float(np.mean(ranks <= AT)),
    )


def _lowest_ranks(scores: Floats) -> Floats:
    """How many documents score at least as high as each [documents]."""
    return np.asarray(len(scores) - np.searchsorted(np.sort(scores), scores, side="left"), dtype=np.float64)


def _ndcg(grades: Floats, scores: Floats) -> float:
    discounts = 1 / np.log2(np.arange(len(grades)) + 2)
    discounts[AT:] = 0
    values, places = np.unique(-np.asarray(scores), return_inverse=True)
    counts = np.bincount(places)
    ends = np.cumsum(discounts)[np.cumsum(counts) - 1]
    shared = np.diff(ends, prepend=0.0) / counts
    gained = np.bincount(places, weights=grades, minlength=len(values)) @ shared
    return float(gained / (np.sort(grades)[::-1] @ discounts))
