"""What an engine can do, as small protocols by ability."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from argosy.core.records import Prediction


@runtime_checkable
class Classifier(Protocol):
    """Classifies texts; the answer for a text does not depend on the texts beside it."""

    @property
    def name(self) -> str:
        """The engine's name as reports show it, such as ``onnx-int8``."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of the scores."""
        ...

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``; raw texts, cleaned as in training."""
        ...

    def count(self, text: str) -> int:
        """The number of tokens (or features) that ``text`` costs."""
        ...
