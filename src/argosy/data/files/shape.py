"""The rows of a table of text against its header: too many or too few fields, and rows that hide in a row.

A field that holds the delimiter without quotes shifts the ones after it, a quote left open swallows the rows below it:
both can give a row of the right width, and are told where the other rows give them away.
"""

import re
from collections.abc import Sequence

from argosy.core.errors import ArgosyError, DataError

DELIMITERS = (",", "\t", ";", "|")
_NAMED = 5
_KNOWN_ROWS, _KNOWN_LENGTH = 1000, 40  # rows and characters by which a column of few values is known
_LINE_END = re.compile(r"\r\n|\r|\n")


class Shape:
    """Rows brought to the header's width, and what is wrong with those that cannot be."""

    def __init__(self, header: Sequence[str], delimiter: str, where: str) -> None:
        self._header, self._width = [cell.strip() for cell in header], len(header)
        self._delimiter, self._where = delimiter, where
        self._first: list[tuple[int, int, str]] = []  # row number, fields and first field of the first odd rows
        self._filled = self._odd = self._wider = self._last = 0
        self._repeated: list[int] = []  # rows that say what the header says
        self._spare: list[tuple[int, list[str]]] = []  # the first rows with empty fields beyond the header
        self._hollow = False  # whether a row of the right width lacks its last value
        self._swallowed = _Swallowed(self._width, delimiter)

    def fitted(self, number: int, row: list[str]) -> list[str]:
        """The row with as many fields as the header; empty ones beyond are forgiven where nothing can have shifted."""
        found = len(row)
        self._filled += bool(row)
        if found == self._width:
            self._look(number, row)
            return row
        if row and (found < self._width or any(row[self._width :])):
            self._odd += 1
            self._wider += found > self._width
            self._last = number
            if len(self._first) < _NAMED:
                self._first.append((number, found, row[0]))
        elif row and any(row) and len(self._spare) < _NAMED:
            self._spare.append((number, row[: self._width + 1]))
        return [*row, *[""] * self._width][: self._width]

    def problems(self) -> list[ArgosyError]:
        """One for each odd row, the later ones as a number; or one that the first row is no header."""
        if self._odd > 1 and self._odd == self._filled == self._wider:
            return [
                DataError(
                    "The first row has {width} fields, every other row has more: the column names are not in row 1.",
                    where=f"{self._where}, row 1",
                    mend="Delete the rows above the column names, or add a row of names.",
                    width=self._width,
                )
            ]
        odd = [self._problem(number, found, first) for number, found, first in self._first]
        shifted = [self._shifted(number) for number, row in self._spare if self._hollow or _is_spaced(row)]
        repeated = [_repeated(f"{self._where}, row {number}") for number in self._repeated[:_NAMED]]
        return [*odd, *self._more(self._odd - len(odd)), *shifted, *repeated, *self._swallowed.problems(self._where)]

    def _look(self, number: int, row: list[str]) -> None:
        """Note what a row of the right width says of itself and of others."""
        if any(row) and not row[-1]:
            self._hollow = True
        if self._width > 1 and row[-1].strip() == self._header[-1] and _bare(row) == self._header:
            self._repeated.append(number)
        self._swallowed.look(number, row)

    def _more(self, count: int) -> list[ArgosyError]:
        if not count:
            return []
        return [
            DataError(
                "{count} more rows do not have {width} fields; the last is row {last}.",
                where=self._where,
                count=count,
                width=self._width,
                last=self._last,
            )
        ]

    def _problem(self, number: int, found: int, first: str) -> ArgosyError:
        where = f"{self._where}, row {number}"
        others = [one for one in DELIMITERS if found == 1 and first.count(one) == self._width - 1 > 0]
        if others:
            return DataError(
                "The row is parted by {other!r}, the header by {delimiter!r}.",
                where=where,
                mend="Write the same delimiter in every row.",
                other=others[0],
                delimiter=self._delimiter,
            )
        return DataError(
            "The row has {found} fields, the header has {width}.",
            where=where,
            mend="Put double quotes around a text that holds the delimiter {delimiter!r}, or add the missing field.",
            found=found,
            width=self._width,
            delimiter=self._delimiter,
        )

    def _shifted(self, number: int) -> ArgosyError:
        return DataError(
            "The row has more fields than the header, and its last is empty: it may have shifted to the right.",
            where=f"{self._where}, row {number}",
            mend="Put double quotes around a text that holds the delimiter {delimiter!r}, or delete the empty field.",
            delimiter=self._delimiter,
        )


class _Swallowed:
    """Cells of several lines, each of which has the shape of a row: a quote was left open, another closed it."""

    def __init__(self, width: int, delimiter: str) -> None:
        self._width, self._delimiter = width, delimiter
        self._known: list[set[str]] = [set() for _ in range(width)]
        self._rows = 0
        self._doubted: list[tuple[int, int, list[tuple[int, str]]]] = []  # row, its lines, cells by their columns

    def look(self, number: int, row: Sequence[str]) -> None:
        """Note the cells of a row, and whether rows may hide in one of them."""
        for at, cell in enumerate(row):
            if ("\n" in cell or "\r" in cell) and self._width > 1 and len(self._doubted) < _KNOWN_ROWS:
                lines = _LINE_END.split(cell)
                if cells := self._cells(at, lines):
                    self._doubted.append((number, len(lines), cells))
            elif self._rows < _KNOWN_ROWS and 0 < len(cell) <= _KNOWN_LENGTH:
                self._known[at].add(cell)
        self._rows += 1

    def problems(self, where: str) -> list[ArgosyError]:
        """One for each of the first rows that hold others, as values that repeat elsewhere in the column tell."""
        few = [len(values) * 2 <= min(self._rows, _KNOWN_ROWS) for values in self._known]
        found = [
            (number, lines)
            for number, lines, cells in self._doubted
            if any(few[column] and value in self._known[column] for column, value in cells)
        ]
        return [_holding(lines, f"{where}, row {number}") for number, lines in found[:_NAMED]]

    def _cells(self, at: int, lines: Sequence[str]) -> list[tuple[int, str]]:
        """The cells that the lines of a cell in column ``at`` would be by themselves; none if one does not fit."""
        starts = [at, *[0] * (len(lines) - 1)]
        widths = [self._width - at, *[self._width] * (len(lines) - 2), at + 1]
        cells = []
        for start, width, line in zip(starts, widths, lines, strict=True):
            parts = line.split(self._delimiter)
            if len(parts) != width:
                return []
            cells += [(start + place, part) for place, part in enumerate(parts)]
        return cells[1:-1]  # the first and the last are parts of the cell itself


def _is_spaced(row: Sequence[str]) -> bool:
    """Whether a field begins with a space, as words after a comma do."""
    return any(cell.startswith(" ") and cell.strip() for cell in row[1:])


def _bare(row: Sequence[str]) -> list[str]:
    return [cell.strip("\ufeff \t") for cell in row]


def _repeated(where: str) -> ArgosyError:
    return DataError(
        "The row repeats the column names: files were joined with their headers.",
        where=where,
        mend="Delete the row.",
    )


def _holding(lines: int, where: str) -> ArgosyError:
    return DataError(
        "One cell of this row holds {lines} lines that are rows themselves: a double quote opens and is not closed.",
        where=where,
        mend='Close it, and write a double quote inside a quoted field twice: "".',
        lines=lines,
    )
