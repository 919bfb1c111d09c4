"""Batches waste little, lose nothing and give the first order back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.infer.batches import Batch, Floats, batches, run

ROWS = st.lists(st.lists(st.integers(min_value=2, max_value=99), max_size=40), max_size=30)


@given(ROWS, st.integers(min_value=8, max_value=200))
def test_every_row_stands_once_and_whole(rows: list[list[int]], tokens: int) -> None:
    """The masked tokens of a batch's rows are the rows given; the rest is padding; each row is in one batch."""
    seen: list[int] = []
    for batch in batches(rows, pad=1, tokens=tokens):
        assert batch.ids.shape == batch.mask.shape
        for place, row in enumerate(batch.rows):
            inside = batch.mask[place].astype(bool)
            assert batch.ids[place][inside].tolist() == rows[row]
            assert set(batch.ids[place][~inside].tolist()) <= {1}
        seen += batch.rows
    assert sorted(seen) == list(range(len(rows)))


@given(ROWS, st.integers(min_value=8, max_value=200))
def test_batches_keep_to_the_limit(rows: list[list[int]], tokens: int) -> None:
    """A batch is as long as its longest row, at least one token; only a lone row may pass the limit."""
    for batch in batches(rows, pad=1, tokens=tokens):
        assert batch.ids.shape[1] == max(1, *(len(rows[row]) for row in batch.rows))
        assert batch.ids.size <= tokens or len(batch.rows) == 1


@given(ROWS)
def test_answers_come_back_in_order(rows: list[list[int]]) -> None:
    """Row i of the answers is the answer for row i."""

    def total(batch: Batch) -> Floats:
        return (batch.ids * batch.mask).sum(axis=1, keepdims=True).astype(np.float32)

    for tokens in (8, 1_024):
        assert run(total, rows, pad=1, width=1, tokens=tokens).ravel().tolist() == [sum(row) for row in rows]


def test_the_limit_reaches_the_batches() -> None:
    """Rows of four tokens under a limit of eight run two at a time."""
    seen: list[int] = []

    def count(batch: Batch) -> Floats:
        seen.append(len(batch.rows))
        return np.zeros((len(batch.rows), 1), np.float32)

    run(count, [[2] * 4] * 5, pad=1, width=1, tokens=8)
    assert seen == [2, 2, 1]
