"""What an objective is: how the base opens, how rows become tensors, the loss, and the answers that are measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from torch import Tensor, nn

from argosy.models.checkpoint import Opened
from argosy.train.batches import Batch
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

Key = tuple[int, int, int]
"""What is drawn for a row hangs on these alone: seed, epoch, row."""
Tensors = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One sequence as the model reads it; ``types`` tells the texts of a pair apart, ``target`` is the aim's own."""

    ids: Sequence[int]
    types: Sequence[int] = ()
    target: Any = None


class Aim(Protocol):
    """An objective: a frozen record. Its rows are plain tuples or texts, as its docstring says."""

    @property
    def words(self) -> bool:
        """Whether it learns words, so that the word embeddings train where the recipe leaves that open."""
        ...

    def fitted(self, rows: Sequence[Any], reader: Reader, recipe: Recipe) -> Self:
        """The same with what is taken from training rows and tokenizer: labels, weights, scale, special tokens.

        Raises DataError for rows that cannot be learnt from.
        """
        ...

    def open(self, base: Path, seed: int) -> Opened:
        """The base with the head that is trained."""
        ...

    def items(self, rows: Sequence[Any], reader: Reader, *, held_out: bool) -> list[Item]:
        """The sequences of the rows, not always one a row; raises DataError for rows that cannot be read."""
        ...

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """The tensors of one batch and its units: what the loss is a mean over."""
        ...

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed over the batch's units."""
        ...


@runtime_checkable
class ByLogits(Protocol):
    """An objective whose loss is one of logits over labels, which can be compared with others' too."""

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """One a label, [rows, labels] or [rows, length, labels]."""
        ...

    def loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """Summed over the batch's units."""
        ...


@runtime_checkable
class Measured(Protocol):
    """An objective whose answers can be measured otherwise than by the loss."""

    @property
    def task(self) -> str:
        """The task of ``argosy.evaluate.tasks.measure`` that reads ``truth`` and ``answers``."""
        ...

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """What the model says of each item, in evaluation mode."""
        ...

    def truth(self, rows: Sequence[Any]) -> Any:
        """What is true of each unit, as the task reads it."""
        ...

    def answers(self, rows: Sequence[Any], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> Any:
        """What the model says of each unit, as the task reads it."""
        ...


@runtime_checkable
class Finishing(Protocol):
    """An objective with something left to do between training and saving."""

    def finish(self, model: nn.Module, out: Path) -> None:
        """Change the model in place, or add files to the folder that it will be saved in."""
        ...


@runtime_checkable
class Writing(Protocol):
    """An objective whose saved model writes text."""

    def asked(self, text: str) -> str | list[tuple[str, str]]:
        """The prompt for a text, or the turns (role, text) of a conversation."""
        ...


@runtime_checkable
class Predicting(Aim, Measured, Protocol):
    """An objective whose saved model can be asked about rows without an answer."""

    def unanswered(self, asked: Any) -> Any:
        """The row that asks for it."""
        ...

    def told(self, answers: Any) -> list[Any]:
        """The answers in the words of the training rows, one a row asked."""
        ...
