"""Replay mixes in old rows by its seed; anchors pull weights back, each as hard as it mattered."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from argosy.train.batches import Batch, Rows
    from argosy.train.methods.continual import Replay

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

STRENGTH = 3.0


@dataclass(frozen=True)
class _Points:
    """Points of a seed with two labels, four a batch."""

    count: int
    seed: int

    def order(self, epoch: int) -> "list[Rows]":
        rows = np.random.default_rng((self.seed, epoch)).permutation(self.count).tolist()
        return [tuple(rows[start : start + 4]) for start in range(0, self.count, 4)]

    def batch(self, rows: "Rows", epoch: int) -> "Batch":
        from argosy.train.batches import Batch

        inputs = torch.randn(self.count, 3, generator=torch.Generator().manual_seed(self.seed))[list(rows)]
        return Batch(rows=rows, tensors={"inputs": inputs, "targets": (inputs[:, 0] > 0).long()}, units=len(rows))


def _objective(model: "torch.nn.Module", batch: "Batch") -> "torch.Tensor":
    logits = model(batch.tensors["inputs"])
    return torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def _model() -> "torch.nn.Sequential":
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2))


def _replay(share: float = 0.25, old: int = 40) -> "Replay":
    from argosy.train.methods.continual import Replay

    return Replay(new=_Points(36, 1), old=_Points(old, 2), new_rows=36, share=share, seed=5)


def test_a_share_of_old_batches_is_spread_among_the_new_ones() -> None:
    """Nine new batches and three old ones; every new row comes once, and the old ones are the same in each epoch."""
    source = _replay()
    epochs = [source.order(epoch) for epoch in (0, 1)]
    old = [{row for rows in order for row in rows if row >= 36} for order in epochs]
    assert [sorted(row for rows in order for row in rows if row < 36) for order in epochs] == [list(range(36))] * 2
    assert [len(rows) for rows in old] == [12, 12]
    assert old[0] == old[1]
    assert epochs[0] != epochs[1]
    assert [number for number, rows in enumerate(epochs[0]) if rows[0] >= 36] != [9, 10, 11]
    assert epochs[0] == _replay().order(0)


def test_few_old_rows_come_again() -> None:
    """Half of all batches are old ones, though there are but two different ones."""
    rows = [row for batch in _replay(0.5, old=8).order(0) for row in batch if row >= 36]
    assert len(rows) == 36
    assert set(rows) == set(range(36, 44))


def test_a_batch_is_that_of_its_source() -> None:
    """Also a part of one, as one process or half a batch asks for it."""
    source = _replay()
    made, plain = source.batch((38, 40), 3), _Points(40, 2).batch((2, 4), 3)
    assert (made.rows, made.units) == ((38, 40), 2)
    assert torch.equal(made.tensors["inputs"], plain.tensors["inputs"])
    assert torch.equal(source.batch((7,), 0).tensors["inputs"], _Points(36, 1).batch((7,), 0).tensors["inputs"])


def test_at_the_anchors_nothing_is_added_and_away_from_them_the_squared_way() -> None:
    """By hand, for each unit; weights without an anchor are free."""
    from argosy.train.methods.continual import anchored, starting_point

    model, batch = _model().eval(), _Points(8, 1).batch((0, 1, 2, 3), 0)
    held = anchored(_objective, starting_point(model, drawn=("2.bias",)), strength=STRENGTH)
    assert held(model, batch).item() == _objective(model, batch).item()
    with torch.no_grad():
        model[0].weight += 0.1
        model[2].bias += 5
    expected = _objective(model, batch) + 4 * STRENGTH / 2 * 12 * 0.1**2
    torch.testing.assert_close(held(model, batch), expected)


def test_two_halves_of_a_batch_are_pulled_as_the_whole() -> None:
    """The pull counts by units, so it does not hang on how a batch is parted."""
    from argosy.train.methods.continual import anchored, starting_point

    model, source = _model().eval(), _Points(8, 1)
    held = anchored(_objective, starting_point(model), strength=STRENGTH)
    with torch.no_grad():
        model[0].weight += 0.1
    parts = sum(held(model, source.batch(rows, 0)) for rows in ((0,), (1, 2, 3)))
    torch.testing.assert_close(parts, held(model, source.batch((0, 1, 2, 3), 0)))


def test_importance_is_the_mean_squared_gradient_of_single_rows() -> None:
    """By hand, divided by its mean over all weights; model and random state stay as they were."""
    from argosy.train.methods.continual import fisher

    model, old = _model(), _Points(12, 2)
    drawn = torch.get_rng_state()
    found = fisher(model, _objective, old, seed=3, rows=12)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(module.training for module in model.modules())
    assert all(weight.grad is None for weight in model.parameters())
    model.eval()
    squares = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for row in range(12):
        model.zero_grad()
        _objective(model, old.batch((row,), 0)).backward()
        for name, weight in model.named_parameters():
            squares[name] += weight.grad.square()
    mean = torch.cat([square.flatten() for square in squares.values()]).mean()
    for name, square in squares.items():
        torch.testing.assert_close(found.importance[name], square / mean)


def test_what_mattered_is_held_and_what_did_not_is_free() -> None:
    """A label that no old row tells apart by its third input leaves that input's weights free."""
    from argosy.train.methods.continual import anchored, fisher

    class _Flat(_Points):
        def batch(self, rows: "Rows", epoch: int) -> "Batch":
            made = super().batch(rows, epoch)
            inputs = made.tensors["inputs"] * torch.tensor([1.0, 1.0, 0.0])
            return replace(made, tensors={**made.tensors, "inputs": inputs})

    model = torch.nn.Linear(3, 2)
    anchors = fisher(model, _objective, _Flat(12, 2), seed=3)
    assert anchors.importance["weight"][:, 2].abs().max() == 0
    assert anchors.importance["weight"][:, :2].min() > 0
    with torch.no_grad():
        model.weight[:, 2] += 1
    batch = _Flat(12, 2).batch((0, 1), 0)
    assert anchored(_objective, anchors, strength=1.0)(model, batch).item() == _objective(model, batch).item()


def test_the_same_seed_asks_the_same_old_rows() -> None:
    """So a training that goes on has the same anchors, bit for bit; another seed asks others."""
    from argosy.train.methods.continual import fisher

    found = [fisher(_model(), _objective, _Points(40, 2), seed=seed, rows=6).importance for seed in (3, 3, 4)]
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert not all(torch.equal(found[0][name], found[2][name]) for name in found[0])
