"""The text model as it serves: a vector for each item, one for each history, and their products."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from argosy.recommend.interactions import Floats, History, Ints
from argosy.recommend.interest.pooling import Pooling, recent
from argosy.recommend.nearest import MANY, Graph, Near

_NUMBERS, _FACTS, _GRAPH = "interest.npz", "interest.json", "interest.usearch"
Embed = Callable[[Sequence[str]], Floats]
"""Texts, which bring their prefix, to vectors of length 1, float32 [texts, dimensions]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """What makes an item's vector of its text's: less ``centre`` [dimensions], times ``turn`` [dimensions, width].

    ``ask`` [width, width] makes of an item's vector what it says of whoever had it, where nobody had it yet; None:
    the vector itself. ``lean`` [width] says how popular such a text is. ``prefix`` stands before each text. An item
    without a text has the vector 0.
    """

    centre: Floats
    turn: Floats
    lean: Floats
    ask: Floats | None = None
    prefix: str = ""

    def vectors(self, raw: Floats) -> Floats:
        """Float32 [texts, width] of length 1, of the texts' vectors; 0 of 0."""
        told = np.asarray((raw - self.centre) @ self.turn, np.float32)
        return unit(np.where(raw.any(axis=1, keepdims=True), told, np.float32(0)))

    def queries(self, vectors: Floats) -> Floats:
        """What items say of whoever had them, by their text alone, float32 [items, width]."""
        return vectors if self.ask is None else np.asarray(vectors @ self.ask, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interest:
    """Items by position: ``vectors`` [items, width], and what each says of whoever had it, ``queries``; a ``Scorer``.

    A user's vector is the pooled queries of the history, at length 1. ``given`` [items] is added to every score: what
    the text says of how popular an item will be. ``graph`` finds the near ones of the first items; those
    behind them are compared one by one.
    """

    vectors: Floats
    queries: Floats
    head: Head
    pooling: Pooling = field(default_factory=Pooling)
    name: str = "text"
    graph: Graph | None = None

    @property
    def given(self) -> Floats:
        """Float32 [items]."""
        return np.asarray(self.vectors @ self.head.lean, np.float32)

    def user_vector(self, history: History) -> Floats:
        """Float32 [width], of length 1; all 0 where the history tells nothing."""
        used = recent(history)
        if not len(used):
            return np.zeros(self.vectors.shape[1], np.float32)
        return unit(self.pooling.weights(used) @ self.queries[used.items])

    def scores(self, histories: Sequence[History]) -> Floats:
        """[histories, items]; an item without a text has 0."""
        users = [self.user_vector(history) + self.head.lean for history in histories]
        return np.asarray(np.stack(users) @ self.vectors.T) if users else np.empty((0, len(self.vectors)), np.float32)

    def near(self, history: History, most: int) -> Near:
        """The ``most`` best that the graph finds, and all that came after it; without one the best of all."""
        asked = self.user_vector(history) + self.head.lean

        def of(items: Ints) -> Floats:
            told = np.full(len(items), np.nan, np.float32)
            known = items < len(self.vectors)
            told[known] = self.vectors[items[known]] @ asked
            return told

        if not asked.any():
            return Near(items=np.empty(0, np.int32), scores=np.empty(0, np.float32), of=of, whole=True)
        begin = len(self.graph) if self.graph else 0
        found = self.graph.nearest(asked, most) if self.graph else np.empty(0, np.int32)
        items = np.concatenate([found, np.arange(begin, len(self.vectors), dtype=np.int32)])
        scores = of(items)
        order = np.lexsort((items, -scores))
        order = order[scores[order] > 0][:most]
        return Near(items=items[order], scores=scores[order], of=of, whole=False)

    def between(self, history: Ints, items: Ints) -> Floats:
        """How near what each item of a history asks for is to each item: float32 [history, items]."""
        return np.asarray(self.queries[history] @ self.vectors[items].T, np.float32)

    def embed_new(self, texts: Sequence[str], embed: Embed) -> Floats:
        """The vectors of items that are not in it, by their texts, float32 [items, width]."""
        return self.head.vectors(raw_vectors(texts, embed, self.head.prefix))

    def extended(self, vectors: Floats) -> Self:
        """The same with further items, which nobody had yet, behind those that it has."""
        queries = np.concatenate([self.queries, self.head.queries(vectors)])
        return replace(self, vectors=np.concatenate([self.vectors, vectors]), queries=queries)

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        head = self.head
        numbers = {"vectors": self.vectors, "centre": head.centre, "turn": head.turn, "lean": head.lean}
        if head.ask is not None:
            numbers |= {"ask": head.ask, "queries": self.queries}
        np.savez(folder / _NUMBERS, allow_pickle=False, **numbers)
        if self.graph:
            self.graph.save(folder / _GRAPH)
        told = {"name": self.name, "prefix": head.prefix, "pooling": asdict(self.pooling)}
        (folder / _FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Interest:
    """What ``Interest.save`` wrote."""
    told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    with np.load(folder / _NUMBERS, allow_pickle=False) as stored:
        numbers: dict[str, Floats] = dict(stored)
    vectors: Floats = numbers["vectors"]
    head = Head(
        centre=numbers["centre"],
        turn=numbers["turn"],
        lean=numbers["lean"],
        ask=numbers.get("ask"),
        prefix=told["prefix"],
    )
    return Interest(
        vectors=vectors,
        queries=numbers.get("queries", vectors),
        head=head,
        pooling=Pooling(slopes=tuple(told["pooling"]["slopes"])),
        name=told["name"],
        graph=Graph.load(folder / _GRAPH) if (folder / _GRAPH).is_file() else None,
    )


def with_graph(interest: Interest) -> Interest:
    """The same with a graph of its vectors, where there are many."""
    return replace(interest, graph=Graph.of(interest.vectors)) if len(interest.vectors) > MANY else interest


def untrained(raw: Floats, prefix: str = "") -> Interest:
    """The encoder as it comes, over the texts' vectors: their middle taken out, nothing learnt."""
    width = raw.shape[1]
    head = Head(
        centre=middle(raw), turn=np.eye(width, dtype=np.float32), lean=np.zeros(width, np.float32), prefix=prefix
    )
    vectors = head.vectors(raw)
    return Interest(vectors=vectors, queries=vectors, head=head)


def raw_vectors(texts: Sequence[str], embed: Embed, prefix: str = "") -> Floats:
    """The encoder's vectors of texts, float32 [texts, dimensions]; 0 of an empty one."""
    told = [row for row, text in enumerate(texts) if text.strip()]
    found = embed([prefix + texts[row] for row in told])
    made = np.zeros((len(texts), found.shape[1]), np.float32)
    made[told] = found
    return made


def middle(raw: Floats) -> Floats:
    """The mean of the vectors that are not 0, float32 [dimensions]."""
    there = raw[raw.any(axis=1)]
    return np.asarray(there.mean(axis=0) if len(there) else np.zeros(raw.shape[1]), np.float32)


def unit(vectors: Floats) -> Floats:
    """The same vectors at length 1; 0 stays 0."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), np.float32)
