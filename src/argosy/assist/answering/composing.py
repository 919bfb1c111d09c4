"""Answers as quotations: each character comes out of a source, and the citation says from where."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.assist.retrieval.words import terms
from argosy.core.knowledge import Entry
from argosy.core.support import Citation
from argosy.data.documents.sentences import sentences

_HAN_ON = "\u2e80"  # from here on characters stand without spaces
_CLOSED = "。！？，；…：”』」）"


@dataclass(frozen=True, slots=True)
class Quote:
    """Characters ``start`` to ``end`` of an entry's text; it has no text of its own that could differ."""

    entry: Entry
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is quoted."""
        return self.entry.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Written:
    """A text made of parts in order: quotations, and what was put between them (white space, values of slots)."""

    parts: tuple[Quote | str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One for each quotation, in order."""
        found, at = [], 0
        for part in self.parts:
            if isinstance(part, Quote):
                found.append(_cited(part, at))
            at += len(part if isinstance(part, str) else part.text)
        return tuple(found)


def stored(entry: Entry, slots: Mapping[str, str]) -> Written | None:
    """A stored answer as it stands, its slots filled; None where a value is missing."""
    if any(name not in slots for name in entry.slots):
        return None
    if not entry.slots:
        return Written((Quote(entry, 0, len(entry.text)),))
    parts: list[Quote | str] = []
    at = 0
    for found in re.finditer("|".join(rf"\{{{re.escape(name)}\}}" for name in entry.slots), entry.text):
        parts += [Quote(entry, at, found.start()), slots[found[0][1:-1]]]
        at = found.end()
    parts.append(Quote(entry, at, len(entry.text)))
    return Written(tuple(part for part in parts if isinstance(part, str) or part.text))


def composed(question: str, sources: Sequence[Entry], longest: int) -> Written | None:
    """The sentences of the sources that say most about a question, at most ``longest`` of each, in their order.

    None where the sources have no sentence.
    """
    parts: list[Quote | str] = []
    seen: set[str] = set()
    for entry in sources:
        for quote in _telling(question, entry, longest):
            if quote.text in seen:
                continue
            seen.add(quote.text)
            before = parts[-1] if parts else None
            parts += ([_between(before, quote)] if isinstance(before, Quote) else []) + [quote]
    return Written(tuple(parts)) if parts else None


def covered(text: str, citations: Sequence[Citation], documents: Mapping[str, str]) -> bool:
    """Whether each sentence of a text is quoted, and each quotation reads as its document does."""
    same = all(
        text[one.begin : one.stop] == documents.get(one.document, "")[one.start : one.end] and one.begin < one.stop
        for one in citations
    )
    held = {place for one in citations for place in range(one.begin, one.stop)}
    return same and all(place in held for place, character in enumerate(text) if not character.isspace())


def _telling(question: str, entry: Entry, longest: int) -> list[Quote]:
    """The best run of sentences: the one that shares most with the question and those behind it, or before it."""
    quotes = [Quote(entry, start, end) for start, end in sentences(entry.text)]
    quotes = [quote for quote in quotes if terms(quote.text)]
    if len(quotes) <= longest:
        return quotes
    asked = set(terms(question))
    rarity = {term: sum(term in _terms(quote) for quote in quotes) for term in asked}
    weights = [sum(1 / rarity[term] for term in asked & _terms(quote)) for quote in quotes]
    last = len(quotes) - longest
    start = max(range(last + 1), key=lambda place: (sum(weights[place : place + longest]), weights[place], -place))
    return quotes[start : start + longest]


def _terms(quote: Quote) -> frozenset[str]:
    return frozenset(terms(quote.text))


def _between(before: Quote, after: Quote) -> str:
    """What is put between two quotations: a line's end where the source has one, else a space where one is usual."""
    if before.entry.id != after.entry.id or "\n" in before.entry.text[before.end : after.start]:
        return "\n"
    tight = before.text[-1] in _CLOSED or (before.text[-1] > _HAN_ON and after.text[0] > _HAN_ON)
    return "" if tight else " "


def _cited(quote: Quote, at: int) -> Citation:
    entry = quote.entry
    return Citation(
        begin=at,
        stop=at + quote.end - quote.start,
        entry=entry.id,
        document=entry.document,
        title=entry.title,
        where=entry.where,
        start=entry.start + quote.start,
        end=entry.start + quote.end,
    )
