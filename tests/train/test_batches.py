"""An epoch passes every row once, in batches of similar length."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

ROWS = [list(range(2, 2 + length)) for length in np.random.default_rng(3).integers(1, 60, size=203).tolist()]


def _epoch(seed: int) -> list[tuple[int, ...]]:
    from argosy.train.batches import bucketed

    return bucketed([len(row) for row in ROWS], batch_size=8, seed=seed)


def test_every_row_comes_once() -> None:
    """No row is lost or doubled by the sorting."""
    assert sorted(row for rows in _epoch(0) for row in rows) == list(range(len(ROWS)))


def test_the_tokens_under_the_mask_are_the_rows() -> None:
    """What is not masked is the row; the rest is padding."""
    from argosy.train.batches import padded

    ids, mask = padded(ROWS[:9], 1)
    for row, tokens, inside in zip(ROWS, ids.tolist(), mask.tolist(), strict=False):
        assert [token for token, kept in zip(tokens, inside, strict=True) if kept] == row
        assert {token for token, kept in zip(tokens, inside, strict=True) if not kept} <= {1}


def test_the_order_is_the_seeds() -> None:
    """The same seed gives the same batches, another seed others."""
    assert _epoch(1) == _epoch(1)
    assert _epoch(1) != _epoch(2)


def test_little_of_a_batch_is_padding() -> None:
    """Rows of similar length go together: most of the numbers are tokens."""
    lengths = [[len(ROWS[row]) for row in rows] for rows in _epoch(0)]
    assert sum(map(sum, lengths)) > 0.9 * sum(max(batch) * len(batch) for batch in lengths)
