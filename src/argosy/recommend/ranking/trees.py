"""A ranker of gradient-boosted trees (LambdaMART: Burges 2010), grown by LightGBM on top of the blend.

The trees learn what the weighted sum gets wrong, so that few of them are enough. The same lists give the same bits.
"""

from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import numpy as np

from argosy.core.errors import MissingError
from argosy.recommend.interactions import Floats
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.learning import Lists

FILE = "trees.txt"
"""Where the trees are kept, in LightGBM's own form; the blend lies beside it."""
_GROWN: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.05,
    "min_data_in_leaf": 100,
    "lambda_l2": 20.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """A blend and what trees add to it."""

    blend: Blend
    told: str  # the trees in LightGBM's own form
    name: str = "trees"
    _booster: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_booster", _lightgbm().Booster(model_str=self.told))

    def order(self, matrix: Floats) -> Floats:
        """A score for each row, larger is better; float32 [rows]."""
        added = self._booster.predict(matrix, num_threads=1) if len(matrix) else 0
        return np.asarray(self.blend.order(matrix) + added, np.float32)

    def first(self, rounds: int) -> Self:
        """These trees without those that were grown after the first ``rounds``: what ``grow`` makes of so many."""
        return replace(self, told=self._booster.model_to_string(num_iteration=rounds))

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        self.blend.save(folder)
        (folder / FILE).write_text(self.told, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote; raises MissingError where LightGBM is not installed."""
        return cls(blend=Blend.load(folder), told=(folder / FILE).read_text(encoding="utf-8"))


def grow(lists: Lists, blend: Blend, leaves: int, rounds: int) -> Trees:
    """``rounds`` trees of so many leaves behind a blend of the same columns."""
    lightgbm = _lightgbm()
    table = lightgbm.Dataset(
        lists.matrix,
        lists.success,
        group=lists.sizes,
        init_score=blend.order(lists.matrix),
        feature_name=[*blend.names],
    )
    booster = lightgbm.train({**_GROWN, "num_leaves": leaves}, table, rounds)
    return Trees(blend=blend, told=booster.model_to_string())


def _lightgbm() -> ModuleType:
    try:
        return import_module("lightgbm")
    except ModuleNotFoundError as error:
        raise MissingError(
            "Ranking by trees needs the package {name!r}, which is not installed.",
            mend="pip install 'argosy[recommend]'",
            name="lightgbm",
        ) from error
