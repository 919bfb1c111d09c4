"""Only what the model is sure of becomes a row, and no label crowds out the rest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.train.methods.self_training import choose


def test_the_surest_rows_of_each_label_are_taken_up_to_its_share() -> None:
    """By hand: three rows of label 0 are sure, its share of four is two; label 1 has one sure row."""
    probabilities = np.array([[0.95, 0.05], [0.6, 0.4], [0.99, 0.01], [0.1, 0.9], [0.97, 0.03], [0.45, 0.55]])
    chosen = choose(probabilities, 0.9, shares=np.array([0.5, 0.5]), most=4)
    assert chosen.rows == (2, 3, 4)
    assert chosen.labels == (0, 1, 0)


def test_where_nothing_is_sure_nothing_is_chosen() -> None:
    """No row, and no error."""
    assert choose(np.full((3, 2), 0.5), 0.9, shares=np.array([0.5, 0.5]), most=9).rows == ()
    assert choose(np.empty((0, 2)), 0.9, shares=np.array([0.5, 0.5]), most=9).rows == ()


@given(st.integers(0, 60), st.floats(0.3, 1.0), st.integers(0, 40), st.integers(0, 2**32))
def test_every_row_is_sure_and_no_label_exceeds_its_share(rows: int, threshold: float, most: int, seed: int) -> None:
    """For any probabilities: labels are what the model says, rows come once and in their order."""
    shares = np.array([0.6, 0.3, 0.1])
    probabilities = np.random.default_rng(seed).dirichlet([1, 1, 1], rows)
    chosen = choose(probabilities, threshold, shares=shares, most=most)
    taken = probabilities[list(chosen.rows)]
    assert list(chosen.rows) == sorted(set(chosen.rows))
    assert (taken.max(axis=1) >= threshold).all()
    assert chosen.labels == tuple(taken.argmax(axis=1).tolist())
    assert all(chosen.labels.count(label) <= share * most + 0.5 for label, share in enumerate(shares))
