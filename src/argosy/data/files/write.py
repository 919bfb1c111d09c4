"""Tables for people: CSV that Excel opens rightly, JSONL, and XLSX without formulas made out of texts."""

import io
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from argosy.core.artifact import machine_error
from argosy.core.errors import DataError
from argosy.data.files.workbook import writer

_SHEET_ROWS, _CELL = 1_048_575, 32_767  # Excel's limits: rows below the header, characters in a cell
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write .csv (UTF-8 with a byte order mark), .jsonl or .xlsx, whole or not at all.

    Raises DataError for another ending or for what does not fit a sheet, MachineError when the system refuses.
    """
    raw = _bytes(frame, path)
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            Path(aside).chmod(0o644)
            Path(aside).replace(path)
        finally:
            Path(aside).unlink(missing_ok=True)
    except OSError as error:
        raise machine_error(error, path) from error


def line_bytes(frame: pl.DataFrame, suffix: str, *, first: bool) -> bytes:
    """The rows as they stand in a .csv or .jsonl file; those that come ``first`` have the header above them."""
    buffer = io.BytesIO()
    if suffix == ".csv":
        frame.write_csv(buffer, include_bom=first, include_header=first)
    else:
        frame.write_ndjson(buffer)
    return buffer.getvalue()


def suffix_of(path: Path) -> str:
    """.csv, .jsonl or .xlsx; raises DataError for another ending."""
    suffix = path.suffix.lower()
    if suffix in (".csv", ".jsonl", ".xlsx"):
        return suffix
    raise DataError(
        "Files ending in {suffix!r} cannot be written.",
        where=path.name,
        mend="Choose a name that ends in .csv, .jsonl or .xlsx.",
        suffix=path.suffix,
    )


def refuse_oversize(rows: int, longest: int, path: Path) -> None:
    """Raise DataError for what no Excel sheet holds, which Excel cuts and drops without a word.

    ``longest`` is the number of characters of the longest cell.
    """
    if rows > _SHEET_ROWS or longest > _CELL:
        raise DataError(
            "The table does not fit an Excel sheet: {rows} rows, the longest cell has {longest} characters.",
            where=path.name,
            mend="Write .csv or .jsonl instead.",
            rows=rows,
            longest=longest,
        )


def longest_cell(frame: pl.DataFrame) -> int:
    """The characters of the longest cell."""
    words = frame.select(pl.col(pl.String).str.len_chars().max())
    return max((int(value) for value in words.row(0) if value), default=0) if words.width and words.height else 0


def _bytes(frame: pl.DataFrame, path: Path) -> bytes:
    suffix = suffix_of(path)
    if suffix != ".xlsx":
        return line_bytes(frame, suffix, first=True)
    refuse_oversize(frame.height, longest_cell(frame), path)
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with writer().Workbook(buffer, {"in_memory": True, **options}) as book:
        book.set_properties({"created": _NO_DATE})  # equal tables give equal bytes
        frame.write_excel(book, autofit=False)
    return buffer.getvalue()
