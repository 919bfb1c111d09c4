"""Boilerplate: phrases that recur word by word in many texts, such as signatures and default reviews.

A phrase counts as boilerplate when it stands in a stated share of the texts, is long enough to say something of its
own, and is rigid: where the one half of it stands, the other mostly follows. Ordinary language is not: after "how do"
comes many a thing, after "sent from" comes "my iPhone". Frequent phrases are grown word by word (Agrawal and Srikant
1994), so that memory is that of the texts looked at.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

SHARE = 0.01
_UNIT = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+")
_LONG = 6.0  # the size of a phrase: a Chinese character is 1, a word of letters 1.5
_WORD = 1.5
_RIGID = 2 / 3  # of the texts with one half of a phrase that hold the whole
_FEWEST = 10  # texts
_PART = 0.8  # a phrase that is part of a longer one this often is told by that one
_PLACED = 0.8
_LONGEST = 60  # units of a phrase
_ENDS = 300  # units of a text looked at, at its start and at its end

_Gram = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as a text writes it, the texts with it, and where it mostly stands: whole, start, end, inside."""

    text: str
    count: int
    share: float
    place: str

    def to_json(self) -> dict[str, object]:
        """As a mapping."""
        return asdict(self)


def boilerplate(texts: Sequence[str], share: float = SHARE) -> list[Phrase]:
    """The recurring phrases of the texts, the most frequent first; ``place`` is whole, start, end or inside."""
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(unit, len(numbers)) for unit in units(text)] for text in texts]
    sizes = [_WORD if len(unit) > 1 or unit.isascii() else 1.0 for unit in numbers]
    least = max(_FEWEST, share * len(texts))
    counts = _frequent(rows, least)
    rigid = [gram for gram in counts if sum(sizes[unit] for unit in gram) >= _LONG and _is_rigid(gram, counts)]
    return [_phrase(gram, counts[gram], rows, texts) for gram in _longest(rigid, counts)]


def units(text: str) -> list[str]:
    """The words and Chinese characters of a text in small letters; of a very long one those at both ends."""
    found = _UNIT.findall(text.casefold())
    return found if len(found) <= 2 * _ENDS else found[:_ENDS] + found[-_ENDS:]


def _frequent(rows: Sequence[Sequence[int]], least: float) -> dict[_Gram, int]:
    """Every run of units that stands in at least so many texts, with how many."""
    single: Counter[_Gram] = Counter((unit,) for row in rows for unit in set(row))
    level = {gram: count for gram, count in single.items() if count >= least}
    found = dict(level)
    places = {at: [start for start in range(len(row)) if (row[start],) in level] for at, row in enumerate(rows)}
    for length in range(2, _LONGEST + 1):
        counts: Counter[_Gram] = Counter()
        for at, starts in places.items():
            row, follow = rows[at], set(starts)
            places[at] = [start for start in starts if start + 1 in follow and start + length <= len(row)]
            counts.update({tuple(row[start : start + length]) for start in places[at]})
        level = {gram: count for gram, count in counts.items() if count >= least}
        if not level:
            break
        found |= level
        kept = {
            at: [start for start in starts if tuple(rows[at][start : start + length]) in level]
            for at, starts in places.items()
        }
        places = {at: starts for at, starts in kept.items() if starts}
    return found


def _is_rigid(gram: _Gram, counts: dict[_Gram, int]) -> bool:
    """Whether the halves of a phrase hang together."""
    middle = len(gram) // 2
    halves = (gram[:middle], gram[middle:]) if middle else (gram,)
    return all(counts[gram] >= _RIGID * counts[half] for half in halves)


def _longest(rigid: Sequence[_Gram], counts: dict[_Gram, int]) -> list[_Gram]:
    """The phrases that are not mostly part of a longer one, the most frequent first."""
    kept: list[_Gram] = []
    for gram in sorted(rigid, key=len, reverse=True):
        if not any(_within(gram, other) and counts[other] >= _PART * counts[gram] for other in kept):
            kept.append(gram)
    return sorted(kept, key=lambda gram: -counts[gram])


def _within(gram: _Gram, other: _Gram) -> bool:
    return any(other[at : at + len(gram)] == gram for at in range(len(other) - len(gram) + 1))


def _phrase(gram: _Gram, count: int, rows: Sequence[Sequence[int]], texts: Sequence[str]) -> Phrase:
    holding = [at for at, row in enumerate(rows) if _within(gram, tuple(row))]
    at_start = sum(tuple(rows[at][: len(gram)]) == gram for at in holding)
    at_end = sum(tuple(rows[at][-len(gram) :]) == gram for at in holding)
    whole = sum(len(rows[at]) == len(gram) for at in holding)
    places = {"whole": whole, "start": at_start, "end": at_end}
    place = next((name for name, times in places.items() if times >= _PLACED * count), "inside")
    return Phrase(text=_written(gram, rows, texts, holding[0]), count=count, share=count / len(texts), place=place)


def _written(gram: _Gram, rows: Sequence[Sequence[int]], texts: Sequence[str], at: int) -> str:
    """The phrase as the text writes it, marks between its words included."""
    row, text = rows[at], texts[at]
    start = next(place for place in range(len(row)) if tuple(row[place : place + len(gram)]) == gram)
    spans = [match.span() for match in _UNIT.finditer(text)]
    if len(spans) > len(row):  # the middle of a very long text was left out
        spans = spans[:_ENDS] + spans[-_ENDS:]
    return text[spans[start][0] : spans[start + len(gram) - 1][1]]
