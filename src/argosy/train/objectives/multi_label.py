"""Any number of labels a text, each decided for itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import joined, known, numbers, readable, sequences, weighing
from argosy.train.objectives.reader import Reader, Text
from argosy.train.recipe import Recipe

Row = tuple[Text, Sequence[str]]
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiLabel:
    """Rows are (text or pair of texts, its labels, none too); ``labels`` left out are those of the training rows.

    Truth: marks bool [rows, labels]; answers: probabilities float64 [rows, labels].
    """

    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    smoothing: float = 0.0
    task: str = "multi_label"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the labels; class weights are, for each label, the rows without it by the rows with it."""
        del reader
        readable(rows, lambda row: joined(row[0]))
        labels = self.labels or known((label for _, given in rows for label in given), least=1)
        fitted = replace(self, labels=labels, smoothing=recipe.label_smoothing)
        if not recipe.class_weights:
            return fitted
        having = fitted.truth(rows).sum(axis=0)
        weights = np.where(having > 0, (len(rows) - having) / np.maximum(having, 1), 1.0)
        return replace(fitted, weights=tuple(weights.tolist()))

    def open(self, base: Path, seed: int) -> Opened:
        """With a head that has one output a label."""
        return load(base, "labels", labels=self.labels, problem="multi_label_classification", seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target has a mark a label."""
        del held_out
        return sequences(rows, list(self.truth(rows)), reader)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` float32 [rows, labels]; the units are rows."""
        del keys
        targets = torch.from_numpy(np.stack([item.target for item in items])).float()
        return {**forward.inputs(items, pad), "targets": targets}, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Binary cross entropy, the mean over the labels; smoothing draws marks towards a half."""
        return self.loss_of(self.logits(model, batch), batch)

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """What the loss is computed from: float32 [rows, labels]."""
        return forward.logits(model, batch.tensors)

    def loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of such logits."""
        weight = weighing(self.weights, logits)
        targets = batch.tensors["targets"] * (1 - self.smoothing) + self.smoothing / 2
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight, reduction="none")
        return entropy.mean(dim=-1).sum()

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """Logits [labels] a row."""
        return list(forward.logits(model, tensors).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> NDArray[np.bool_]:
        """A mark a label."""
        marks = np.zeros((len(rows), len(self.labels)), dtype=bool)
        for row, (_, given) in enumerate(rows):
            marks[row, numbers(list(given), self.labels)] = True
        return marks

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """Probabilities."""
        del rows, items
        return torch.from_numpy(np.stack(outputs)).double().sigmoid().numpy()

    def unanswered(self, asked: Text) -> Row:
        """No label."""
        return (asked, ())

    def told(self, answers: NDArray[np.float64]) -> list[tuple[str, ...]]:
        """The labels that are at least as likely as not."""
        return [
            tuple(label for label, share in zip(self.labels, row, strict=True) if share >= _HALF) for row in answers
        ]
