"""JSONL, Parquet and XLSX as frames of strings, in which the number 1.0 and the number 1 are both "1"."""

import io
import json
import math
from collections.abc import Sequence

import fastexcel
import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.header import column_names

_ROWS_NAMED = 5


def parse_jsonl(text: str, where: str) -> pl.DataFrame:
    """A frame with one row a line (blank lines are rows of nulls); raises DataError naming each bad line."""
    columns: dict[str, list[str | None]] = {}
    problems: list[ArgosyError] = []
    lines = text.rstrip().split("\n")
    for at, line in enumerate(lines):
        try:
            record = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError
            problems.append(_bad_line(at + 1, str(error), where))
            continue
        if not isinstance(record, dict):
            problems.append(_bad_line(at + 1, f"found {type(record).__name__}", where))
            continue
        for name, value in record.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (at - len(column)))  # rows before this one that lacked the name
            column.append(_as_string(value))
    raise_all(_shortened(problems, where))
    names = column_names([_whole(name) for name in columns], where)
    filled = ([*column, *[None] * (len(lines) - len(column))] for column in columns.values())
    return pl.DataFrame([pl.Series(name, cells, pl.String) for name, cells in zip(names, filled, strict=True)])


def parse_parquet(raw: bytes, where: str) -> pl.DataFrame:
    """A frame of strings; raises DataError when the file is no Parquet."""
    try:
        frame = pl.read_parquet(io.BytesIO(raw))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error
    return frame.select(_column_as_strings(frame[name]) for name in frame.columns)


def parse_xlsx(raw: bytes, wanted: Sequence[str], where: str) -> pl.DataFrame:
    """The first sheet whose first row has the wanted columns, else the first that is not empty, as strings.

    Raises DataError when the file is no workbook or every sheet is empty.
    """
    try:
        reader = fastexcel.read_excel(raw)
        sheets = (
            reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            for name in reader.sheet_names
        )
        filled = [sheet for sheet in sheets if sheet.height]
    except fastexcel.FastExcelError as error:
        raise _unreadable("XLSX", error, where) from error
    if not filled:
        raise DataError("The file is empty.", where=where, mend="Give a header row and at least one row below it.")
    sheet = next((sheet for sheet in filled if set(sheet.row(0)).issuperset(wanted)), filled[0])
    body = sheet.slice(1)
    body.columns = column_names(sheet.row(0), where)
    return body


def _bad_line(number: int, reason: str, where: str) -> ArgosyError:
    return DataError(
        "This line is not one JSON object: {reason}.",
        where=f"{where}, row {number}",
        mend='Write one object a line, such as {{"text": "…", "label": "…"}}.',
        reason=reason,
    )


def _shortened(problems: list[ArgosyError], where: str) -> list[ArgosyError]:
    if len(problems) <= _ROWS_NAMED:
        return problems
    more = len(problems) - _ROWS_NAMED
    return [*problems[:_ROWS_NAMED], DataError("{count} more lines are not JSON objects.", where=where, count=more)]


def _as_string(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, default=str)


def _whole(text: str) -> str:
    """The text with lone surrogates, which no encoding can hold, as question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _column_as_strings(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column
    return pl.Series(column.name, [_as_string(value) for value in column.to_list()], pl.String)


def _unreadable(form: str, error: Exception, where: str) -> ArgosyError:
    return DataError(
        "This is no {form} file that can be read: {reason}.",
        where=where,
        mend="Save it again from the program it came from (without a password), or as CSV in UTF-8.",
        form=form,
        reason=(str(error).splitlines() or [type(error).__name__])[0],
    )
