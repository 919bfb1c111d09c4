"""Learns how texts tell what comes next: the head above vectors of an encoder that stays as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.train.batches import Batch, Rows
from argosy.train.checkpoints import Checkpoints
from argosy.train.loop import Schedule, Tell, train
from argosy.train.objectives.interest import AGAIN, Floats, Head, loss

_CANDIDATES = 4_096  # items that a next one is told from at a time: all in a small catalogue, else drawn ones
_EVERY = 40  # steps between two evaluations
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
            "weights": np.where(there, told["weights"], AGAIN).astype(np.float32),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRecipe:
    """How the head is learnt: at most so many ``steps``, until ``patience`` evaluations brought nothing."""

    steps: int = 600
    learning_rate: float = 3e-4
    dropout: float = 0.5
    patience: int = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """The ``turn`` [dimensions, width] and ``slopes`` of the step that was best, and each step's (loss, score)."""

    turn: Floats
    slopes: tuple[float, ...]
    steps: int
    history: tuple[tuple[float, float], ...]


Begin = tuple[Floats, tuple[float, ...]]
"""The turn and the slopes that a training begins with, or that it has come to."""


def learn(
    lessons: Lessons,
    begin: Begin,
    score: Callable[[Begin], float] | None,
    recipe: HeadRecipe,
    tell: Tell,
    *,
    keep: Checkpoints | None = None,
) -> Learnt:
    """Learn until ``score`` no longer rises, or, where there is none, for all of the recipe's steps."""
    torch.manual_seed(lessons.seed)
    head = Head(*begin, dropout=recipe.dropout)
    schedule = Schedule(
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        weight_decay=0.0,
        evaluate_every=_EVERY if score else recipe.steps,
        patience=recipe.patience,
    )

    def reached(model: nn.Module) -> float:
        return score(_told(model)) if score else 0.0

    state = train(head, loss, lessons, reached, schedule, tell, keep=keep)
    turn, slopes = _told(head)
    return Learnt(turn=turn, slopes=slopes, steps=state.best_step or state.step, history=tuple(state.history))


def _told(model: nn.Module) -> Begin:
    weights: dict[str, Tensor] = dict(model.named_parameters())
    slopes = tuple(round(float(value), 6) for value in weights["slopes"].detach())
    return weights["turn"].detach().numpy().copy(), slopes
