"""Large products, row block by row block, of which the largest are kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from argosy.recommend.baselines import products
from argosy.recommend.interactions import Interactions


def dense(ones: np.ndarray, most: int, shrink: float) -> np.ndarray:
    """The same by all pairs."""
    lengths = np.sqrt(ones.sum(axis=0, dtype=np.float32))
    values = (ones.T @ ones).astype(np.float32) / (np.outer(lengths, lengths) + np.float32(shrink))
    np.fill_diagonal(values, 0)
    for row in values:
        row[np.argsort(-row, kind="stable")[most:]] = 0
    return values


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.integers(1, 9), st.integers(1, 4), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_blocks_make_the_same_as_all_pairs(people: int, items: int, most: int, at_once: int, seed: int) -> None:
    """Whatever the size of a block, and of equal ones the first is kept."""
    ones = (np.random.default_rng(seed).random((people, items)) < 0.4).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "_AT_ONCE", at_once)
        found = products.cosines(sparse.csr_matrix(ones), most, 2.0)
    assert np.array_equal(found.toarray(), dense(ones, most, 2.0))


def test_the_last_events_of_each_user_are_kept() -> None:
    """In the order of time; who has few keeps all."""
    users = np.array([0, 1, 0, 0, 2, 1, 0], np.int32)
    events = Interactions(
        users=users,
        items=np.arange(7, dtype=np.int32),
        times=np.arange(7),
        kind=np.zeros(7, np.int8),
        kinds=("buy",),
        weights={},
        wanted=frozenset({"buy"}),
        people=("a", "b", "c"),
        size=7,
    )
    assert products.latest(events, 2).items.tolist() == [1, 3, 4, 5, 6]
    assert products.latest(events, 4) is events
    assert len(products.latest(events.where(users > 9), 1)) == 0
