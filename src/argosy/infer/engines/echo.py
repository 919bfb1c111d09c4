"""Engines that need no model: the seam for tests of whatever stands in front of one."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from argosy.core.engine import Deltas, Reading
from argosy.core.records import Message, Prediction, Settings
from argosy.infer.sampling import check
from argosy.infer.text import Pieces, check_prompt, check_room, deltas


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoGenerator:
    """A generator whose answer follows from prompt and seed: the prompt's words in a drawn order, twice.

    A token is a word with the space before it. Of a conversation the last turn is taken.

    >>> "".join(piece.text for piece in EchoGenerator().generate("one", Settings(seed=7)))
    'one one'
    """

    name: str = "echo"
    context: int = 4_096
    chat: bool = True

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The words one by one."""
        check(settings)
        check_prompt(prompt, chat=self.chat, model=self.name)
        tokens = self.count(prompt)
        check_room(tokens, self.context, self.name)
        return deltas(self._pieces(prompt, settings, self.context - tokens), settings.stop, tokens)

    def count(self, prompt: str | Sequence[Message]) -> int:
        """One token a word, and one for each turn of a conversation."""
        if isinstance(prompt, str):
            return len(prompt.split())
        return sum(1 + len(turn.content.split()) for turn in prompt)

    def _pieces(self, prompt: str | Sequence[Message], settings: Settings, room: int) -> Pieces:
        words = (prompt if isinstance(prompt, str) else prompt[-1].content).split()
        seed = settings.seed if settings.temperature else 0
        random.Random(seed).shuffle(words)
        answer = [*words, *words]
        for place, word in enumerate(answer[: min(settings.max_tokens, room)]):
            yield (f" {word}" if place else word), 1
        return "length" if len(answer) > min(settings.max_tokens, room) else "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoEmbedder:
    """An embedder whose vector counts a text's words, each at a place drawn from its SHA-256: shared words are near."""

    name: str = "echo"
    dimensions: int = 64
    longest: int = 512
    run_tokens: int = 4_096
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The texts as they are, a token a word."""
        return [
            Reading(text=text, tokens=self.count(text), truncated=len(text.split()) > self.longest) for text in texts
        ]

    def score(self, readings: Sequence[Reading]) -> list[NDArray[np.float32]]:
        """One vector a reading."""
        return list(self.embed([reading.text for reading in readings]))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 [texts, dimensions]."""
        counts = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)  # no text has length 0
        for row, text in enumerate(texts):
            for word in text.split()[: self.longest]:
                digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
                counts[row, int.from_bytes(digest[:4], "big") % self.dimensions] += 1
        lengths: NDArray[np.float32] = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / lengths

    def count(self, text: str) -> int:
        """One token a word."""
        return min(len(text.split()), self.longest)
