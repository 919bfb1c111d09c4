"""JSONL, Parquet and XLSX as frames of strings, in which the number 1.0 and the number 1 are both "1"."""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.files.header import column_names, missing_columns
from argosy.data.files.jsonline import nested_value, read_record
from argosy.data.files.merged import check_merged
from argosy.data.files.workbook import reader as workbook_reader

_ROWS_NAMED = 5
_ZIP = b"PK\x03\x04"  # the first bytes of a workbook
_PARQUET = b"PAR1"  # its first and last bytes
_BATCH = 16_384  # rows of Parquet turned into strings at a time


def parse_jsonl(text: str, where: str, wanted: Sequence[str] = ()) -> pl.DataFrame:
    """A frame with one row a line (blank lines are rows of nulls); raises DataError naming each bad line.

    In the ``wanted`` columns a value must be plain: no list and no object.
    """
    columns: dict[str, list[str | None]] = {}
    problems: list[ArgosyError] = []
    text = text.rstrip()
    lines = text.split("\n" if "\n" in text else "\r")
    for at, line in enumerate(lines):
        record = read_record(line, at + 1, wanted, where) if line.strip() else {}
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


def stream_jsonl(
    lines: Iterable[str], wanted: Sequence[str], where: str, kept: Sequence[str] = ()
) -> Iterator[tuple[str | None, ...]]:
    """The kept cells of each line (the wanted ones by default), for a file too large for ``parse_jsonl``.

    Raises the same, at the end.
    """
    kept = kept or wanted
    names: dict[str, str] = {}  # as written, and without white space around them
    problems: list[ArgosyError] = []
    nothing = (None,) * len(kept)
    bad = blank = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            blank += 1  # blank lines count only when another follows
            continue
        yield from repeat(nothing, blank)
        blank, record = 0, read_record(line.removesuffix("\n"), number, wanted, where)
        if isinstance(record, ArgosyError):
            bad += 1
            problems += [record] if bad <= _ROWS_NAMED else []
            continue
        for name in [name for name in record if name not in names]:
            names[name] = _whole(name).strip()
        cells = {names[name]: value for name, value in record.items()}
        yield tuple(_as_string(cells.get(name)) for name in kept)
    raise_all([*problems, *_more(bad - len(problems), where)])
    raise_all(missing_columns(pl.DataFrame(schema=column_names(list(names), where)), wanted, where))


def names_of_jsonl(lines: Iterable[str]) -> list[str]:
    """The names of the objects' values in the order they first come in; lines that are no objects give none."""
    names: dict[str, None] = {}
    for line in lines:
        with suppress(ValueError, RecursionError):  # what is wrong with it is told where its values are read
            record = json.loads(line)
            if isinstance(record, dict) and not names.keys() >= record.keys():
                names |= dict.fromkeys(record)
    return list(dict.fromkeys(_whole(name).strip() for name in names))


def stream_parquet(
    path: Path, wanted: Sequence[str], where: str, kept: Sequence[str] = ()
) -> Iterator[tuple[str | None, ...]]:
    """The kept cells of each row (the wanted ones by default), as strings.

    Raises DataError when the file is no Parquet or lacks a column.
    """
    kept = kept or wanted
    try:
        table = _scanned(path, where)
        raise_all(_check_types(table.collect_schema(), wanted, where))
        head = table.head(_ROWS_NAMED).collect()
        raise_all(missing_columns(head.select(map(_column_as_strings, head.iter_columns())), wanted, where))
        for batch in table.select(kept).collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield from zip(*(_column_as_strings(batch[name]).to_list() for name in kept), strict=True)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error


def names_of_parquet(path: Path, where: str) -> list[str]:
    """The names of the columns; raises DataError when the file is no Parquet."""
    try:
        return _scanned(path, where).collect_schema().names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error


def _scanned(path: Path, where: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        file.seek(-len(_PARQUET), io.SEEK_END)
        if file.read() != _PARQUET:
            raise _broken_off(where)
    return pl.scan_parquet(path)


def parse_parquet(raw: bytes, where: str, wanted: Sequence[str] = ()) -> pl.DataFrame:
    """A frame of strings; raises DataError when the file is no Parquet, or a wanted column holds lists or objects."""
    if raw.startswith(_PARQUET) and not raw.endswith(_PARQUET):
        raise _broken_off(where)
    try:
        frame = pl.read_parquet(io.BytesIO(raw))
        raise_all(_check_types(frame.schema, wanted, where))
        return frame.select(map(_column_as_strings, frame.iter_columns()))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable("Parquet", error, where) from error


def parse_xlsx(raw: bytes, wanted: Sequence[str], where: str) -> pl.DataFrame:
    """The first sheet whose first row has the wanted columns, else the first that is not empty, as strings.

    Raises DataError when the file is no workbook or every sheet is empty.
    """
    fastexcel = workbook_reader()
    try:
        reader = fastexcel.read_excel(raw)
        sheets = (
            reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            for name in reader.sheet_names
        )
        filled = {at: sheet for at, sheet in enumerate(sheets) if sheet.height}
    except fastexcel.FastExcelError as error:
        if raw.startswith(_ZIP) and not zipfile.is_zipfile(io.BytesIO(raw)):
            raise _broken_off(where) from error
        raise _unreadable("XLSX", error, where) from error
    if not filled:
        raise DataError("The file is empty.", where=where, mend="Give a header row and at least one row below it.")
    fitting = [at for at, sheet in filled.items() if {(cell or "").strip() for cell in sheet.row(0)}.issuperset(wanted)]
    if wanted and len(fitting) > 1:
        raise _several([reader.sheet_names[at] for at in fitting], where)
    at = fitting[0] if fitting else min(filled)
    sheet: pl.DataFrame = filled[at]
    body = sheet.slice(1)
    body.columns = column_names(sheet.row(0), where)
    try:
        raise_all(check_merged(raw, at, body, wanted, where))
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError) as error:
        raise _unreadable("XLSX", error, where) from error
    return body


def _several(sheets: Sequence[str], where: str) -> ArgosyError:
    return DataError(
        "Several sheets have these columns, and only one of them would be read: {sheets}.",
        where=where,
        mend="Copy the rows into one sheet, or save each sheet as a file of its own and name them with a pattern.",
        sheets=", ".join(map(repr, sheets)),
    )


def _check_types(schema: Mapping[str, pl.DataType], wanted: Sequence[str], where: str) -> list[ArgosyError]:
    """One error for each wanted column of lists or objects."""
    return [
        nested_value(name, str(schema[name]), where) for name in wanted if name in schema and schema[name].is_nested()
    ]


def _more(count: int, where: str) -> list[ArgosyError]:
    if count <= 0:
        return []
    return [DataError("{count} more lines are wrong in such a way.", where=where, count=count)]


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
    if column.dtype == pl.Binary:
        return column.cast(pl.String)
    return pl.Series(column.name, [_as_string(value) for value in column.to_list()], pl.String)


def _broken_off(where: str) -> ArgosyError:
    return DataError(
        "The file breaks off: its end is missing.",
        where=where,
        mend="Copy or download it again.",
    )


def _unreadable(form: str, error: Exception, where: str) -> ArgosyError:
    return DataError(
        "This is no {form} file that can be read: {reason}.",
        where=where,
        mend="Save it again from the program it came from (without a password), or as CSV in UTF-8.",
        form=form,
        reason=(str(error).splitlines() or [type(error).__name__])[0],
    )
