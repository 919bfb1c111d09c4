"""What an engine can do, as small protocols by ability."""

from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from argosy.core.records import Delta, Message, Prediction, Settings

Deltas = abc.Generator[Delta, None, None]
"""A text as it is generated; its last piece has a ``finish``. Closing it stops the work."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as an engine reads it: behind its text steps, and as token numbers (none for engines without).

    ``tokens`` is what the text costs; ``truncated`` says that the engine does not read all of it.
    """

    text: str
    ids: Sequence[int] = ()
    tokens: int
    truncated: bool = False


@runtime_checkable
class Staged(Classifier, Protocol):
    """A Classifier that works in two steps, so that texts are read while others are scored; threads may call both."""

    @property
    def longest(self) -> int:
        """The tokens that a text has at most; of a longer one the beginning is read."""
        ...

    @property
    def run_tokens(self) -> int:
        """The tokens, padding included, that one call of ``score`` takes best."""
        ...

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """What the engine reads of each raw text, in the order of ``texts``."""
        ...

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One prediction a reading, in order; ``classify`` is ``score`` after ``read``."""
        ...


@runtime_checkable
class Generator(Protocol):
    """Continues a text, or answers a conversation, piece by piece."""

    @property
    def name(self) -> str:
        """The engine's name as reports show it, such as ``torch`` or ``gguf``."""
        ...

    @property
    def context(self) -> int:
        """The tokens that prompt and answer may have together."""
        ...

    @property
    def chat(self) -> bool:
        """Whether the model knows conversations; one that does not takes texts alone."""
        ...

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The pieces of the answer; whoever leaves early calls ``close`` on them, and the work stops.

        Raises ProjectError for settings out of range, DataError for a prompt that is empty or has no room, both before
        any work and at once, not when the first piece is asked for.
        """
        ...

    def count(self, text: str) -> int:
        """The number of tokens of ``text``."""
        ...
