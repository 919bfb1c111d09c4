"""Regularised dropout (Liang et al. 2021): two passes with different dropout should say the same."""

from collections.abc import Callable

from torch import Tensor, nn

from argosy.core.errors import ProjectError
from argosy.train.batches import Batch
from argosy.train.loop import Objective

_NO_TARGET = -100  # a token without one, as torch's cross entropy counts

Logits = Callable[[nn.Module, Batch], Tensor]
"""What the model says of a batch: [rows, labels] or [rows, length, labels]."""
Loss = Callable[[Tensor, Batch], Tensor]
"""The loss of such logits, summed over the batch's units."""


def r_drop(logits: Logits, loss: Loss, *, weight: float) -> Objective:
    """The mean loss of two passes, and ``weight`` / 4 times the sum of both Kullback-Leibler divergences.

    That is half of the paper's loss, so that learning rate and clipping keep their meaning. ``targets`` of the batch
    are label numbers [rows] or [rows, length] (-100: none), which are compared by softmax, or marks [rows, labels],
    compared label by label. Raises ProjectError where they are neither.
    """

    def regularised(model: nn.Module, batch: Batch) -> Tensor:
        one, other = logits(model, batch), logits(model, batch)
        apart = _divergence(one.float(), other.float(), batch.tensors["targets"])
        return (loss(one, batch) + loss(other, batch)) / 2 + weight / 4 * apart

    return regularised


def _divergence(one: Tensor, other: Tensor, targets: Tensor) -> Tensor:
    """KL(one, other) + KL(other, one), summed over rows or tokens: the sum of (p - q) (log p - log q) over the labels.

    Logits serve for the logarithms: what they differ by is the same for all labels. Marks are judged by their log-odds,
    which logits are, and count as the mean over the labels, as their loss does.
    """
    if not targets.is_floating_point() and targets.shape == one.shape[:-1]:
        known = targets != _NO_TARGET
        one, other = one[known], other[known]
        return ((one.softmax(dim=-1) - other.softmax(dim=-1)) * (one - other)).sum()
    if targets.shape == one.shape:
        return ((one.sigmoid() - other.sigmoid()) * (one - other)).mean(dim=-1).sum()
    raise ProjectError(
        "R-Drop compares the probabilities of labels, and this objective has none.",
        where="r_drop",
        mend="Leave it out, or train on labels, marks or words.",
    )
