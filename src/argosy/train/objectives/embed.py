"""Vectors of texts that belong together, near each other (InfoNCE, van den Oord et al. 2018)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

_TEXTS = (2, 3)
Row = tuple[str, str] | tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Others:
    """The texts of a row beside its anchor as tokens, and the groups of all its texts, the anchor's first."""

    ids: Sequence[Sequence[int]]
    kin: Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """Rows are (anchor, positive) or (anchor, positive, hard negative), all of one sort; queries are anchors.

    The vector is the mean of the last states over the tokens, at length 1. Each anchor is told from the positives and
    hard negatives of the whole batch, so the loss of a batch is not the sum of its halves'; a candidate that reads as
    the anchor's own positive, or belongs to an anchor that reads the same, does not count against it. ``prefixes``
    stand before anchors and before the others. ``kin`` names the groups of a text: two texts that share one are never
    told from each other. With ``both`` each positive is told from the anchors of the batch as well, at no further
    reading, and the loss is the mean of the two ways.
    Truth: grades [different positives] of each anchor; answers: cosines of the same shape, as "retrieval" reads them.
    """

    temperature: float = 0.05
    prefixes: tuple[str, str] = ("", "")
    kin: Mapping[str, frozenset[str]] = field(default_factory=dict)
    both: bool = False
    task: str = "retrieval"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """As it is."""
        del reader, recipe
        readable(rows, " ".join)
        if {len(row) for row in rows} not in ({size} for size in _TEXTS):
            raise DataError(
                "Some rows have {sizes} texts.",
                mend="Give (anchor, positive) everywhere, or (anchor, positive, hard negative) everywhere.",
                sizes=", ".join(map(str, sorted({len(row) for row in rows}))),
            )
        return self

    def open(self, base: Path, seed: int) -> Opened:
        """Without a head."""
        return load(base, "none", seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row: the anchor; the target holds the others, and the groups that all of them are of."""
        del held_out
        columns = [
            reader.texts([(self.prefixes[column > 0]) + row[column] for row in rows]) for column in range(len(rows[0]))
        ]
        none: frozenset[str] = frozenset()
        return [
            Item(
                ids=read[0].ids,
                target=_Others(
                    ids=[encoding.ids for encoding in read[1:]], kin=[self.kin.get(text, none) for text in row]
                ),
            )
            for row, read in zip(rows, zip(*columns, strict=True), strict=True)
        ]

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``others`` and ``others_mask`` [candidates, longest], positives first; ``own`` [rows, candidates] bool.

        The units are rows.
        """
        del keys
        columns = range(len(items[0].target.ids))
        others = [Item(ids=item.target.ids[column]) for column in columns for item in items]
        kin = [item.target.kin[column + 1] for column in columns for item in items]
        read = forward.inputs(others, pad)
        same = [
            [
                one.target.ids[0] == other.ids
                or (at < len(items) and items[at].ids == one.ids)
                or not one.target.kin[0].isdisjoint(kin[at])
                for at, other in enumerate(others)
            ]
            for one in items
        ]
        return {
            **forward.inputs(items, pad),
            "others": read["ids"],
            "others_mask": read["mask"],
            "own": torch.tensor(same),
        }, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of each anchor's own positive among all candidates of the batch."""
        tensors = batch.tensors
        anchors = vectors(model, tensors)
        others = vectors(model, {"ids": tensors["others"], "mask": tensors["others_mask"]})
        targets = torch.arange(len(anchors), device=anchors.device)
        twins = tensors["own"].clone()
        twins[targets, targets] = False
        scores = (anchors @ others.T / self.temperature).masked_fill(twins, -torch.inf)
        there = nn.functional.cross_entropy(scores, targets, reduction="sum")
        if not self.both:
            return there
        back = nn.functional.cross_entropy(scores[:, : len(anchors)].T, targets, reduction="sum")
        return (there + back) / 2

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The vectors of anchor and positive [2, width]."""
        anchors = vectors(model, tensors)
        others = vectors(model, {"ids": tensors["others"], "mask": tensors["others_mask"]})
        return list(torch.stack([anchors, others[: len(anchors)]], dim=1).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """1 for each positive of the anchor, in the order in which the different positives come."""
        places = _places(rows)
        grades: dict[str, np.ndarray] = {row[0]: np.zeros(len(places)) for row in rows}
        for anchor, positive, *_ in rows:
            grades[anchor][places[positive]] = 1.0
        return [grades[row[0]] for row in rows]

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Cosines of each anchor with every positive."""
        del items
        pairs = np.stack(outputs).astype(np.float64)
        first = {row[1]: number for number, row in reversed(list(enumerate(rows)))}
        return list(pairs[:, 0] @ pairs[[first[text] for text in _places(rows)], 1].T)


def _places(rows: Sequence[Row]) -> dict[str, int]:
    """The different positives, numbered as they come."""
    return {text: number for number, text in enumerate(dict.fromkeys(row[1] for row in rows))}


def vectors(model: nn.Module, tensors: Tensors) -> Tensor:
    """The mean of the last layer's states over the tokens, at length 1, float32 [texts, width]."""
    states = forward.run(model, tensors).last_hidden_state.float()
    summed = (states * tensors["mask"][:, :, None]).sum(dim=1)
    return nn.functional.normalize(summed, dim=-1)
