"""Ask a saved model about rows, in the form that its objective was trained with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from argosy.train.fit import device_of
from argosy.train.objectives.aim import Predicting
from argosy.train.objectives.feed import Fed, answers
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe


class Predictor:
    """The saved model of ``folder`` in evaluation mode; ``aim`` knows the labels."""

    def __init__(self, aim: Predicting, folder: Path, recipe: Recipe) -> None:
        self._aim = aim
        self._recipe = recipe
        self._reader = Reader.load(folder, max_length=recipe.max_length)
        model: Any = aim.open(folder, recipe.seed).model
        self._model = model.eval().to(device_of(recipe))

    def answers(self, asked: Sequence[Any]) -> Any:
        """As the objective's task reads them."""
        rows = [self._aim.unanswered(one) for one in asked]
        items = self._aim.items(rows, self._reader, held_out=True)
        fed = Fed(aim=self._aim, items=items, batch_size=1, pad=self._reader.pad, seed=self._recipe.seed)
        return answers(self._model, fed, rows, bf16=self._recipe.bf16)

    def predict(self, asked: Sequence[Any]) -> list[Any]:
        """In the words of the training rows."""
        return list(self._aim.told(self.answers(asked))) if len(asked) else []
