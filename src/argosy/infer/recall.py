"""Answers kept by the content of their texts: the same text gets the same answer without work."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What an engine answers for a text (``prediction``), its tokens, and whether only its beginning was read.

    ``unknown`` of the tokens are not known to the engine's tokenizer; None where it has none.
    """

    prediction: T
    tokens: int
    truncated: bool
    unknown: int | None = None


class Recall(Generic[T]):
    """At most ``entries`` answers of one engine, the least lately used dropped first; no text is kept, only digests."""

    def __init__(self, entries: int) -> None:
        self.entries = entries
        self._kept: OrderedDict[bytes, Answer[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, text: str) -> Answer[T] | None:
        """The answer given for the same text before."""
        if not self.entries:
            return None
        key = _digest(text)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, text: str, answer: Answer[T]) -> None:
        """Keep an answer."""
        if not self.entries:
            return
        self._kept[_digest(text)] = answer
        self._kept.move_to_end(_digest(text))
        if len(self._kept) > self.entries:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Keep nothing of what was kept."""
        self._kept.clear()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
