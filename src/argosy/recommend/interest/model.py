"""The text model as it serves: a vector for each item, one for each history, and their cosines."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from argosy.recommend.interactions import Floats, History
from argosy.recommend.interest.pooling import Pooling, recent

_NUMBERS, _FACTS = "interest.npz", "interest.json"
Embed = Callable[[Sequence[str]], Floats]
"""Texts, which bring their prefix, to vectors of length 1, float32 [texts, dimensions]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What makes an item's vector of its text's: less ``centre`` [dimensions], times ``turn`` [dimensions, width].

    ``prefix`` stands before each text. An item without a text has the vector 0.
    """

    centre: Floats
    turn: Floats
    prefix: str = ""

    @classmethod
    def plain(cls, raw: Floats, prefix: str = "") -> Self:
        """One that only takes out what all texts share."""
        return cls(centre=raw.mean(axis=0), turn=np.eye(raw.shape[1], dtype=np.float32), prefix=prefix)

    def vectors(self, raw: Floats) -> Floats:
        """Float32 [texts, width] of length 1."""
        return unit(np.asarray((raw - self.centre) @ self.turn, np.float32))

    def embed(self, texts: Sequence[str], embed: Embed) -> Floats:
        """The vectors of texts, float32 [texts, width]."""
        made = np.zeros((len(texts), self.turn.shape[1]), np.float32)
        told = [row for row, text in enumerate(texts) if text.strip()]
        if told:
            made[told] = self.vectors(embed([self.prefix + texts[row] for row in told]))
        return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interest:
    """Items' ``vectors`` [items, width] by position, and how histories are pooled; a ``Scorer``."""

    vectors: Floats
    head: Head
    pooling: Pooling = field(default_factory=Pooling)
    name: str = "text"

    def user_vector(self, history: History) -> Floats:
        """Float32 [width], of length 1; all 0 where the history tells nothing."""
        used = recent(history)
        if not len(used):
            return np.zeros(self.vectors.shape[1], np.float32)
        return unit(self.pooling.weights(used) @ self.vectors[used.items])

    def scores(self, histories: Sequence[History]) -> Floats:
        """Cosines [histories, items]; 0 where an item or a history tells nothing."""
        users = [self.user_vector(history) for history in histories]
        return np.asarray(np.stack(users) @ self.vectors.T) if users else np.empty((0, len(self.vectors)), np.float32)

    def embed_new(self, texts: Sequence[str], embed: Embed) -> Floats:
        """The vectors of items that are not in it, by their texts, float32 [items, width]."""
        return self.head.embed(texts, embed)

    def extended(self, vectors: Floats) -> Self:
        """The same with further items behind those that it has."""
        return replace(self, vectors=np.concatenate([self.vectors, vectors]))

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / _NUMBERS, vectors=self.vectors, centre=self.head.centre, turn=self.head.turn)
        told = {"name": self.name, "prefix": self.head.prefix, "pooling": asdict(self.pooling)}
        (folder / _FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Interest:
    """What ``Interest.save`` wrote."""
    told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    with np.load(folder / _NUMBERS, allow_pickle=False) as numbers:
        head = Head(centre=numbers["centre"], turn=numbers["turn"], prefix=told["prefix"])
        vectors = numbers["vectors"]
    pooling = Pooling(slopes=tuple(told["pooling"]["slopes"]))
    return Interest(vectors=vectors, head=head, pooling=pooling, name=told["name"])


def untrained(texts: Sequence[str], embed: Embed, prefix: str = "") -> Interest:
    """The encoder as it comes, over a catalogue's texts: the middle of the texts taken out, nothing learnt."""
    there = [prefix + text for text in texts if text.strip()]
    raw = embed(there)
    if not there:
        raw = np.zeros((1, raw.shape[1]), np.float32)
    head = Head.plain(raw, prefix)
    vectors = np.zeros((len(texts), raw.shape[1]), np.float32)
    if there:
        vectors[[row for row, text in enumerate(texts) if text.strip()]] = head.vectors(raw)
    return Interest(vectors=vectors, head=head)


def unit(vectors: Floats) -> Floats:
    """The same vectors at length 1; 0 stays 0."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), np.float32)
