"""AdamW, Adam with the decay in the gradient, and Muon, fused where the device has the kernel."""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from argosy.core.errors import ProjectError
from argosy.train import parallel
from argosy.train.muon import muon

_FUSED = ("cpu", "cuda")


def make_optimiser(
    trained: Mapping[str, nn.Parameter],
    rate: float,
    weight_decay: float,
    decay: Literal["decoupled", "l2"],
    *,
    kind: Literal["adam", "muon"] = "adam",
) -> torch.optim.Optimizer:
    """Adam with the decay "decoupled" (Loshchilov & Hutter 2019) or "l2", none on biases and norms (vectors); or Muon.

    Raises ProjectError for Muon on a model in shards.
    """
    if kind == "muon":
        if any(isinstance(weight, DTensor) for weight in trained.values()):
            raise ProjectError("Muon turns whole matrices, and this model is in shards.", mend="Train it with Adam.")
        return muon(trained, rate, weight_decay, fused=_fused(trained))
    matrices = [weight for weight in trained.values() if weight.ndim > 1]
    vectors = [weight for weight in trained.values() if weight.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    adam = torch.optim.AdamW if decay == "decoupled" else torch.optim.Adam
    return adam([group for group in groups if group["params"]], lr=rate, fused=_fused(trained))


def optimiser_state(optimiser: torch.optim.Optimizer, trained: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    """The tensors that the optimiser holds, as ``key/name of the weight``."""
    return {
        f"{key}/{name}": value
        for name, weight in trained.items()
        for key, value in optimiser.state.get(weight, {}).items()
    }


def restore_optimiser(
    optimiser: torch.optim.Optimizer, trained: Mapping[str, nn.Parameter], state: Mapping[str, Tensor]
) -> None:
    """Set what ``optimiser_state`` gave."""
    for place, value in state.items():
        key, name = place.split("/", 1)
        weight = trained[name]
        placed = parallel.placed(value, weight) if value.shape == weight.shape else value.to(weight.device)
        optimiser.state[weight][key] = placed


def _fused(trained: Mapping[str, nn.Parameter]) -> bool:
    return all(weight.device.type in _FUSED and weight.is_floating_point() for weight in trained.values())
