"""Any classifier as one that works in two steps; one that has no steps of its own is read as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.core.engine import Classifier, Reading, Staged
from argosy.core.records import Prediction

_LONGEST = 4_096
_RUN_TOKENS = 4_096


def staged(engine: Classifier) -> Staged:
    """``engine`` itself where it is Staged, else a Staged one that asks it."""
    return engine if isinstance(engine, Staged) else Whole(engine=engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A Staged classifier whose ``score`` does everything; its texts are never known to be truncated."""

    engine: Classifier
    longest: int = _LONGEST
    run_tokens: int = _RUN_TOKENS

    @property
    def name(self) -> str:
        """The engine's."""
        return self.engine.name

    @property
    def labels(self) -> tuple[str, ...]:
        """The engine's."""
        return self.engine.labels

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The texts as they are, counted by the engine."""
        return [Reading(text=text, tokens=self.engine.count(text)) for text in texts]

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """What the engine answers."""
        return self.engine.classify([reading.text for reading in readings])

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """What the engine answers."""
        return self.engine.classify(texts)

    def count(self, text: str) -> int:
        """What the engine counts."""
        return self.engine.count(text)
