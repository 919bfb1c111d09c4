"""The questions that an answer is found by: near-duplicates once, and of very many those that lie apart."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from argosy.assist.mining.lexical import lexical
from argosy.data.near import clusters
from argosy.data.sketch import sketches
from argosy.data.slots import values

MOST = 200
_CASE = frozenset({"order", "tracking", "phone", "email", "name"})


def keys_of(questions: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """The distinct questions, the most asked first; ``most`` of them at most, spread over what was asked.

    Order numbers and the like are left out: they are one customer's, and nobody asks by them again.
    """
    bare = [_bare(question) for question in questions]
    if not bare:
        return ()
    first = clusters(sketches(bare), lambda rows: [bare[row] for row in rows])
    groups: dict[int, list[str]] = {}
    for row, of in enumerate(first.tolist()):
        groups.setdefault(of, []).append(bare[row])
    ordered = sorted(groups.values(), key=lambda group: (-len(group), min(group)))
    texts = [_usual(group) for group in ordered]
    return tuple(texts[at] for at in _spread(texts, most))


def _bare(question: str) -> str:
    """The question without what belongs to one customer's case, unless nothing else is in it."""
    parts, end = [], 0
    for slot in values(question):
        if slot.name in _CASE:
            parts.append(question[end : slot.start].rstrip(" #＃"))
            end = slot.end
    bare = "".join([*parts, question[end:]]).strip()
    return bare if any(character.isalpha() for character in bare) else question


def _usual(group: Sequence[str]) -> str:
    return min(Counter(group).items(), key=lambda told: (-told[1], len(told[0]), told[0]))[0]


def _spread(texts: Sequence[str], most: int) -> list[int]:
    """Places of texts, each the farthest from those before it (Gonzalez 1985), in ascending order."""
    if len(texts) <= most:
        return list(range(len(texts)))
    vectors = lexical(texts)
    chosen = [0]
    nearest = vectors @ vectors[0]
    while len(chosen) < most:
        chosen.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return sorted(set(chosen))
