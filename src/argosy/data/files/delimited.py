"""CSV and TSV: which delimiter, which rows, and exactly which row is broken.

The standard library parses, because it alone says where a quote went wrong; a million short rows take about two
seconds. A row is a record as a spreadsheet shows it: line breaks inside quotes do not count, the header is row 1.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TextIO

import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.files.header import column_names, missing_columns
from argosy.data.files.shape import DELIMITERS, Shape

_SAMPLE = 64 * 1024  # characters at the start of the file by which the delimiter is judged
_SEP = re.compile(r"\"?sep=[^\r\n]\"?(?:\r\n|\r|\n|$)")  # a line for the spreadsheet, which does not show it


def parse_delimited(text: str, own: str, where: str) -> pl.DataFrame:
    """A frame of strings (empty cells are null); ``own`` is the delimiter that the file's name promises.

    Raises DataError for broken quoting, rows with too many or too few fields, and a header below the first row.
    """
    text = text[found.end() :] if (found := _SEP.match(text)) else text
    delimiter = _delimiter(text[:_SAMPLE], own, whole=len(text) <= _SAMPLE)
    try:
        rows = list(_records(io.StringIO(text, newline=""), delimiter, where))
    except DataError:
        plain = _unquoted(text) if delimiter == "\t" else []
        if not plain:
            raise
        rows = plain
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise DataError("The file is empty.", where=where, mend="Give a header row and at least one row below it.")
    header = rows.pop(0)
    shape = Shape(header, delimiter, where)
    even = [shape.fitted(number, row) for number, row in enumerate(rows, start=2)]
    raise_all(shape.problems())
    names = column_names(header, where)
    columns = [pl.Series(name, [row[at] for row in even], pl.String) for at, name in enumerate(names)]
    return pl.DataFrame(columns).select(pl.all().replace("", None))


def stream_delimited(
    opened: Callable[[], TextIO], own: str, wanted: Sequence[str], where: str
) -> Iterator[tuple[str | None, ...]]:
    """The wanted cells of each row (empty ones are None), for a file too large for ``parse_delimited``.

    ``opened`` opens it with its line ends as they are. Raises what ``parse_delimited`` raises, broken rows at the end.
    """
    opened = partial(_below_sep, opened)
    with opened() as file:
        delimiter = _delimiter(file.read(_SAMPLE), own, whole=False)
    with opened() as file:
        rows = _records(file, delimiter, where, quoted=delimiter != "\t" or _quoted(opened, where))
        header = next(rows, [])
        raise_all(_missing(opened, delimiter, header, wanted, where))
        names, shape = column_names(header, where), Shape(header, delimiter, where)
        places = [names.index(name) for name in wanted]
        blank: list[int] = []  # fields of the rows of nothing, which count only when another row follows
        for number, row in enumerate(rows, start=2):
            if not any(row):
                blank.append(len(row))
                continue
            for before, fields in enumerate(blank, start=number - len(blank)):
                shape.fitted(before, [""] * fields)
                yield (None,) * len(places)
            blank.clear()
            cells = shape.fitted(number, row)
            yield tuple(cells[at] or None for at in places)
        raise_all(shape.problems())


def names_of_delimited(opened: Callable[[], TextIO], own: str, where: str) -> list[str]:
    """The column names of a file that ``stream_delimited`` reads."""
    opened = partial(_below_sep, opened)
    with opened() as file:
        delimiter = _delimiter(file.read(_SAMPLE), own, whole=False)
    with opened() as file:
        rows = _records(file, delimiter, where, quoted=delimiter != "\t" or _quoted(opened, where))
        return column_names(next(rows, []), where)


def _below_sep(opened: Callable[[], TextIO]) -> TextIO:
    """The open file below the line ``sep=;`` if it begins with one."""
    file = opened()
    if not _SEP.fullmatch(file.readline(len('"sep=;"') + 2)):
        file.seek(0)
    return file


def _missing(
    opened: Callable[[], TextIO], delimiter: str, header: Sequence[str], wanted: Sequence[str], where: str
) -> list[ArgosyError]:
    """What is to be said of wanted columns that the header lacks; the first rows may hold the true header."""
    with opened() as file:
        head = _sampled(file.read(_SAMPLE), delimiter)[1:]
    names = column_names(header, where)
    rows = [[*row, *[""] * len(names)][: len(names)] for row in head]
    return missing_columns(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"), wanted, where)


def _quoted(opened: Callable[[], TextIO], where: str) -> bool:
    """Whether the quotes of a tab-separated file pair, or its rows do not fit the header without quoting either."""
    with opened() as file:
        try:
            deque(_records(file, "\t", where), maxlen=0)
        except DataError:
            pass
        else:
            return True
    with opened() as file:
        return len({len(row) for row in _records(file, "\t", where, quoted=False) if row}) != 1


def _delimiter(sample: str, own: str, *, whole: bool) -> str:
    """The delimiter by which most rows of the sample have as many fields as the header; the promised one in doubt."""
    return max(DELIMITERS, key=lambda one: (_fit(_sampled(sample, one), whole=whole), one == own))


def _fit(rows: list[list[str]], *, whole: bool) -> float:
    """The share of rows as wide as the header, or nothing when that has one field; a row cut off does not count."""
    complete = [row for row in (rows if whole else rows[:-1]) if row]
    if not complete or len(complete[0]) == 1:
        return 0.0
    return sum(len(row) == len(complete[0]) for row in complete) / len(complete)


@contextmanager
def _any_length() -> Iterator[None]:
    """Fields of any length: what is too long is dropped later, with its row, instead of ending the reading."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _sampled(sample: str, delimiter: str) -> list[list[str]]:
    with _any_length():
        return list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))


def _records(lines: Iterable[str], delimiter: str, where: str, *, quoted: bool = True) -> Iterator[list[str]]:
    number = 0
    with _any_length():
        try:
            rows = csv.reader(
                lines, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
            )
            for row in rows:
                number += 1
                yield row
        except csv.Error as error:
            raise DataError(
                "The quoting is broken: a double quote opens in this row and is not closed where the field ends.",
                where=f"{where}, row {number + 1}",
                mend='Close it, and write a double quote inside a quoted field twice: "".',
            ) from error


def _unquoted(text: str) -> list[list[str]]:
    """Tab-separated rows in which quotes mean nothing, or none at all if they do not fit the header."""
    with _any_length():
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    return rows if {len(row) for row in rows if row} == {len(rows[0])} else []
