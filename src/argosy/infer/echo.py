"""An engine that needs no model: the seam for tests of whatever stands behind a classifier."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.core.engine import Reading
from argosy.core.records import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoEngine:
    """A Staged classifier whose answer follows from the text alone, from its first ``longest`` characters.

    A text that names exactly one label gets that label; any other text gets one drawn from its SHA-256.

    >>> EchoEngine(labels=("bad", "good")).classify(["quite good"])[0].label
    'good'
    """

    labels: tuple[str, ...] = ("negative", "positive")
    name: str = "echo"
    longest: int = 100_000
    run_tokens: int = 4_096

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The texts as they are, a token a character."""
        return [
            Reading(text=text[: self.longest], tokens=self.count(text), truncated=len(text) > self.longest)
            for text in texts
        ]

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One prediction a reading."""
        return self.classify([reading.text for reading in readings])

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        return [self._predict(text[: self.longest]) for text in texts]

    def count(self, text: str) -> int:
        """One token a character."""
        return min(len(text), self.longest)

    def _predict(self, text: str) -> Prediction:
        weights = _weights(text, len(self.labels))
        named = [column for column, label in enumerate(self.labels) if label in text]
        if len(named) == 1:
            weights[named[0]] += sum(weights)
        total = sum(weights)
        probabilities = {label: weight / total for label, weight in zip(self.labels, weights, strict=True)}
        return Prediction(label=max(probabilities, key=probabilities.__getitem__), probabilities=probabilities)


def _weights(text: str, count: int) -> list[int]:
    digest = hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(2 * count)
    return [1 + int.from_bytes(digest[2 * column : 2 * column + 2], "big") for column in range(count)]
