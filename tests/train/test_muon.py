"""Muon turns matrices, leaves the rest to AdamW, and goes on from what was stored."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from argosy.train.muon import muon, orthogonal  # noqa: E402  # torch may be absent
from argosy.train.optimiser import make_optimiser, optimiser_state, restore_optimiser  # noqa: E402


def weights(seed: int) -> dict[str, "torch.nn.Parameter"]:
    """Two matrices of one shape, one of another, an embedding and a vector."""
    draw = torch.Generator().manual_seed(seed)
    shapes = {"a": (8, 4), "b": (8, 4), "c": (4, 8), "embed": (16, 4), "norm": (4,)}
    return {name: torch.nn.Parameter(torch.randn(shape, generator=draw)) for name, shape in shapes.items()}


def step(optimiser: "torch.optim.Optimizer", trained: dict[str, "torch.nn.Parameter"], seed: int) -> None:
    """One step on drawn gradients."""
    draw = torch.Generator().manual_seed(seed)
    for weight in trained.values():
        weight.grad = torch.randn(weight.shape, generator=draw)
    optimiser.step()


@pytest.mark.parametrize("shape", [(2, 6, 6), (1, 12, 4), (3, 4, 12)])
def test_singular_values_come_near_one(shape: tuple[int, ...]) -> None:
    """Whatever the scale and the form of a matrix."""
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 1e3
    values = torch.linalg.svdvals(orthogonal(drawn).float())
    assert values.min() > 0.4
    assert values.max() < 1.3


def test_a_matrix_moves_by_its_rate_and_the_rest_as_adamw_moves_it() -> None:
    """Every direction of a matrix moves alike; vectors and embeddings take AdamW's step."""
    trained, plain = weights(0), weights(0)
    optimiser = muon(trained, 0.1, 0.0, fused=True)
    step(optimiser, trained, 1)
    step(torch.optim.AdamW(plain.values(), lr=0.1, betas=(0.9, 0.95), weight_decay=0.0), plain, 1)
    moved = torch.linalg.svdvals((trained["a"] - weights(0)["a"]).detach())
    size = 0.1 * 0.2 * 8**0.5
    assert moved.max() < 1.3 * size
    assert moved.min() > 0.4 * size
    for name in ("embed", "norm"):
        torch.testing.assert_close(trained[name], plain[name])


def test_what_was_stored_goes_on_to_the_same_bits() -> None:
    """Two steps, and one step, stored, restored, and another, end alike."""
    whole, parted = weights(0), weights(0)
    optimiser = make_optimiser(whole, 0.1, 0.1, "decoupled", kind="muon")
    for seed in (1, 2):
        step(optimiser, whole, seed)
    first = make_optimiser(parted, 0.1, 0.1, "decoupled", kind="muon")
    step(first, parted, 1)
    stored = {name: value.clone() for name, value in optimiser_state(first, parted).items()}
    second = make_optimiser(parted, 0.1, 0.1, "decoupled", kind="muon")
    restore_optimiser(second, parted, stored)
    step(second, parted, 2)
    assert all(torch.equal(whole[name], parted[name]) for name in whole)
