"""Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for embeddings and vectors.

A matrix's step is its momentum with every singular value brought near 1 by five Newton-Schulz iterations, scaled to
the size that a step of AdamW has (Liu et al. 2025), so that one learning rate serves both. In a given time it learns
more than AdamW does alone where training starts from random weights.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

_MOMENTUM = 0.95
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # steepest at 0; singular values end between 0.7 and 1.2
_ITERATIONS = 5
_LIKE_ADAM = 0.2  # the root mean square of AdamW's steps


class Muon(torch.optim.AdamW):
    """One group has ``orthogonal`` set, its weights are matrices; the others are AdamW's."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step; gradients of the matrices are used up."""
        for group in self.param_groups:
            if group["orthogonal"]:
                by_shape: dict[torch.Size, list[Tensor]] = {}
                for weight in group["params"]:
                    if weight.grad is not None:
                        by_shape.setdefault(weight.shape, []).append(weight)
                for weights in by_shape.values():
                    self._turn(weights, group["lr"], group["weight_decay"])
        return super().step(closure)

    def _turn(self, weights: list[Tensor], rate: float, weight_decay: float) -> None:
        """The step of matrices of one shape, computed together."""
        moved = []
        for weight in weights:
            state, gradient = self.state[weight], weight.grad
            if gradient is None:
                continue
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(weight)
            state["momentum"].lerp_(gradient, 1 - _MOMENTUM)
            moved.append(gradient.lerp(state["momentum"], _MOMENTUM))
            weight.grad = None
        size = _LIKE_ADAM * math.sqrt(max(weights[0].shape))
        for weight, turned in zip(weights, orthogonal(torch.stack(moved)), strict=True):
            weight.mul_(1 - rate * weight_decay).add_(turned.to(weight.dtype), alpha=-rate * size)


def muon(trained: Mapping[str, nn.Parameter], rate: float, weight_decay: float, *, fused: bool) -> Muon:
    """The optimiser of named weights; no decay on embeddings and vectors. Whole matrices are needed, not shards."""
    inner = {name: weight for name, weight in trained.items() if weight.ndim == 2 and "embed" not in name}  # noqa: PLR2004
    rest = [weight for name, weight in trained.items() if name not in inner]
    groups = [
        {"params": list(inner.values()), "weight_decay": weight_decay, "orthogonal": True},
        {"params": rest, "weight_decay": 0.0, "orthogonal": False},
    ]
    return Muon([group for group in groups if group["params"]], lr=rate, betas=(0.9, 0.95), fused=fused)


def orthogonal(matrices: Tensor) -> Tensor:
    """Matrices [number, rows, columns] with their singular values near 1, bf16."""
    tall = matrices.shape[1] > matrices.shape[2]
    turned: Tensor = (matrices.mT if tall else matrices).bfloat16()
    turned = turned / turned.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
    one, three, five = _COEFFICIENTS
    for _ in range(_ITERATIONS):
        square = turned @ turned.mT
        turned = one * turned + (three * square + five * square @ square) @ turned
    return turned.mT if tall else turned
