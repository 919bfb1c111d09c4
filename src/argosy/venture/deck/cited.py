"""Texts whose figures are followed by a mark that leads to where they come from."""

from dataclasses import dataclass, field
from itertools import count, groupby
from string import Formatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure or a result with its origin, in the reader's language.

    ``shown`` is its value with its unit, ``span`` what it may well be, where it is not certain.
    """

    name: str
    title: str
    shown: str
    origin: str
    where: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class Cite:
    """Words that rest on a fact: its value, or the name of a line."""

    text: str
    fact: Fact


Text = tuple[str | Cite, ...]
"""A sentence or a cell in pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells under their heads; the first ``left`` columns hold words, the others numbers. ``sums`` are rows in bold."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    left: int = 1
    sums: frozenset[int] = frozenset()


@dataclass(slots=True)
class Marks:
    """Facts by the numbers of their marks, from 1 on, in the order in which they are met."""

    _numbers: dict[str, int] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def number(self, fact: Fact) -> int:
        """The mark of a fact; the same for the same name."""
        if fact.name not in self._numbers:
            self.facts.append(fact)
            self._numbers[fact.name] = len(self.facts)
        return self._numbers[fact.name]

    def grouped(self) -> list[tuple[str, list[Fact]]]:
        """The facts of each origin with the numbers of their marks, such as 2-5, 7."""
        found: dict[tuple[str, str], list[tuple[int, Fact]]] = {}
        for number, fact in enumerate(self.facts, start=1):
            found.setdefault((fact.origin, fact.where), []).append((number, fact))
        return [(_ranges([number for number, _ in group]), [fact for _, fact in group]) for group in found.values()]


def _ranges(numbers: list[int]) -> str:
    """Numbers in order, neighbours as a range."""
    place = count()
    runs = [list(run) for _, run in groupby(numbers, key=lambda one: one - next(place))]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def said(template: str, **values: str | Cite | Text) -> Text:
    """A translated template with its places filled.

    >>> said("{name} pays.", name="Ada")
    ('Ada', ' pays.')
    """
    found: list[str | Cite] = []
    for before, name, _, _ in Formatter().parse(template):
        found += [before] if before else []
        if name is not None:
            value = values[name]
            found += value if isinstance(value, tuple) else (value,)
    return tuple(found)


def joined(parts: list[Cite], between: str) -> Text:
    """Cites with words between them."""
    return tuple(piece for one in parts for piece in (between, one))[1:]


def marked(text: Text) -> str:
    """The words with letters for their marks, to measure how wide they are."""
    return "".join(piece if isinstance(piece, str) else f"{piece.text}000" for piece in text)


def plain(text: Text) -> str:
    """The words without their marks."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in text)
