"""What an engine can do, as small protocols by ability."""

from collections import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from argosy.core.records import Delta, Message, Prediction, Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T_co = TypeVar("T_co", covariant=True)

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

    ``tokens`` is what the text costs; ``truncated`` says that the engine does not read all of it. ``unknown`` is how
    many of the token numbers stand for what the tokenizer does not know; None for engines without a tokenizer.
    """

    text: str
    ids: Sequence[int] = ()
    tokens: int
    truncated: bool = False
    unknown: int | None = None


class Steps(Protocol[T_co]):
    """Works in two steps, so that texts are read while others are scored; threads may call both."""

    @property
    def name(self) -> str:
        """The engine's name as reports show it, such as ``onnx-int8``."""
        ...

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

    def score(self, readings: Sequence[Reading]) -> Sequence[T_co]:
        """One answer a reading, in order."""
        ...


@runtime_checkable
class Staged(Classifier, Steps[Prediction], Protocol):
    """A Classifier that works in two steps; ``classify`` is ``score`` after ``read``."""


@runtime_checkable
class Embedder(Steps["NDArray[np.float32]"], Protocol):
    """Turns texts into vectors of length 1; a text's vector does not depend on the texts beside it.

    ``score`` gives float32 [dimensions] a reading.
    """

    @property
    def dimensions(self) -> int:
        """The numbers in a vector."""
        ...

    @property
    def prefixes(self) -> Mapping[str, str]:
        """What is to stand before a text by its role, ``query`` or ``passage``; a role that is missing has nothing."""
        ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Float32 [texts, dimensions] of texts with their prefixes, in order: ``score`` after ``read``."""
        ...

    def count(self, text: str) -> int:
        """The number of tokens that the engine reads of ``text``."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """Tells how well documents answer a query, each read together with it; threads may call it at once."""

    @property
    def name(self) -> str:
        """The engine's name as reports show it, such as ``cross-encoder``."""
        ...

    @property
    def longest(self) -> int:
        """The tokens that a query and a document have together at most; of a longer document the beginning is read."""
        ...

    def relevance(self, query: str, documents: Sequence[str]) -> "NDArray[np.float32]":
        """Float32 [documents], from 0 to 1, in their order."""
        ...

    def count(self, query: str, document: str) -> int:
        """The number of tokens that the engine reads of both."""
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

    def count(self, prompt: str | Sequence[Message]) -> int:
        """The number of tokens that ``generate`` reads of a text or a conversation."""
        ...
