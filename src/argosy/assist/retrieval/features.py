"""What is known of an entry and a question, as FEATURES: the same numbers at build time and in service."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from argosy.assist.retrieval.fusion import FEATURES
from argosy.assist.retrieval.snapshot import Snapshot
from argosy.assist.retrieval.words import fold, terms
from argosy.core.knowledge import Found

_PROPOSED = 50  # keys, and texts, that each way proposes
_VOTERS = 20  # best keys that vote
_NARROW, _NARROW_WORDS = 0.05, 0.1  # of a cosine, of a lexical score: so much farther, and a vote counts e times less
Floats = NDArray[np.float64]
Ranked = list[tuple[int, float]]
"""Positions with scores, best first."""


def look(snapshot: Snapshot, question: str) -> list[Found]:
    """All entries that words or vectors propose, by id, with FEATURES as their parts and without a chance yet."""
    words = terms(question)
    if not words or not snapshot.entries:
        return []
    by_key, by_text = snapshot.keys.lexical.score(words), snapshot.texts.lexical.score(words)
    best_keys = highest(by_key, _PROPOSED)
    same = snapshot.folded.get(fold(question), frozenset())
    vector, near_keys, near_texts = _near(snapshot, question)
    proposed = {int(snapshot.owners[key]) for key, _ in best_keys + near_keys} | same
    entries = sorted(proposed | {text for text, _ in highest(by_text, _PROPOSED) + near_texts})
    keys, lexical = _by_words(snapshot, entries, by_key)
    columns = {
        "lexical": lexical,
        "lexical_text": by_text[entries],
        "votes_lexical": _votes(snapshot, entries, best_keys, _NARROW_WORDS),
        "exact": np.array([float(entry in same) for entry in entries]),
        "lexical_margin": margin(lexical),
    }
    if vector is not None:
        keys, cosine = _by_vector(snapshot, entries, keys, near_keys, vector)
        columns |= {
            "cosine": cosine,
            "cosine_text": snapshot.texts.cosines(vector, entries).astype(np.float64),
            "votes": _votes(snapshot, entries, near_keys, _NARROW),
            "cosine_margin": margin(cosine),
        }
    table = np.column_stack([columns.get(name, np.zeros(len(entries))) for name in FEATURES]).tolist()
    return [
        Found(
            entry=snapshot.entries[entry], score=0.0, key=snapshot.key(key), parts=dict(zip(FEATURES, row, strict=True))
        )
        for entry, key, row in zip(entries, keys, table, strict=True)
    ]


def nearest_text(found: Found) -> str:
    """What a reranker reads of an entry, as it learnt to: the key that it was found by, or its text where nearer."""
    parts = found.parts
    nearer = (parts["cosine_text"], parts["lexical_text"]) > (parts["cosine"], parts["lexical"])
    return found.entry.text if nearer or not found.key else found.key


def with_relevance(found: Sequence[Found], relevance: Sequence[float]) -> list[Found]:
    """The same with what a reranker says of each."""
    margins = margin(np.asarray(relevance, dtype=np.float64)).tolist()
    return [
        replace(one, parts={**one.parts, "relevance": float(value), "relevance_margin": gap})
        for one, value, gap in zip(found, relevance, margins, strict=True)
    ]


def margin(values: Floats) -> Floats:
    """Each value less the highest of the others; of one alone, less 0."""
    if len(values) < 2:  # noqa: PLR2004 - no others
        return values.copy()
    second, first = np.sort(values)[-2:]
    best = int(np.argmax(values))
    less = np.full(len(values), first)
    less[best] = second
    gaps: Floats = values - less
    return gaps


def highest(scores: Floats, most: int) -> Ranked:
    """The positions of the highest scores above 0; of equal ones the lower position first."""
    least = np.partition(scores, -most)[-most] if len(scores) > most else 0.0
    places = np.flatnonzero((scores >= least) & (scores > 0))
    order = places[np.argsort(-scores[places], kind="stable")][:most]
    return list(zip(order.tolist(), scores[order].tolist(), strict=True))


def _near(snapshot: Snapshot, question: str) -> tuple[NDArray[np.float32] | None, Ranked, Ranked]:
    """The question's vector, and the nearest keys and texts."""
    if snapshot.encoder is None:
        return None, [], []
    vector = snapshot.encoder.vectors("query", [question])[0]
    return vector, snapshot.keys.nearest(vector, _PROPOSED), snapshot.texts.nearest(vector, _PROPOSED)


def _by_words(snapshot: Snapshot, entries: Sequence[int], by_key: Floats) -> tuple[list[int], Floats]:
    """The key of each entry that fits best by its words, -1 where there is none, and its score."""
    keys, scores = [], np.zeros(len(entries))
    for place, entry in enumerate(entries):
        start, stop = int(snapshot.spans[entry]), int(snapshot.spans[entry + 1])
        best = start + int(np.argmax(by_key[start:stop])) if stop > start else -1
        keys.append(best)
        scores[place] = by_key[best] if best >= 0 else 0.0
    return keys, scores


def _by_vector(
    snapshot: Snapshot, entries: Sequence[int], keys: Sequence[int], near: Ranked, vector: NDArray[np.float32]
) -> tuple[list[int], Floats]:
    """The nearest key of each entry and its cosine; where none is among the nearest of all, its best key by words."""
    nearest: dict[int, tuple[int, float]] = {}
    for key, cosine in near:
        nearest.setdefault(int(snapshot.owners[key]), (key, cosine))
    others = [key for entry, key in zip(entries, keys, strict=True) if entry not in nearest and key >= 0]
    cosines = dict(zip(others, snapshot.keys.cosines(vector, others).tolist(), strict=True))
    best = [nearest.get(entry, (key, cosines.get(key, 0.0))) for entry, key in zip(entries, keys, strict=True)]
    return [key for key, _ in best], np.array([cosine for _, cosine in best])


def _votes(snapshot: Snapshot, entries: Sequence[int], ranked: Ranked, narrow: float) -> Floats:
    """Each entry's share of the best keys, which count the more the nearer they are to the first."""
    voters = ranked[:_VOTERS]
    places = {entry: place for place, entry in enumerate(entries)}
    shares = np.zeros(len(entries))
    if voters:
        scores = np.array([score for _, score in voters])
        weights = np.exp((scores - scores[0]) / narrow)
        for (key, _), weight in zip(voters, (weights / weights.sum()).tolist(), strict=True):
            shares[places[int(snapshot.owners[key])]] += weight
    return shares
