"""One label a text, or a pair of texts."""

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
from argosy.train.objectives.labelled import balanced, joined, known, numbers, readable, sequences, weighing
from argosy.train.objectives.reader import Reader, Text
from argosy.train.recipe import Recipe

Row = tuple[Text, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify:
    """Rows are (text or pair of texts, label); ``labels`` left out are those of the training rows.

    Truth: label numbers int64 [rows]; answers: probabilities float64 [rows, labels].
    """

    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    smoothing: float = 0.0
    task: str = "classify"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the labels, and with their weights where the recipe asks for them."""
        del reader
        readable(rows, lambda row: joined(row[0]))
        labels = self.labels or known((label for _, label in rows), least=2)
        weights = balanced((label for _, label in rows), labels) if recipe.class_weights else ()
        return replace(self, labels=labels, weights=weights, smoothing=recipe.label_smoothing)

    def open(self, base: Path, seed: int) -> Opened:
        """With a classification head."""
        return load(base, "labels", labels=self.labels, problem="single_label_classification", seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is the label's number."""
        del held_out
        return sequences(rows, numbers([label for _, label in rows], self.labels), reader)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows]; the units are rows."""
        del keys
        targets = torch.tensor([item.target for item in items])
        return {**forward.inputs(items, pad), "targets": targets}, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy."""
        return self.loss_of(self.logits(model, batch), batch)

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """What the loss is computed from: float32 [rows, labels]."""
        return forward.logits(model, batch.tensors)

    def loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of such logits."""
        weight = weighing(self.weights, logits)
        targets = batch.tensors["targets"]
        return nn.functional.cross_entropy(
            logits, targets, weight=weight, label_smoothing=self.smoothing, reduction="sum"
        )

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """Logits [labels] a row."""
        return list(forward.logits(model, tensors).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> NDArray[np.int64]:
        """Label numbers."""
        return np.array(numbers([label for _, label in rows], self.labels), dtype=np.int64)

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """Probabilities."""
        del rows, items
        return torch.from_numpy(np.stack(outputs)).double().softmax(dim=-1).numpy()

    def unanswered(self, asked: Text) -> Row:
        """Any label."""
        return (asked, self.labels[0])

    def told(self, answers: NDArray[np.float64]) -> list[str]:
        """The likeliest label."""
        return [self.labels[number] for number in answers.argmax(axis=1)]
