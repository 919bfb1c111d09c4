"""How sure an answer is: what retrieval, the intents and the doubt about anything known say, as one chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, xlog1py, xlogy

_LEAST = 1e-4  # a chance told apart from 0 and 1
_PENALTY = 1e-3  # of the squared weights, so that rows without a mistake leave them finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a candidate, each a chance.

    ``score`` is retrieval's, ``intent`` that of the candidate's own cluster, ``known`` that anything here is about the
    question at all; None where there is no such model.
    """

    score: float
    intent: float | None = None
    known: float | None = None

    @property
    def odds(self) -> tuple[float, float, float, float]:
        """One, and the logarithms of the odds; 0 where there is nothing."""
        return 1.0, _odds(self.score), _odds(self.intent), _odds(self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A logistic over the odds of the signs; as it stands unless fitted, retrieval's own chance."""

    bias: float = 0.0
    score: float = 1.0
    intent: float = 0.0
    known: float = 0.0

    def chance(self, signs: Signs) -> float:
        """The chance that the candidate answers the question, rounded so that no machine tells it otherwise.

        >>> Judge().chance(Signs(score=0.25))
        0.25
        """
        weights = (self.bias, self.score, self.intent, self.known)
        return round(float(expit(math.fsum(a * b for a, b in zip(weights, signs.odds, strict=True)))), 6)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(**told)


def fit_judge(rows: Sequence[tuple[Signs, bool]]) -> Judge:
    """The likeliest weights for candidates that were right or not, none of them negative but the bias.

    Give the first candidate of each question, of those without an answer here too (none of them right). Rows that are
    all right or all wrong tell nothing: the judge of old is returned.
    """
    right = np.array([good for _, good in rows], dtype=np.float64)
    if not len(rows) or right.min() == right.max():
        return Judge()
    odds = np.array([signs.odds for signs, _ in rows])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        chances = expit(odds @ weights)
        told = -float(np.mean(xlogy(right, chances) + xlog1py(1 - right, -chances)))
        slope = odds.T @ (chances - right) / len(right) + 2 * _PENALTY * weights
        return told + _PENALTY * float(weights @ weights), slope

    used = [bool(np.any(column)) for column in odds.T[1:]]
    bounds = [(None, None), *((0.0, None if there else 0.0) for there in used)]
    found = minimize(
        loss, np.array([0.0, *(0.5 * there for there in used)]), jac=True, method="L-BFGS-B", bounds=bounds
    ).x
    bias, score, intent, known = (round(float(weight), 9) for weight in found)
    return Judge(bias=bias, score=score, intent=intent, known=known)


def _odds(chance: float | None) -> float:
    if chance is None:
        return 0.0
    clipped = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(clipped / (1 - clipped))
