"""The names of columns: what the header row gives, and what to say when a wanted name is not in it."""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

import polars as pl

from argosy.core.errors import ArgosyError, DataError

_ROWS_SEARCHED = 20  # a header below so many rows of titles is still found


def column_names(cells: Sequence[str | None], where: str) -> list[str]:
    """Names without white space around them; nameless columns are numbered. Raises DataError for a name given twice."""
    names = [(cell or "").strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    for name, count in Counter(names).items():
        if count > 1:
            raise DataError(
                "The column name {name!r} is given {count} times.",
                where=where,
                mend="Give every column a name of its own.",
                name=name,
                count=count,
            )
    return names


def missing_columns(frame: pl.DataFrame, wanted: Sequence[str], where: str) -> list[ArgosyError]:
    """One error for each wanted column that is not there, with the nearest name or the row that holds the header."""
    missing = [name for name in wanted if name not in frame.columns]
    if missing and (row := _row_of_header(frame, wanted)):
        return [
            DataError(
                "The column names stand in row {row}; they must be in row 1.",
                where=f"{where}, row {row}",
                mend="Delete the rows above the column names.",
                row=row,
            )
        ]
    if len(frame.columns) == 1 and len(missing) > 1 and all(name in frame.columns[0] for name in missing):
        return [_unparted(frame.columns[0], where)]
    if len(missing) > 1 and missing == list(wanted) and not any(nearest(name, frame.columns) for name in missing):
        return [_no_header(missing, frame.columns, where)]
    return [_missing(name, frame.columns, where) for name in missing]


def nearest(name: str, names: Sequence[str], least: float = 0.6) -> str:
    """The name most like ``name`` whatever its case, or nothing if none is as alike as ``least`` (0 to 1)."""
    folded = {other.casefold(): other for other in reversed(names)}
    matches = get_close_matches(name.casefold(), folded, n=1, cutoff=least)
    return folded[matches[0]] if matches else ""


def _row_of_header(frame: pl.DataFrame, wanted: Sequence[str]) -> int | None:
    for row, cells in enumerate(frame.head(_ROWS_SEARCHED).iter_rows(), start=2):
        if {(cell or "").strip() for cell in cells}.issuperset(wanted):
            return row
    return None


def _missing(name: str, names: Sequence[str], where: str) -> ArgosyError:
    if near := nearest(name, names):
        return DataError(
            "There is no column {name!r}; the nearest is {near!r}.",
            where=where,
            mend="Rename the column in the file, or name {near!r} in [data].",
            name=name,
            near=near,
        )
    return DataError(
        "There is no column {name!r}; the first row names {names}.",
        where=where,
        mend="Name one of these columns in [data], or add a first row with column names if the file has none.",
        name=name,
        names=", ".join(repr(other[:40]) for other in names[:12]),
    )


def _unparted(header: str, where: str) -> ArgosyError:
    return DataError(
        "The first row is one cell, {header!r}: its names are not parted by a comma, a tab, a semicolon or a bar.",
        where=f"{where}, row 1",
        mend="Part the columns by one of these in every row, and put double quotes around texts that hold it.",
        header=header[:80],
    )


def _no_header(missing: Sequence[str], names: Sequence[str], where: str) -> ArgosyError:
    return DataError(
        "None of the columns {missing} is there; the first row reads {names}.",
        where=f"{where}, row 1",
        mend="Name your columns in [data], or add a first row with column names if the file has none.",
        missing=", ".join(map(repr, missing)),
        names=", ".join(repr(other[:40]) for other in names[:12]),
    )
