"""Causal language modelling: the next token of a text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened
from argosy.train.batches import Batch
from argosy.train.objectives import next_word
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.next_word import Counted
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Causal:
    """Rows are texts. To train they stand one behind the other, an end token after each, cut into contexts.

    Held-out texts stand alone; what is measured is the surprise of each in nats [texts], given the token that begins
    a text, in contexts of ``max_length`` without memory of the one before. Truth: the texts.
    """

    end: int = -1
    task: str = "language_model"
    words: bool = True

    def fitted(self, rows: Sequence[str], reader: Reader, recipe: Recipe) -> Self:
        """With the end token; raises MissingError when the tokenizer has none."""
        del recipe
        readable(rows, str)
        return replace(self, end=reader.required("end"))

    def open(self, base: Path, seed: int) -> Opened:
        """A decoder."""
        return next_word.open_decoder(base, seed)

    def items(self, rows: Sequence[str], reader: Reader, *, held_out: bool) -> list[Item]:
        """Contexts; raises DataError when all training texts together are shorter than one."""
        before = reader.wrapping()[0]
        read = [encoding.ids for encoding in reader.plain(rows)]
        if held_out:
            return [
                Item(ids=ids, target=Counted(row=row))
                for row, text in enumerate(read)
                for ids in next_word.blocks([*(before or [self.end]), *text], reader.max_length)
            ]
        stream = [token for text in read for token in (*before, *text, self.end)]
        if len(stream) < reader.max_length:
            raise DataError(
                "All training texts together have {tokens} tokens, less than one context of {context}.",
                mend="Give more text, or set max_length to {most} or less.",
                tokens=len(stream),
                context=reader.max_length,
                most=max(2, len(stream) // 8),
            )
        return [Item(ids=ids, target=Counted()) for ids in next_word.blocks(stream, reader.max_length)]

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows, length]; the units are the tokens foretold."""
        del keys
        return next_word.tensors(items, pad)

    def asked(self, text: str) -> str:
        """The text itself, to be continued."""
        return text

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the next token."""
        return next_word.loss(model, batch)

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The surprise of each context in nats."""
        surprise, rows = next_word.by_token(model, tensors)
        summed = torch.zeros(len(tensors["ids"]), dtype=torch.float64, device=surprise.device)
        return list(summed.index_add(0, rows, surprise.double()).cpu().numpy())

    def truth(self, rows: Sequence[str]) -> list[str]:
        """The texts."""
        return list(rows)

    def answers(self, rows: Sequence[str], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """The surprise of each text in nats."""
        surprise = np.zeros(len(rows))
        np.add.at(surprise, [item.target.row for item in items], outputs)
        return surprise
