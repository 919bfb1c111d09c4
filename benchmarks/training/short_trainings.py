"""Short trainings of a packaged base on a few rows, by methods that differ in the objective or in the source."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from platformdirs import user_cache_path
from torch import nn

from argosy.core.records import Example
from argosy.infer import batches
from argosy.infer.processor import multiplies_bf16
from argosy.models.source import resolve
from argosy.train.batches import Source
from argosy.train.fit import computed_once, schedule, wrapped
from argosy.train.loop import Objective, train
from argosy.train.methods import parts
from argosy.train.objectives import forward
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.feed import Fed
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

BF16 = multiplies_bf16()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A base with a head, and what it learns by; ``aim`` has the labels."""

    model: nn.Module
    reader: Reader
    aim: Classify
    recipe: Recipe

    @classmethod
    def of(cls, base: str, labels: Sequence[str], recipe: Recipe) -> Self:
        """A fresh one; its head is drawn by the recipe's seed."""
        folder = resolve(base, Path(), user_cache_path("argosy")).path
        aim = Classify(labels=tuple(labels))
        model = parts.choose(aim.open(folder, recipe.seed).model, recipe, words=False)
        return cls(model=model, reader=Reader.load(folder, max_length=recipe.max_length), aim=aim, recipe=recipe)

    def twin(self, recipe: Recipe) -> Self:
        """One that has learnt the same and learns on alone, by a recipe of its own."""
        return replace(self, model=deepcopy(self.model), recipe=recipe)

    @property
    def objective(self) -> Objective:
        """The loss with what the recipe puts around it."""
        return wrapped(self.aim, self.recipe, special=self.reader.specials)

    def source(self, rows: Sequence[Example]) -> Fed:
        """The rows as batches."""
        items = self.aim.items([(row.text, str(row.label)) for row in rows], self.reader, held_out=False)
        size, seed = self.recipe.batch_size, self.recipe.seed
        return Fed(aim=self.aim, items=items, batch_size=size, pad=self.reader.pad, seed=seed)

    def learn(self, source: Source, objective: Objective) -> None:
        """Train; the weights are those of the last epoch, since no rows are kept apart to choose one by."""
        torch.manual_seed(self.recipe.seed)
        later = count()
        with computed_once(self.model, self.aim, source, self.recipe) as fed:
            train(self.model, objective, fed, lambda _: next(later), schedule(self.recipe), lambda _share, _line: None)

    @torch.inference_mode()
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What it says of texts [rows, labels]."""
        self.model.eval()
        ids = [read.ids for read in self.reader.texts(list(texts))]
        return batches.run(self._forward, ids, pad=self.reader.pad, width=len(self.aim.labels))

    def _forward(self, batch: batches.Batch) -> NDArray[np.float32]:
        tensors = {"ids": torch.from_numpy(batch.ids), "mask": torch.from_numpy(batch.mask)}
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.recipe.bf16):
            return forward.run(self.model, tensors).logits.float().numpy()


def numbers(rows: Sequence[Example], labels: Sequence[str]) -> NDArray[np.int64]:
    """The number of each row's label."""
    return np.array([labels.index(str(row.label)) for row in rows], dtype=np.int64)
