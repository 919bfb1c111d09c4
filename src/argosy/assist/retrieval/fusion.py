"""From what is known of an entry and a question to the chance that the one answers the other.

A logistic regression over FEATURES, fitted on questions whose right entries are known. Its parameters are plain
numbers, so that a model serves with what it was measured with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from argosy.assist.retrieval.words import versions
from argosy.core.errors import DataError, MissingError
from argosy.core.knowledge import Found

FEATURES = (
    "lexical",  # BM25 of the key that fits best, as a share of the most that the question could get
    "lexical_text",  # the same of the entry's text
    "cosine",  # of the nearest key
    "cosine_text",  # of the entry's text
    "votes",  # the entry's share of the nearest keys, the nearer the more
    "votes_lexical",  # the same by BM25
    "exact",  # 1 where a key is the question, case, script and spaces aside
    "lexical_margin",  # ``lexical`` less the highest of the other entries
    "cosine_margin",  # the same of ``cosine``
    "relevance",  # as the reranker says; 0 without one
    "relevance_margin",
)
"""What a row is made of, in order; those by vectors are 0 without an encoder."""
_RIDGE = 1e-3  # of the squared weights, for features that tell nothing
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """Weights of FEATURES with a bias; ``words`` are the versions of the packages that the lexical ones hang on."""

    weights: tuple[float, ...]
    bias: float
    words: Mapping[str, str]

    def chance(self, rows: Floats) -> Floats:
        """Float64 [rows] of features [rows, FEATURES]."""
        from scipy.special import expit

        found: Floats = expit(rows @ np.array(self.weights) + self.bias)
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"features": list(FEATURES), **asdict(self)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told; raises DataError for other features, MissingError for other packages."""
        if tuple(told["features"]) != FEATURES:
            raise DataError("The assistant was built by another version of Argosy.", mend="Build it again: argosy run")
        found = versions()
        for name, expected in told["words"].items():
            if found.get(name) != expected:
                raise MissingError(
                    "The assistant was built with {name} {expected}; installed is {found}, which may cut otherwise.",
                    mend="pip install '{name}=={expected}', or build the model again: argosy run",
                    name=name,
                    expected=expected or "-",
                    found=found.get(name) or "-",
                )
        return cls(weights=tuple(told["weights"]), bias=float(told["bias"]), words=dict(told["words"]))


def unfitted(*, vectors: bool = True) -> Fusion:
    """For an assistant without questions to fit on: it orders well, and its chances are a guess.

    With ``vectors`` they are on the low side; by words alone they are sure only where one entry has most of the words.
    """
    by_words = {"lexical": 6.0, "lexical_text": 6.0, "votes_lexical": 1.5, "exact": 6.0, "lexical_margin": 4.0}
    by_both = {"lexical": 4.0, "lexical_text": 2.0, "cosine": 4.0, "cosine_text": 2.0, "votes": 2.0}
    by_both |= {"votes_lexical": 1.0, "exact": 3.0, "relevance": 4.0}
    weights = dict.fromkeys(FEATURES, 0.0) | (by_both if vectors else by_words)
    return Fusion(weights=tuple(weights.values()), bias=-6.0 if vectors else -3.0, words=versions())


def rows_of(found: Sequence[Found]) -> Floats:
    """Float64 [found, FEATURES] of what a Retriever found, as it weighed it."""
    return np.array([[one.parts[name] for name in FEATURES] for one in found]).reshape(-1, len(FEATURES))


def fit_fusion(rows: Floats, right: NDArray[np.bool_]) -> Fusion:
    """The regression of features [rows, FEATURES] on whether each row's entry was right.

    Raises DataError when all are right or none is.
    """
    from scipy.optimize import minimize

    truth = right.astype(np.float64)
    if len(set(truth.tolist())) < 2:  # noqa: PLR2004 - right and wrong
        raise DataError(
            "The questions to fit retrieval on have right answers alone, or none at all: {count} candidates.",
            mend="Give dialogues with more questions.",
            count=len(truth),
        )
    centre, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale < _RIDGE] = 1.0
    plain = (rows - centre) / scale

    def loss(point: Floats) -> tuple[float, Floats]:
        logits = plain @ point[:-1] + point[-1]
        gap = 1 / (1 + np.exp(-np.clip(logits, -500, 500))) - truth
        value = float(np.mean(np.logaddexp(0, logits) - truth * logits) + _RIDGE * (point[:-1] @ point[:-1]))
        return value, np.append(plain.T @ gap / len(truth) + 2 * _RIDGE * point[:-1], gap.mean())

    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / scale
    return Fusion(weights=tuple(weights.tolist()), bias=float(found[-1] - weights @ centre), words=versions())
