"""How large letters may be so that a text or a table fits its box; by the widths of letters, not by a font's file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.venture.deck.cited import Table, marked
from argosy.web.charts.svg import width

_LINE = 1.25  # of the letters' size
_MARGIN = 0.1  # inches beside a cell's words
_ABOVE = 0.07  # inches above and below them
_POINTS = 72  # of an inch
_SHORT, _FEW = 2, 5  # widths of columns, in sizes of their letters: at least, and of a Chinese word
_WORD = 1.3  # words may be so much wider in bold or in another font


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    wide: float
    high: float


def high(texts: Sequence[str], wide: float, size: float) -> float:
    """Inches that paragraphs of a size in points take, one below the other, in a column of so many inches."""
    lines = sum(_lines(text, wide, size) for text in texts)
    return lines * size * _LINE / _POINTS


def fitting(texts: Sequence[str], box: Box, sizes: Sequence[float]) -> float | None:
    """The first of ``sizes`` at which the paragraphs fit; None where none does."""
    return next((size for size in sizes if high(texts, box.wide, size) <= box.high), None)


def rows_high(table: Table, parts: Sequence[float], wide: float, size: float) -> list[float]:
    """Inches that the head and each row take, columns being ``parts`` of the width."""
    columns = [part * wide - 2 * _MARGIN for part in parts]
    return [
        max(high([cell or " "], column, size) for cell, column in zip(row, columns, strict=True)) + 2 * _ABOVE
        for row in _cells(table)
    ]


def table_fitting(table: Table, box: Box, sizes: Sequence[float]) -> tuple[float, int]:
    """The size of letters, and how many rows fit at it: all of them, or those that do at the last of ``sizes``.

    At a size that fits no word is wider than its column.
    """
    for size in sizes:
        high = sum(rows_high(table, columns(table, box.wide, size), box.wide, size))
        if not torn(table, box.wide, size) and high <= box.high:
            return size, len(table.rows)
    return sizes[-1], rows_fitting(table, columns(table, box.wide, sizes[-1]), box, sizes[-1])


def rows_fitting(table: Table, parts: Sequence[float], box: Box, size: float) -> int:
    """How many of the first rows fit below the head."""
    left, count = box.high, -1
    for row in rows_high(table, parts, box.wide, size):
        left -= row
        if left < 0:
            break
        count += 1
    return max(0, count)


def columns(table: Table, wide: float, size: float) -> list[float]:
    """How wide columns are, as parts of the whole: their words first, then what is left by how long their texts are."""
    least, most = _least(table, size), _most(table, size)
    spare, more = wide - sum(least), [high - low for low, high in zip(least, most, strict=True)]
    if spare <= 0:
        found = least
    elif sum(most) <= wide:
        found = most
    else:
        found = [low + spare * one / sum(more) for low, one in zip(least, more, strict=True)]
    return [one / sum(found) for one in found]


def torn(table: Table, wide: float, size: float) -> bool:
    """Whether words of the table are wider than their columns can be, in letters of this size."""
    return sum(_least(table, size)) > wide


def _least(table: Table, size: float) -> list[float]:
    """Inches of the columns' longest words."""
    words = (max(_word(cell) for cell in column) for column in zip(*_cells(table), strict=True))
    return [_WORD * max(_SHORT, one) * size / _POINTS + 2 * _MARGIN for one in words]


def _most(table: Table, size: float) -> list[float]:
    """Inches of the columns' longest texts in one line, with room for another font."""
    texts = (max(width(cell, 1) for cell in column) for column in zip(*_cells(table), strict=True))
    return [_WORD * max(_SHORT, one) * size / _POINTS + 2 * _MARGIN for one in texts]


def _cells(table: Table) -> list[list[str]]:
    """The head and all rows as they are measured."""
    return [list(table.heads), *([marked(cell) for cell in row] for row in table.rows)]


def _word(text: str) -> float:
    """The widest word, in sizes of its letters; Chinese breaks between any two letters, not after the first."""
    return max((width(one, 1) if one.isascii() else min(width(one, 1), _FEW) for one in text.split()), default=0)


def _lines(text: str, wide: float, size: float) -> int:
    """Lines with words kept whole: a line is filled to about nine tenths."""
    room = wide * _POINTS * (0.97 if width(text, size) <= wide * _POINTS else 0.9)
    return max(1, math.ceil(width(text, size) / room))
