"""An epoch passes every row once, in batches of similar length."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

ROWS = [list(range(2, 2 + length)) for length in np.random.default_rng(3).integers(1, 60, size=203).tolist()]
TARGETS = list(range(len(ROWS)))


def _epoch(seed: int) -> list[tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]]:
    from argosy.train.batches import epoch

    return list(epoch(ROWS, TARGETS, batch_size=8, pad=1, seed=seed))


def test_every_row_comes_once_with_its_own_target() -> None:
    """The tokens under the mask are the row's, the target is the row's number."""
    seen = []
    for ids, mask, targets in _epoch(0):
        for row, inside, target in zip(ids.tolist(), mask.tolist(), targets.tolist(), strict=True):
            assert [token for token, kept in zip(row, inside, strict=True) if kept] == ROWS[target]
            assert {token for token, kept in zip(row, inside, strict=True) if not kept} <= {1}
            seen.append(target)
    assert sorted(seen) == TARGETS


def test_the_order_is_the_seeds() -> None:
    """The same seed gives the same batches, another seed others."""
    first, again, other = ([targets.tolist() for *_, targets in _epoch(seed)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_little_of_a_batch_is_padding() -> None:
    """Rows of similar length go together: most of the numbers are tokens."""
    kept = sum(int(mask.sum()) for _, mask, _ in _epoch(0))
    assert kept > 0.9 * sum(mask.numel() for _, mask, _ in _epoch(0))
