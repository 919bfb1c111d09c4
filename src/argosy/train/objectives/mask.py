"""Masked language modelling (Devlin et al. 2019): words left out of a text and found again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

NO_TARGET = -100
_MASKED, _OTHER = 0.8, 0.9  # of the drawn places: up to here the mask, up to here another token, else left as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Rows are texts; long ones become several sequences, none is cut off.

    Of each sequence's tokens ``share`` are drawn anew in every epoch, at least one: 80 % become the mask, 10 % another
    token, 10 % stay; special tokens are never drawn. It is measured by its loss alone.
    """

    share: float = 0.15
    mask: int = -1
    size: int = 0
    specials: frozenset[int] = frozenset()
    words: bool = True

    def fitted(self, rows: Sequence[str], reader: Reader, recipe: Recipe) -> Self:
        """With what the tokenizer says; raises MissingError when it has no mask token."""
        del recipe
        readable(rows, str)
        return replace(self, mask=reader.required("mask"), size=reader.size, specials=reader.specials)

    def open(self, base: Path, seed: int) -> Opened:
        """With a head that tells words; where the base has lost its own, it is drawn at random and learnt too."""
        return load(base, "words", seed=seed)

    def items(self, rows: Sequence[str], reader: Reader, *, held_out: bool) -> list[Item]:
        """Each text in as many windows as it needs; the target says which places may be drawn."""
        del held_out
        before, behind = reader.wrapping()
        room = reader.max_length - len(before) - len(behind)
        windows = [
            encoding.ids[start : start + room]
            for encoding in reader.plain(rows)
            for start in range(0, len(encoding.ids), room)
        ]
        special = reader.specials
        return [
            Item(ids=ids, target=[place for place, token in enumerate(ids) if token not in special])
            for ids in ([*before, *window, *behind] for window in windows)
            if any(token not in special for token in ids)
        ]

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows, length], -100 where nothing was drawn; the units are the drawn places."""
        changed, targets = [], []
        for item, key in zip(items, keys, strict=True):
            ids, drawn = self._drawn(item, key)
            changed.append(Item(ids=ids))
            targets.append(drawn)
        tensors = forward.inputs(changed, pad)
        wanted = torch.full_like(tensors["ids"], NO_TARGET)
        for row, drawn in enumerate(targets):
            wanted[row, list(drawn)] = torch.tensor(list(drawn.values()))
        return {**tensors, "targets": wanted}, sum(map(len, targets))

    def _drawn(self, item: Item, key: Key) -> tuple[list[int], dict[int, int]]:
        """The changed tokens, and the true one of each drawn place."""
        draw = np.random.default_rng(key)
        places = draw.permutation(item.target)[: max(1, round(self.share * len(item.target)))].tolist()
        ids = list(item.ids)
        for place, chance in zip(places, draw.random(len(places)).tolist(), strict=True):
            if chance < _MASKED:
                ids[place] = self.mask
            elif chance < _OTHER:
                ids[place] = self._other(draw)
        return ids, {place: item.ids[place] for place in places}

    def _other(self, draw: np.random.Generator) -> int:
        """Any token that is not special."""
        while (token := int(draw.integers(self.size))) in self.specials:
            pass
        return token

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the drawn places."""
        targets = batch.tensors["targets"]
        drawn = targets != NO_TARGET
        logits = forward.at(model, batch.tensors, drawn)
        return nn.functional.cross_entropy(logits, targets[drawn], reduction="sum")
