"""Regularised dropout (Liang et al. 2021): two passes with different dropout should say the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from argosy.core.errors import ProjectError
from argosy.train.batches import Batch
from argosy.train.loop import Objective

_NO_TARGET = -100  # a token without one, as torch's cross entropy counts


def r_drop(objective: Objective, *, weight: float) -> Objective:
    """The mean loss of two passes, and ``weight`` / 4 times the sum of both Kullback-Leibler divergences.

    That is half of the paper's loss, so that learning rate and clipping keep their meaning. It reads the logits of what
    the model answers: with ``targets`` that are label numbers [rows] or [rows, length] (-100: none) they are compared
    by softmax, with marks [rows, labels] label by label. Raises ProjectError where an objective has neither.
    """

    def regularised(model: nn.Module, batch: Batch) -> Tensor:
        with _heard(model) as said:
            losses = objective(model, batch) + objective(model, batch)
        targets = batch.tensors.get("targets")
        if len(said) != 2 or targets is None:  # noqa: PLR2004 - one answer a pass
            raise _without_labels()
        return losses / 2 + weight / 4 * _divergence(said[0].float(), said[1].float(), targets)

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
    raise _without_labels()


@contextmanager
def _heard(model: nn.Module) -> Iterator[list[Tensor]]:
    """The logits of every answer that the model gives inside."""
    said: list[Tensor] = []

    def listen(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        del module, inputs
        if isinstance(getattr(output, "logits", None), torch.Tensor):
            said.append(output.logits)

    hook = model.register_forward_hook(listen)
    try:
        yield said
    finally:
        hook.remove()


def _without_labels() -> ProjectError:
    return ProjectError(
        "R-Drop compares the probabilities of labels, and this objective has none.",
        where="r_drop",
        mend="Leave it out, or train on labels, marks or words.",
    )
