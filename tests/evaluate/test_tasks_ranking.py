"""The metrics of retrieval are those of scikit-learn, or follow from the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.ranking import retrieval


@given(st.integers(0, 10_000))
def test_ndcg_and_map_equal_those_of_scikit_learn(seed: int) -> None:
    """With grades and tied scores."""
    rng = np.random.default_rng(seed)
    grades, scores = rng.integers(0, 3, size=(6, 15)), np.round(rng.random((6, 15)), 1)
    grades[:, 0] = 1
    found = retrieval(list(grades), list(scores))
    ndcg, mean_precision = found["ndcg@10"], found["map"]
    assert not isinstance(ndcg, Undefined)
    assert not isinstance(mean_precision, Undefined)
    assert ndcg.value == pytest.approx(ndcg_score(grades, scores, k=10))
    assert mean_precision.value == pytest.approx(label_ranking_average_precision_score(grades > 0, scores))


def test_the_first_relevant_document_decides_rank_and_hits() -> None:
    """Second of three, and twelfth of twelve; queries may have different numbers of documents."""
    grades = [np.array([0, 1, 0]), np.array([0] * 11 + [2])]
    scores = [np.array([3.0, 2.0, 1.0]), -np.arange(12.0)]
    told = {name: one.value for name, one in retrieval(grades, scores).items() if not isinstance(one, Undefined)}
    assert told["mrr"] == pytest.approx((1 / 2 + 1 / 12) / 2)
    assert (told["hit@1"], told["hit@10"], told["recall@10"]) == (0.0, 0.5, 0.5)


def test_equal_scores_for_all_earn_no_hit() -> None:
    """A model that tells nothing apart is not lucky."""
    found = retrieval([np.array([1, 0, 0, 0])], [np.ones(4)])
    assert found["hit@1"].value == 0.0
    assert found["mrr"].value == 0.25


def test_a_query_without_a_relevant_document_is_told() -> None:
    """By its number."""
    with pytest.raises(DataError, match="Query 2 has 3 documents, 0 of them relevant"):
        retrieval([np.array([1, 0]), np.zeros(3)], [np.ones(2), np.ones(3)])
