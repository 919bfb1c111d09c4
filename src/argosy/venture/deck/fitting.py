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
_SHORT, _LONG = 2, 12  # widths of columns, in sizes of their letters
_WORD = 1.15  # a word may be so much wider in another font
_BESIDE = 2.0  # the same: for the margins


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


def table_fitting(table: Table, parts: Sequence[float], box: Box, sizes: Sequence[float]) -> tuple[float, int]:
    """The size of letters, and how many rows fit at it: all of them, or those that do at the last of ``sizes``.

    At a size that fits no word is wider than its column.
    """
    for size in sizes:
        if not torn(table, parts, box.wide, size) and sum(rows_high(table, parts, box.wide, size)) <= box.high:
            return size, len(table.rows)
    left, count = box.high, -1
    for row in rows_high(table, parts, box.wide, sizes[-1]):
        left -= row
        if left < 0:
            break
        count += 1
    return sizes[-1], max(0, count)


def columns(table: Table) -> list[float]:
    """How wide columns are, as parts of the whole: by their longest text, long ones less so, but no word is torn."""
    eased = []
    for column in zip(*_cells(table), strict=True):
        longest = max(width(cell, 1) for cell in column)
        words = _WORD * max((_word(cell, 1) for cell in column), default=0)
        some = longest if longest <= _LONG else _LONG + (longest - _LONG) * 0.25
        eased.append(max(_SHORT, some, min(words, _LONG)) + _BESIDE)
    return [one / sum(eased) for one in eased]


def torn(table: Table, parts: Sequence[float], wide: float, size: float) -> bool:
    """Whether a word of the table is wider than its column, in letters of this size."""
    rooms = [(part * wide - 2 * _MARGIN) * _POINTS for part in parts]
    return any(_WORD * _word(cell, size) > room for row in _cells(table) for cell, room in zip(row, rooms, strict=True))


def _cells(table: Table) -> list[list[str]]:
    """The head and all rows as they are measured."""
    return [list(table.heads), *([marked(cell) for cell in row] for row in table.rows)]


def _word(text: str, size: float) -> float:
    """The widest word; Chinese breaks between any two letters."""
    return max((width(one, size) for one in text.split() if one.isascii()), default=0)


def _lines(text: str, wide: float, size: float) -> int:
    """Lines with words kept whole: a line is filled to about nine tenths."""
    room = wide * _POINTS * (0.97 if width(text, size) <= wide * _POINTS else 0.9)
    return max(1, math.ceil(width(text, size) / room))
