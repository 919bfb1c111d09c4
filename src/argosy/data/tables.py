"""JSONL, Parquet and XLSX as frames of strings, in which the number 1.0 and the number 1 are both "1"."""

import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

import fastexcel
import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.header import column_names, missing_columns

_ROWS_NAMED = 5
_BATCH = 16_384  # rows of Parquet turned into strings at a time


def parse_jsonl(text: str, where: str) -> pl.DataFrame:
    """A frame with one row a line (blank lines are rows of nulls); raises DataError naming each bad line."""
    columns: dict[str, list[str | None]] = {}
    problems: list[ArgosyError] = []
    lines = text.rstrip().split("\n")
    for at, line in enumerate(lines):
        record = _record(line, at + 1, where) if line.strip() else {}
        if isinstance(record, ArgosyError):
            problems.append(record)
            continue
        for name, value in record.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (at - len(column)))  # rows before this one that lacked the name
            column.append(_as_string(value))
    raise_all([*problems[:_ROWS_NAMED], *_more(len(problems) - _ROWS_NAMED, where)])
    names = column_names([_whole(name) for name in columns], where)
    filled = ([*column, *[None] * (len(lines) - len(column))] for column in columns.values())
    return pl.DataFrame([pl.Series(name, cells, pl.String) for name, cells in zip(names, filled, strict=True)])


def stream_jsonl(lines: Iterable[str], wanted: Sequence[str], where: str) -> Iterator[tuple[str | None, ...]]:
    """The wanted cells of each line, for a file too large for ``parse_jsonl``; raises the same, at the end."""
    names: dict[str, str] = {}  # as written, and without white space around them
    problems: list[ArgosyError] = []
    nothing = (None,) * len(wanted)
    bad = blank = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            blank += 1  # blank lines count only when another follows
            continue
        yield from repeat(nothing, blank)
        blank, record = 0, _record(line.removesuffix("\n"), number, where)
        if isinstance(record, ArgosyError):
            bad += 1
            problems += [record] if bad <= _ROWS_NAMED else []
            continue
        for name in [name for name in record if name not in names]:
            names[name] = _whole(name).strip()
        cells = {names[name]: value for name, value in record.items()}
        yield tuple(_as_string(cells.get(name)) for name in wanted)
    raise_all([*problems, *_more(bad - len(problems), where)])
    raise_all(missing_columns(pl.DataFrame(schema=column_names(list(names), where)), wanted, where))


def stream_parquet(path: Path, wanted: Sequence[str], where: str) -> Iterator[tuple[str | None, ...]]:
    """The wanted cells of each row, as strings; raises DataError when the file is no Parquet or lacks a column."""
    try:
        table = pl.scan_parquet(path)
        head = table.head(_ROWS_NAMED).collect()
        raise_all(missing_columns(head.select(map(_column_as_strings, head.iter_columns())), wanted, where))
        for batch in table.select(wanted).collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield from zip(*(_column_as_strings(batch[name]).to_list() for name in wanted), strict=True)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error


def parse_parquet(raw: bytes, where: str) -> pl.DataFrame:
    """A frame of strings; raises DataError when the file is no Parquet."""
    try:
        frame = pl.read_parquet(io.BytesIO(raw))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error
    return frame.select(map(_column_as_strings, frame.iter_columns()))


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


def _record(line: str, number: int, where: str) -> dict[str, object] | ArgosyError:
    """The object of a line, or what is wrong with it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError
        return _bad_line(number, str(error), where)
    return record if isinstance(record, dict) else _bad_line(number, f"found {type(record).__name__}", where)


def _bad_line(number: int, reason: str, where: str) -> ArgosyError:
    return DataError(
        "This line is not one JSON object: {reason}.",
        where=f"{where}, row {number}",
        mend='Write one object a line, such as {{"text": "…", "label": "…"}}.',
        reason=reason,
    )


def _more(count: int, where: str) -> list[ArgosyError]:
    if count <= 0:
        return []
    return [DataError("{count} more lines are not JSON objects.", where=where, count=count)]


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
