"""Cells of a workbook that are merged over several rows: only the first row of them holds the value."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence

import polars as pl

from argosy.core.errors import ArgosyError, DataError

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?r:id=\"([^\"]+)\"")
_RELATION = re.compile(rb"<Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Target)=\"([^\"]+)\"")
_RANGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+(\d+):[A-Z]+(\d+))\"")


def check_merged(raw: bytes, sheet: int, frame: pl.DataFrame, wanted: Sequence[str], where: str) -> list[ArgosyError]:
    """One error for each merged range that leaves rows of ``frame`` (its first is row 2) without a wanted value.

    ``sheet`` is the place of the sheet among all of the workbook.
    """
    known = [frame[name] for name in wanted if name in frame.columns]
    return [
        _problem(found, first, last, column.name, where)
        for found, first, last in _ranges(raw, sheet)
        for column in known
        if _is_hollow(column, first, last)
    ]


def _is_hollow(column: pl.Series, first: int, last: int) -> bool:
    cells = column.slice(first - 2, last - first + 1) if first > 1 else column.head(0)
    return len(cells) > 1 and cells[0] is not None and cells[1:].null_count() == len(cells) - 1


def _ranges(raw: bytes, sheet: int) -> Iterator[tuple[str, int, int]]:
    """The merged ranges of a sheet with their first and last row."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(names):
            return
        relations = dict(_relations(archive.read("xl/_rels/workbook.xml.rels")))
        targets = [relations.get(key, "") for key in _SHEET.findall(archive.read("xl/workbook.xml"))]
        name = targets[sheet].lstrip("/") if sheet < len(targets) else ""
        name = name if name.startswith("xl/") else f"xl/{name}"
        found = _RANGE.findall(archive.read(name)) if name in names else []
    for cells, first, last in found:
        yield cells.decode(), int(first), int(last)


def _relations(xml: bytes) -> Iterator[tuple[bytes, str]]:
    for tag in _RELATION.findall(xml):
        values = dict(_ATTRIBUTE.findall(tag))
        yield values.get(b"Id", b""), values.get(b"Target", b"").decode()


def _problem(cells: str, first: int, last: int, column: str, where: str) -> ArgosyError:
    return DataError(
        "The cells {cells} are merged: of the rows {first} to {last} only the first has a value of {column!r}.",
        where=f"{where}, row {first}",
        mend="Unmerge them in the spreadsheet, and fill the value into every row.",
        cells=cells,
        first=first,
        last=last,
        column=column,
    )
