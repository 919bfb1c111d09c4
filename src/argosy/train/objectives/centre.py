"""Vectors near the centre of their label and far from the others' (Wang et al. 2017, NormFace)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.embed import vectors
from argosy.train.objectives.labelled import known, numbers, readable, sequences
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

Row = tuple[str, str]
_CENTRES = "centres"
_STARTS = 30  # texts of a label whose mean its centre begins at


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Rows are (text, label); what is stored is an encoder, whose vectors are means of the last states at length 1.

    The logits are ``sharpness`` times the cosines to one centre a label, learnt too and begun at the mean of the
    label's own vectors. ``starts`` are the texts of these means. Each text is read once a step, where contrasting
    pairs reads two or three.
    Truth: label numbers int64 [rows]; answers: probabilities float64 [rows, labels].
    """

    labels: tuple[str, ...] = ()
    sharpness: float = 20.0
    smoothing: float = 0.0
    starts: tuple[tuple[str, ...], ...] = ()
    task: str = "classify"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the labels, and some texts of each."""
        del reader
        readable(rows, lambda row: row[0])
        labels = self.labels or known((label for _, label in rows), least=2)
        texts: dict[str, list[str]] = {label: [] for label in labels}
        for text, label in rows:
            if len(texts[label]) < _STARTS:
                texts[label].append(text)
        starts = tuple(tuple(texts[label]) for label in labels)
        return replace(self, labels=labels, starts=starts, smoothing=recipe.label_smoothing)

    def open(self, base: Path, seed: int) -> Opened:
        """Without a head, and with the centres beside the layers."""
        from argosy.train.embed import Encoder

        opened = load(base, "none", seed=seed)
        encoder = Encoder(base, max_length=128)
        means = np.stack([encoder.embed(texts).mean(axis=0) for texts in self.starts])
        opened.model.register_parameter(_CENTRES, nn.Parameter(torch.from_numpy(means)))
        return opened

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is the label's number."""
        del held_out
        return sequences(rows, numbers([label for _, label in rows], self.labels), reader)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows]; the units are rows."""
        del keys
        return {**forward.inputs(items, pad), "targets": torch.tensor([item.target for item in items])}, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy."""
        return self.loss_of(self.logits(model, batch), batch)

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """The cosines to the centres, made sharper: float32 [rows, labels]."""
        return self._scores(model, batch.tensors)

    def loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of such logits."""
        targets = batch.tensors["targets"]
        return nn.functional.cross_entropy(logits, targets, label_smoothing=self.smoothing, reduction="sum")

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """Logits [labels] a row."""
        return list(self._scores(model, tensors).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> NDArray[np.int64]:
        """Label numbers."""
        return np.array(numbers([label for _, label in rows], self.labels), dtype=np.int64)

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """Probabilities."""
        del rows, items
        return torch.from_numpy(np.stack(outputs)).double().softmax(dim=-1).numpy()

    def finish(self, model: Any, out: Path) -> None:
        """Leave the encoder alone."""
        del out
        delattr(forward.unwrapped(model), _CENTRES)

    def _scores(self, model: nn.Module, tensors: Tensors) -> Tensor:
        centres = forward.unwrapped(model).get_parameter(_CENTRES).float()
        cosines = vectors(model, tensors) @ nn.functional.normalize(centres, dim=-1).T
        return self.sharpness * cosines.float()
