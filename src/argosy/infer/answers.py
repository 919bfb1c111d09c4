"""From logits to answers: the temperature, the softmax, and whether an answer is certain enough to stand alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.records import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was fitted on validation for one engine: logits are divided by ``temperature`` before the softmax.

    An answer is certain when its label's probability is at least ``threshold`` (None: nobody asked for one).
    """

    temperature: float = 1.0
    threshold: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.temperature < np.inf:
            raise ValueError(self.temperature)
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(self.threshold)


AS_TRAINED = Calibration()


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities [texts, labels] of logits of the same shape, divided by ``temperature`` first."""
    scaled = (logits.astype(np.float64) - logits.max(axis=1, keepdims=True)) / temperature
    shares = np.exp(scaled)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def answers(logits: NDArray[np.floating], labels: Sequence[str], calibration: Calibration) -> list[Prediction]:
    """One prediction for each row of logits [texts, labels]; the label is that of the largest logit."""
    shares = softmax(logits, calibration.temperature)
    found = zip(logits.argmax(axis=1).tolist(), shares.tolist(), strict=True)
    return [
        Prediction(
            label=labels[column],
            probabilities=dict(zip(labels, row, strict=True)),
            certain=None if calibration.threshold is None else row[column] >= calibration.threshold,
        )
        for column, row in found
    ]
