"""Feeds the loop with an objective's items, and passes held-out items through the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from argosy.train import batches
from argosy.train.batches import Batch, bucketed
from argosy.train.objectives.aim import Aim, Item, Measured

_EVALUATION_ROWS = 64
_EVALUATION_TOKENS = 4096
_HELD_OUT = 2**31  # the epoch of what is drawn for held-out rows: the same at every evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """Items as batches of similar length; a Source."""

    aim: Aim
    items: Sequence[Item]
    batch_size: int
    pad: int
    seed: int

    def order(self, epoch: int) -> list[batches.Rows]:
        """The rows of each batch."""
        lengths = [len(item.ids) for item in self.items]
        return bucketed(lengths, batch_size=self.batch_size, seed=self.seed + 1000 * epoch)

    def batch(self, rows: batches.Rows, epoch: int) -> Batch:
        """The objective's tensors."""
        keys = [(self.seed, epoch, row) for row in rows]
        tensors, units = self.aim.tensors([self.items[row] for row in rows], self.pad, keys)
        return Batch(rows=rows, tensors=tensors, units=units)

    def held_out(self, device: torch.device) -> Iterator[Batch]:
        """Every row once, by length; what is drawn for a row is always the same."""
        order = sorted(range(len(self.items)), key=lambda row: len(self.items[row].ids))
        while order:
            rows = self._part(order)
            del order[: len(rows)]
            batch = self.batch(rows, _HELD_OUT)
            yield replace(batch, tensors={name: tensor.to(device) for name, tensor in batch.tensors.items()})

    def _part(self, order: Sequence[int]) -> batches.Rows:
        """As many of the next rows, shortest first, as make no more than so many tokens with their padding."""
        part = tuple(order[:_EVALUATION_ROWS])
        while len(part) > 1 and len(part) * len(self.items[part[-1]].ids) > _EVALUATION_TOKENS:
            part = part[:-1]
        return part


@torch.inference_mode()
def mean_loss(model: nn.Module, fed: Fed, *, bf16: bool) -> float:
    """The loss of held-out rows, the mean over their units."""
    losses, units = [], 0
    device = next(model.parameters()).device
    for batch in fed.held_out(device):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            losses.append(float(fed.aim.loss(model, batch)))
        units += batch.units
    return sum(losses) / units


def answers(model: nn.Module, fed: Fed, rows: Sequence[Any], *, bf16: bool) -> Any:
    """The objective's answers on held-out rows, in the order of the rows."""
    return _measured(fed).answers(rows, fed.items, outputs(model, fed, bf16=bf16))


@torch.inference_mode()
def outputs(model: nn.Module, fed: Fed, *, bf16: bool) -> list[np.ndarray]:
    """What the model says of each item, in the order of the items."""
    aim = _measured(fed)
    found: list[np.ndarray] = [np.empty(0)] * len(fed.items)
    device = next(model.parameters()).device
    for batch in fed.held_out(device):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            for row, said in zip(batch.rows, aim.outputs(model, batch.tensors), strict=True):
                found[row] = said
    return found


def _measured(fed: Fed) -> Measured:
    if not isinstance(fed.aim, Measured):
        raise TypeError(type(fed.aim).__name__)
    return fed.aim
