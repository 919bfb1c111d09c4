"""A linear ranker: a weighted sum of standardised columns, its weights those of the greatest likelihood of the lists.

Of each list the chance that a success is the next one chosen is the softmax of the sums (ListNet, Cao et al. 2007; the
conditional logit, McFadden 1974). A small penalty on the weights makes the optimum a single one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats
from argosy.recommend.ranking.features import HISTORY, linear, popular
from argosy.recommend.ranking.learning import Lists

FILE = "blend.json"
"""Where it is kept."""
Doubles = NDArray[np.float64]
_STEPS = 500
_PENALTY = 0.3  # of the strangers
_LATELY = 1  # the column of what is popular these days


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Weights of columns for those who did something before, ``known``, and for ``strangers``.

    ``names`` are the columns of the matrices that it is given. Missing values count as 0.
    """

    names: tuple[str, ...]
    known: Mapping[str, float]
    strangers: Mapping[str, float]
    name: str = "blend"

    def order(self, matrix: Floats) -> Floats:
        """A score for each row, larger is better; float32 [rows]."""
        history = matrix[:, self.names.index(HISTORY)]
        return np.where(history > 0, self._sums(matrix, self.known), self._sums(matrix, self.strangers))

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote."""
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(**{**told, "names": tuple(told["names"])})

    def _sums(self, matrix: Floats, weights: Mapping[str, float]) -> Floats:
        dense = np.array([weights.get(name, 0.0) for name in self.names], np.float32)
        used = np.flatnonzero(dense)
        return np.asarray(np.nan_to_num(matrix[:, used]) @ dense[used], np.float32)


def fit(lists: Lists, names: Sequence[str], scorers: Sequence[str], penalty: float) -> Blend:
    """The blend of these models and of counts, of counts alone for strangers.

    ``penalty`` is that of the squared weights of the known, against the loss of all lists: the more there are, the less
    it matters. Who has no lists to learn from gets the most popular of late.
    """
    known = lists.first(names.index(HISTORY)) > 0
    return Blend(
        names=tuple(names),
        known=_weights(lists.where(known), names, linear(scorers), penalty),
        strangers=_weights(lists.where(~known), names, popular(), _PENALTY),
    )


def _weights(lists: Lists, names: Sequence[str], columns: Sequence[str], penalty: float) -> dict[str, float]:
    if not len(lists):
        return {popular()[_LATELY]: 1.0}
    from scipy.optimize import minimize  # nobody who serves needs it

    told = np.nan_to_num(lists.matrix[:, [names.index(column) for column in columns]]).astype(np.float64)
    number = np.repeat(np.arange(len(lists)), lists.sizes)
    wanted = lists.success / np.maximum(np.add.reduceat(lists.success, lists.starts), 1)[number]

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        sums = told @ weights
        sums -= np.maximum.reduceat(sums, lists.starts)[number]
        chances = np.exp(sums)
        total = np.add.reduceat(chances, lists.starts)
        value = -(wanted * (sums - np.log(total)[number])).sum() + penalty * (weights @ weights)
        slope = told.T @ (chances / total[number] - wanted) + 2 * penalty * weights
        return float(value), slope

    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return {column: round(float(weight), 6) for column, weight in zip(columns, found.x, strict=True)}
