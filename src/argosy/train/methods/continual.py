"""Learning on without forgetting: old rows come again, or the weights are held near where they were.

Nothing here needs to be stored for a training that goes on after it was killed: what is replayed hangs on the seed and
the epoch alone, and anchors are taken again from the folder that the training starts from, without dropout and without
a draw, before the loop puts the saved weights in their place.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
import torch
from torch import Tensor, nn

from argosy.train.batches import Batch, Rows, Source
from argosy.train.loop import Objective

FISHER_ROWS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A source that puts batches of ``old`` rows among the ``new`` ones, ``share`` of all batches, spread at random.

    It draws its memory of old rows once: they are the same in every epoch, so that what frozen layers make of them is
    computed once too; where there are too few, they come again within an epoch. ``new_rows`` is the number of new rows:
    the old ones are counted on from there. Both sources have batches of one size.
    """

    new: Source
    old: Source
    new_rows: int
    share: float
    seed: int

    def order(self, epoch: int) -> list[Rows]:
        """The rows of each batch, of one source each."""
        count = max(1, round(len(self.new.order(0)) * self.share / (1 - self.share)))
        memory = islice(cycle(self.old.order(0)), count)
        batches = [*self.new.order(epoch), *(tuple(row + self.new_rows for row in rows) for rows in memory)]
        return [batches[place] for place in np.random.default_rng((self.seed, epoch)).permutation(len(batches))]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """The tensors of rows of one source."""
        if rows[0] < self.new_rows:
            return self.new.batch(rows, epoch)
        return replace(self.old.batch(tuple(row - self.new_rows for row in rows), epoch), rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Where trained weights were, by name, and how much each matters; no ``importance``: all matter alike."""

    weights: Mapping[str, Tensor]
    importance: Mapping[str, Tensor]


def starting_point(model: nn.Module, *, drawn: tuple[str, ...] = ()) -> Anchors:
    """Anchors of L2-SP (Li et al. 2018): the weights that are trained, but for those newly ``drawn`` at random."""
    weights = {name: weight.detach().clone() for name, weight in _trained(model).items() if name not in drawn}
    return Anchors(weights=weights, importance={})


def fisher(
    model: nn.Module,
    objective: Objective,
    old: Source,
    *,
    seed: int,
    rows: int = FISHER_ROWS,
    drawn: tuple[str, ...] = (),
) -> Anchors:
    """Anchors of elastic weight consolidation (Kirkpatrick et al. 2017), from ``rows`` old rows drawn by ``seed``.

    A weight's importance is the diagonal of the empirical Fisher information, the mean over the rows of the squared
    gradient of the loss with their true labels, in evaluation mode. It is divided by its mean over all weights, so that
    one strength means the same to every model, and the same as for L2-SP: the paper's is that over the mean.
    """
    anchors = starting_point(model, drawn=drawn)
    known = sorted(row for batch in old.order(0) for row in batch)
    chosen = np.random.default_rng(seed).permutation(known)[:rows].tolist()
    weights = {name: weight for name, weight in _trained(model).items() if name in anchors.weights}
    squares = {name: torch.zeros_like(weight) for name, weight in anchors.weights.items()}
    device = next(iter(weights.values())).device
    with _evaluating(model):
        for row in chosen:
            batch = old.batch((row,), 0)
            tensors = {name: tensor.to(device) for name, tensor in batch.tensors.items()}
            loss = objective(model, replace(batch, tensors=tensors))
            slopes = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
            for name, slope in zip(weights, slopes, strict=True):
                squares[name] += slope.square()
    mean = sum(float(square.sum()) for square in squares.values()) / sum(map(torch.numel, squares.values()))
    return Anchors(
        weights=anchors.weights,
        importance={name: square / mean if mean > 0 else square for name, square in squares.items()},
    )


def anchored(objective: Objective, anchors: Anchors, *, strength: float) -> Objective:
    """The objective and, for each unit, strength / 2 times the summed (weighed) squares of the way from the anchors.

    Put it around everything else, once a step. Weight decay pulls the same weights to 0: set it to 0 beside this.
    """

    def held(model: nn.Module, batch: Batch) -> Tensor:
        loss = objective(model, batch)
        weights = dict(model.named_parameters())
        ways = {name: (weights[name] - anchor.to(loss.device)).square() for name, anchor in anchors.weights.items()}
        weighed = [way * anchors.importance[name] if anchors.importance else way for name, way in ways.items()]
        return loss + batch.units * strength / 2 * torch.stack([way.sum() for way in weighed]).sum()

    return held


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode inside, the modes as before afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
