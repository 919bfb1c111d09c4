"""CSV and TSV: which delimiter, which rows, and exactly which row is broken.

The standard library parses, because it alone says where a quote went wrong; a million short rows take about two
seconds. A row is a record as a spreadsheet shows it: line breaks inside quotes do not count, the header is row 1.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.header import column_names

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 64 * 1024  # characters at the start of the file by which the delimiter is judged
_ROWS_NAMED = 5


def parse_delimited(text: str, own: str, where: str) -> pl.DataFrame:
    """A frame of strings (empty cells are null); ``own`` is the delimiter that the file's name promises.

    Raises DataError for broken quoting, rows with too many or too few fields, and a header below the first row.
    """
    delimiter = _delimiter(text, own)
    try:
        rows = _records(text, delimiter, where)
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
    _refuse_ragged(header, rows, delimiter, where)
    names = column_names(header, where)
    width = len(names)
    even = [row if len(row) == width else [*row, *[""] * width][:width] for row in rows]
    columns = [pl.Series(name, [row[at] for row in even], pl.String) for at, name in enumerate(names)]
    return pl.DataFrame(columns).select(pl.all().replace("", None))


def _delimiter(text: str, own: str) -> str:
    """The delimiter by which most rows of the sample have as many fields as the header; the promised one in doubt."""
    sample, whole = text[:_SAMPLE], len(text) <= _SAMPLE
    return max(_DELIMITERS, key=lambda one: (_fit(_sampled(sample, one), whole=whole), one == own))


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


def _records(text: str, delimiter: str, where: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with _any_length():
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
                rows.append(row)  # noqa: PERF402 - rows read before an error give its place
        except csv.Error as error:
            raise DataError(
                "The quoting is broken: a double quote opens in this row and is not closed where the field ends.",
                where=f"{where}, row {len(rows) + 1}",
                mend='Close it, and write a double quote inside a quoted field twice: "".',
            ) from error
    return rows


def _unquoted(text: str) -> list[list[str]]:
    """Tab-separated rows in which quotes mean nothing, or none at all if they do not fit the header."""
    with _any_length():
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    return rows if {len(row) for row in rows if row} == {len(rows[0])} else []


def _refuse_ragged(header: Sequence[str], rows: list[list[str]], delimiter: str, where: str) -> None:
    width = len(header)
    odd = [
        (number, len(row))
        for number, row in enumerate(rows, start=2)
        if len(row) != width and row and (len(row) < width or any(row[width:]))
    ]
    if len(odd) > 1 and len(odd) == len([row for row in rows if row]) and all(found > width for _, found in odd):
        raise DataError(
            "The first row has {width} fields, every other row has more: the column names are not in row 1.",
            where=where,
            mend="Delete the rows above the column names, or add a row of names.",
            width=width,
        )
    problems: list[ArgosyError] = [
        DataError(
            "The row has {found} fields, the header has {width}.",
            where=f"{where}, row {number}",
            mend="Put double quotes around a text that holds the delimiter {delimiter!r}, or add the missing field.",
            found=found,
            width=width,
            delimiter=delimiter,
        )
        for number, found in odd[:_ROWS_NAMED]
    ]
    if len(odd) > _ROWS_NAMED:
        problems.append(
            DataError(
                "{count} more rows do not have {width} fields; the last is row {last}.",
                where=where,
                count=len(odd) - _ROWS_NAMED,
                width=width,
                last=odd[-1][0],
            )
        )
    raise_all(problems)
