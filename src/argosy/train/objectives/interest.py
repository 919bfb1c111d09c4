"""The vector of a history near that of what comes next: a softmax over items whose logits are cosines.

How often each item is taken is given (the logarithm of its count is added to its logit), so the vectors learn what one
user wants and another does not, and nothing of what is popular (Menon et al. 2021, logit adjustment).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch, Rows
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.embed import vectors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

_AGAIN = -1e9  # the logit of what a history holds already, and the weight of a place where no event stands
_SHARPNESS = 10.0  # of cosines, at first
_CANDIDATES = 4_096  # items that a next one is told from at a time: all in a small catalogue, else drawn ones
Floats = NDArray[np.float32]
Row = tuple[str, int]
Gather = Callable[[NDArray[np.int64]], Mapping[str, NDArray[Any]]]
"""Some examples as arrays: ``items`` [rows, events] (−1 where none stands), their ``features`` [rows, events, features]
and ``weights`` [rows, events] (logarithms), and the ``target`` items [rows]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lessons:
    """Next items with the histories before them; a ``Source``.

    ``texts`` [items, dimensions] are the texts' vectors, their middle taken out; ``counts`` [items] says how often each
    item is a target. An item that never is one is no candidate.
    """

    texts: Floats
    counts: NDArray[np.int64]
    gather: Gather
    rows: int
    batch_size: int
    seed: int

    def order(self, epoch: int) -> list[Rows]:
        """Every example once, in an order of its own each epoch; the last ones wait where they fill no batch."""
        order = np.random.default_rng((self.seed, epoch)).permutation(self.rows)
        whole = max(1, self.rows // self.batch_size)
        return [tuple(part.tolist()) for part in np.split(order, range(self.batch_size, self.rows, self.batch_size))][
            :whole
        ]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """The tensors that ``Head`` reads."""
        told = self.gather(np.asarray(rows))
        items, target = told["items"], told["target"]
        there = items >= 0
        among = self._candidates(target, np.random.default_rng((self.seed, epoch, *rows[:1])))
        places = np.union1d(np.unique(items[there]), among)
        columns = np.searchsorted(among, target)
        tensors = {
            "texts": self.texts[places],
            "events": np.where(there, np.searchsorted(places, items), 0),
            "among": np.searchsorted(places, among),
            "features": told["features"],
            "weights": np.where(there, told["weights"], _AGAIN).astype(np.float32),
            "given": np.log(self.counts[among]).astype(np.float32),
            "again": self._again(items, there, among, columns),
            "targets": columns,
        }
        return Batch(rows=rows, tensors={name: torch.from_numpy(one) for name, one in tensors.items()}, units=len(rows))

    def _candidates(self, target: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
        """Items in the order of their positions, the targets among them."""
        known = np.flatnonzero(self.counts)
        if len(known) > _CANDIDATES:
            known = rng.choice(known, _CANDIDATES, replace=False)
        return np.union1d(known, target)

    def _again(
        self, items: NDArray[Any], there: NDArray[np.bool_], among: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Which candidates each history holds already, its own target aside."""
        place = np.minimum(np.searchsorted(among, items), len(among) - 1)
        found = there & (among[place] == items)
        again = np.zeros((len(items), len(among)), bool)
        rows = np.broadcast_to(np.arange(len(items))[:, None], items.shape)
        again[rows[found], place[found]] = True
        again[np.arange(len(items)), columns] = False
        return again


class Head(nn.Module):
    """What is learnt above texts' vectors: a ``turn`` [dimensions, width], ``slopes`` [features], and a sharpness.

    ``dropout`` is the share of a text's numbers that it does without at a time.
    """

    def __init__(self, turn: Floats, slopes: tuple[float, ...], *, dropout: float) -> None:
        super().__init__()
        self.turn = nn.Parameter(torch.tensor(turn))
        self.slopes = nn.Parameter(torch.tensor(slopes))
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS).log())
        self.dropout = nn.Dropout(dropout)

    def forward(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """Float32 [histories, candidates].

        ``texts`` [places, dimensions] are vectors, their middle taken out; ``events`` [histories, events] and
        ``among`` [candidates] are places in them; ``features`` [histories, events, features] and ``weights``
        [histories, events] belong to the events; ``given`` [candidates] is added; ``again`` [histories, candidates]
        says what a history holds already.
        """
        vectors = nn.functional.normalize(self.dropout(tensors["texts"]) @ self.turn, dim=-1)
        weights = (tensors["features"] @ self.slopes + tensors["weights"]).softmax(dim=-1)
        users = nn.functional.normalize((weights[:, None] @ vectors[tensors["events"]])[:, 0], dim=-1)
        logits = self.sharpness.exp() * users @ vectors[tensors["among"]].T + tensors["given"]
        return logits.masked_fill(tensors["again"], _AGAIN)


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of each history's next item, ``targets`` [histories] among the candidates, summed."""
    return nn.functional.cross_entropy(model(batch.tensors), batch.tensors["targets"], reduction="sum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interested:
    """Rows are (text of the next item, number of the example); what is stored is an encoder.

    ``lessons`` holds the vectors of all texts as they were, by which the histories and most candidates are read; those
    of the batch's own next items are read anew, and learn. ``head`` [turn and slopes] stays as it is. ``middle``
    [dimensions] is taken out of every vector. Truth: none; answers: the vectors [rows, dimensions] of held-out texts.
    """

    lessons: Lessons
    head: Head
    middle: Floats
    task: str = "retrieval"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """As it is."""
        del reader, recipe
        readable(rows, lambda row: row[0])
        return self

    def open(self, base: Path, seed: int) -> Opened:
        """Without a head."""
        return load(base, "none", seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is the number of the example."""
        del held_out
        read = reader.texts([text for text, _ in rows])
        return [Item(ids=one.ids, target=number) for one, (_, number) in zip(read, rows, strict=True)]

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """Each different text once, ``ids`` and ``mask``, and what ``Head`` reads; ``fresh`` are the texts' places."""
        _, epoch, _ = keys[0]
        if any(item.target < 0 for item in items):  # held out: texts alone
            return forward.inputs(items, pad), len(items)
        batch = self.lessons.batch(tuple(item.target for item in items), epoch)
        places = batch.tensors["among"][batch.tensors["targets"]].tolist()
        once = dict(zip(places, items, strict=True))
        read = forward.inputs(list(once.values()), pad)
        return {**batch.tensors, **read, "fresh": torch.tensor(list(once))}, batch.units

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of each history's next item, summed."""
        tensors = dict(batch.tensors)
        fresh = vectors(model, tensors) - torch.from_numpy(self.middle)
        tensors["texts"] = tensors["texts"].index_put((tensors["fresh"],), fresh)
        return loss(self.head, Batch(rows=batch.rows, tensors=tensors, units=batch.units))

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The vectors of the texts [dimensions]."""
        return list(vectors(model, tensors).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> None:
        """What is true is known to whoever scores."""
        del rows

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> np.ndarray:
        """Float32 [rows, dimensions]."""
        del rows, items
        return np.stack(outputs).astype(np.float32)
