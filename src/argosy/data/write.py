"""Tables for people: CSV that Excel opens rightly, JSONL, and XLSX without formulas made out of texts."""

import io
import os
import tempfile
from pathlib import Path

import polars as pl
from xlsxwriter import Workbook

from argosy.core.artifact import machine_error
from argosy.core.errors import DataError

_SHEET_ROWS, _CELL = 1_048_575, 32_767  # Excel's limits: rows below the header, characters in a cell


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


def _bytes(frame: pl.DataFrame, path: Path) -> bytes:
    buffer = io.BytesIO()
    match path.suffix.lower():
        case ".csv":
            frame.write_csv(buffer, include_bom=True)
        case ".jsonl":
            frame.write_ndjson(buffer)
        case ".xlsx":
            _refuse_oversize(frame, path)
            options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
            with Workbook(buffer, {"in_memory": True, **options}) as book:
                frame.write_excel(book, autofit=False)
        case suffix:
            raise DataError(
                "Files ending in {suffix!r} cannot be written.",
                where=path.name,
                mend="Choose a name that ends in .csv, .jsonl or .xlsx.",
                suffix=suffix,
            )
    return buffer.getvalue()


def _refuse_oversize(frame: pl.DataFrame, path: Path) -> None:
    """Excel cuts long cells and drops late rows without a word; refuse instead."""
    words = frame.select(pl.col(pl.String).str.len_chars().max())
    longest = max((int(value) for value in words.row(0) if value), default=0) if words.width else 0
    if frame.height > _SHEET_ROWS or longest > _CELL:
        raise DataError(
            "The table does not fit an Excel sheet: {rows} rows, the longest cell has {longest} characters.",
            where=path.name,
            mend="Write .csv or .jsonl instead.",
            rows=frame.height,
            longest=longest,
        )
