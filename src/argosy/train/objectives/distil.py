"""Distillation: a small model learns what a larger one says (Hinton et al. 2015), and how it comes to it (TinyBERT)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.methods.parts import layers_of
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.feed import Fed, outputs
from argosy.train.objectives.reader import Reader, Text
from argosy.train.recipe import Recipe

Row = tuple[Text, str] | tuple[Text, str | None, Sequence[float]]
BRIDGES = "bridges"
_UNLABELLED = -100  # the target that cross entropy passes over


@dataclass(frozen=True, slots=True, kw_only=True)
class Distil:
    """Rows are (text, label), or (text, label or None, the teacher's logits in the order of ``labels``).

    The loss is ``share`` of temperature² · KL(teacher, student), at ``temperature``, and the rest of cross entropy with
    the labels; a text without a label is learnt from the teacher alone. ``hidden`` weighs the squared distance of
    hidden states, a mean over tokens and numbers, between layers spread evenly over both; where the widths differ a
    matrix stands between, which is learnt and then dropped. ``teacher`` is a classifier's folder; it runs in evaluation
    mode, for its logits once before the training, for its states with every batch, which needs the same tokenizer.
    Truth and answers are those of Classify.
    """

    teacher: Path | None = None
    temperature: float = 2.0
    share: float = 0.5
    hidden: float = 0.0
    inner: Classify = field(default_factory=Classify)
    master: Any = field(default=None, repr=False, compare=False)
    task: str = "classify"
    words: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order of the logits."""
        return self.inner.labels

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the labels, and with the teacher opened."""
        inner = self.inner.fitted(_labelled(rows), reader, recipe)
        master = None
        if self.teacher is not None:
            master = load(self.teacher, "labels").model.train(mode=False).requires_grad_(requires_grad=False)
            _same_labels(self.teacher, master, inner.labels)
        if master is None and (self.hidden or any(len(row) < 3 for row in rows)):  # noqa: PLR2004 - with logits
            raise DataError(
                "There is no teacher: rows without its logits, and its hidden states, need one.",
                mend="Name the folder of a trained classifier as teacher, or give its logits with every row.",
            )
        return replace(self, inner=inner, master=master)

    def open(self, base: Path, seed: int) -> Opened:
        """The student, with a matrix to the teacher's width where that differs."""
        opened = self.inner.open(base, seed)
        if self.hidden:
            own, other = opened.model.config.hidden_size, self.master.config.hidden_size
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                pairs = len(layers_of(opened.model)) if own != other else 0
                opened.model.add_module(BRIDGES, nn.Linear(own, pairs * other, bias=False))
        return opened

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is (the label's number, the teacher's logits); held-out rows need no teacher."""
        items = self.inner.items(self._named(rows), reader, held_out=held_out)
        said = self._logits(rows, reader, items, held_out=held_out)
        targets = [_UNLABELLED if row[1] is None else item.target for row, item in zip(rows, items, strict=True)]
        return [replace(item, target=both) for item, both in zip(items, zip(targets, said, strict=True), strict=True)]

    def _logits(
        self, rows: Sequence[Row], reader: Reader, items: Sequence[Item], *, held_out: bool
    ) -> Sequence[np.ndarray]:
        if all(len(row) > 2 for row in rows):  # noqa: PLR2004 - with logits
            return [np.asarray(row[2], dtype=np.float32) for row in rows]  # type: ignore[misc]  # they have three
        if held_out and self.master is None:
            return [np.zeros(len(self.labels), dtype=np.float32)] * len(rows)
        own = Reader.load(Path(str(self.teacher)), max_length=reader.max_length)
        read = self.inner.items(self._named(rows), own, held_out=held_out)
        if self.hidden and any(list(one.ids) != list(other.ids) for one, other in zip(items, read, strict=True)):
            raise DataError(
                "Teacher and student read texts as different tokens, so their hidden states cannot be compared.",
                mend="Set hidden to 0, or choose a student with the teacher's tokenizer.",
            )
        fed = Fed(aim=self.inner, items=read, batch_size=1, pad=own.pad, seed=0)
        return outputs(self.master, fed, bf16=False)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows] and ``taught`` float32 [rows, labels]; the units are rows."""
        taught = torch.from_numpy(np.stack([item.target[1] for item in items]))
        plain, units = self.inner.tensors([replace(item, target=item.target[0]) for item in items], pad, keys)
        return {**plain, "taught": taught}, units

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """What the teacher says, what the labels say, and the way of the hidden states."""
        said = forward.run(model, batch.tensors, states=self.hidden > 0)
        logits = said.logits.float()
        taught = (batch.tensors["taught"] / self.temperature).log_softmax(dim=-1)
        own = (logits / self.temperature).log_softmax(dim=-1)
        divergence = nn.functional.kl_div(own, taught, reduction="none", log_target=True).sum(dim=-1)  # [rows]
        shares = torch.where(batch.tensors["targets"] == _UNLABELLED, 1.0, self.share)
        loss = self.temperature**2 * (shares * divergence).sum() + (1 - self.share) * self.inner.loss_of(logits, batch)
        return loss + self.hidden * self._distance(model, said.hidden_states, batch) if self.hidden else loss

    def _distance(self, model: nn.Module, states: Sequence[Tensor], batch: Batch) -> Tensor:
        """Squared, [rows] summed: the mean over a row's tokens, over the numbers of a state and over the layers."""
        with torch.no_grad():
            master = self.master.to(states[0].device)
            taught = forward.run(master, batch.tensors, states=True).hidden_states
        bridges = forward.unwrapped(model).get_submodule(BRIDGES).weight.split(taught[0].shape[-1])
        mask = batch.tensors["mask"]
        total = torch.zeros((), device=states[0].device)
        for layer, state in enumerate(states[1:], start=1):
            other = taught[round(layer * (len(taught) - 1) / (len(states) - 1))].float()
            own = nn.functional.linear(state, bridges[layer - 1]) if len(bridges[0]) else state
            apart = (own.float() - other).square().mean(dim=-1)  # [rows, length]
            total = total + ((apart * mask).sum(dim=1) / mask.sum(dim=1)).sum()
        return total / (len(states) - 1)

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """Logits [labels] a row."""
        return self.inner.outputs(model, tensors)

    def truth(self, rows: Sequence[Row]) -> NDArray[np.int64]:
        """Label numbers; every row must have one."""
        return self.inner.truth(_labelled(rows))

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """Probabilities."""
        return self.inner.answers(self._named(rows), items, outputs)

    def unanswered(self, asked: Text) -> Row:
        """Any label, and logits that nobody reads."""
        return (asked, self.labels[0], [0.0] * len(self.labels))

    def told(self, answers: NDArray[np.float64]) -> list[str]:
        """The likeliest label."""
        return self.inner.told(answers)

    def _named(self, rows: Sequence[Row]) -> list[tuple[Text, str]]:
        """The rows as Classify takes them; any label stands for one that is not known."""
        return [(row[0], self.labels[0] if row[1] is None else row[1]) for row in rows]

    def finish(self, model: nn.Module, out: Path) -> None:
        """Drop the matrices between the widths."""
        del out
        if self.hidden:
            delattr(forward.unwrapped(model), BRIDGES)


def _labelled(rows: Sequence[Row]) -> list[tuple[Text, str]]:
    """The rows that have a label."""
    return [(row[0], row[1]) for row in rows if row[1] is not None]


def _same_labels(teacher: Path, master: Any, labels: Sequence[str]) -> None:
    names = master.config.id2label
    own = [names[number] for number in sorted(names)]
    if own != list(labels):
        raise DataError(
            "The teacher tells {own} apart, the rows {labels}.",
            where=str(teacher),
            mend="Train the teacher on the same labels, in the same order.",
            own=", ".join(own[:20]),
            labels=", ".join(labels[:20]),
        )
