"""How files are read, by the ends of their names: what a source is, and those that are built in.

Files below a few megabytes, and workbooks, are read whole; larger ones row by row, where their form allows it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

import polars as pl

from argosy.core.extension import named
from argosy.data.files.decode import decode, encoding_of_file
from argosy.data.files.delimited import names_of_delimited, parse_delimited, stream_delimited
from argosy.data.files.tables import (
    names_of_jsonl,
    names_of_parquet,
    parse_jsonl,
    parse_parquet,
    parse_xlsx,
    stream_jsonl,
    stream_parquet,
)

Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A large file row by row: the ``kept`` cells of each row, of which the ``wanted`` are plain; ``names`` of all.

    Both take the file and what messages call it; broken rows are told at the end.
    """

    cells: Callable[[Path, str, Sequence[str], Sequence[str]], Iterator[Cells]]
    names: Callable[[Path, str], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How files whose names end alike are read.

    ``table`` makes a frame of strings, empty cells as null, of a file's bytes, the columns that are wanted and what
    messages call the file: it raises DataError with ``where="FILE, row N"`` for a row that is wrong. ``first`` is the
    number of the first row. ``sample`` is a small such file, by which the source is checked.
    """

    table: Callable[[bytes, Sequence[str], str], pl.DataFrame]
    first: int = 1
    rows: Rows | None = None
    sample: bytes = b""


def _delimited(own: str) -> Source:
    def table(raw: bytes, columns: Sequence[str], name: str) -> pl.DataFrame:
        del columns  # every column is a string
        return parse_delimited(decode(raw, name, quoted=True), own, name)

    def cells(path: Path, name: str, wanted: Sequence[str], kept: Sequence[str]) -> Iterator[Cells]:
        return stream_delimited(_opener(path, name), own, list(dict.fromkeys([*kept, *wanted])), name)

    def names(path: Path, name: str) -> list[str]:
        return names_of_delimited(_opener(path, name), own, name)

    sample = own.join(["text", "label"]) + "\n" + own.join(["好", "a"]) + "\n" + own.join(["bad", "b"]) + "\n"
    return Source(table=table, first=2, rows=Rows(cells=cells, names=names), sample=sample.encode())


def _jsonl() -> Source:
    def table(raw: bytes, columns: Sequence[str], name: str) -> pl.DataFrame:
        return parse_jsonl(decode(raw, name, quoted=False), name, columns)

    def cells(path: Path, name: str, wanted: Sequence[str], kept: Sequence[str]) -> Iterator[Cells]:
        return stream_jsonl(_lines(path, name), wanted, name, kept)

    def names(path: Path, name: str) -> list[str]:
        return names_of_jsonl(_lines(path, name))

    sample = '{"text": "好", "label": "a"}\n{"text": "bad", "label": "b"}\n'
    return Source(table=table, rows=Rows(cells=cells, names=names), sample=sample.encode())


def _parquet() -> Source:
    def table(raw: bytes, columns: Sequence[str], name: str) -> pl.DataFrame:
        return parse_parquet(raw, name, columns)

    def cells(path: Path, name: str, wanted: Sequence[str], kept: Sequence[str]) -> Iterator[Cells]:
        return stream_parquet(path, wanted, name, kept)

    return Source(table=table, rows=Rows(cells=cells, names=names_of_parquet))


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        ".csv": _delimited(","),
        ".tsv": _delimited("\t"),
        ".jsonl": _jsonl(),
        ".ndjson": _jsonl(),
        ".parquet": _parquet(),
        ".xlsx": Source(table=parse_xlsx, first=2),
    }
)


def sources() -> dict[str, Source]:
    """All sources by the ends of names, those of open extensions among them."""
    return named("sources", SOURCES)


def source_of(path: Path) -> Source | None:
    """The source that reads a file; None where nothing does."""
    return sources().get(path.suffix.lower())


def _opener(path: Path, name: str) -> Callable[[], TextIO]:
    """Opens a delimited file in its encoding, with its line ends as they are."""
    return partial(_opened, path, encoding_of_file(path, name, quoted=True), "")


def _lines(path: Path, name: str) -> Iterator[str]:
    """The lines of a JSONL file."""
    return _lines_of(path, encoding_of_file(path, name, quoted=False))


def _lines_of(path: Path, encoding: str) -> Iterator[str]:
    with _opened(path, encoding, "\n") as file:
        yield from file


def _opened(path: Path, encoding: str, newline: str) -> TextIO:
    return path.open(encoding=encoding, newline=newline)
