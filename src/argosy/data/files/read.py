"""From files to cells: a table whole, or the wanted columns in chunks, so that a large file is never in memory.

Where a chunk ends depends on the rows alone. Files below a few megabytes, and workbooks, are read whole first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, DataError, MachineError, MissingError, raise_all
from argosy.core.extension import blaming, owners
from argosy.data.files.foreign import HEAD, refuse_foreign
from argosy.data.files.header import missing_columns, nearest
from argosy.data.files.sources import SOURCES, Cells, Rows, source_of, sources

FORMATS = tuple(SOURCES)  # that are built in
ROWS = 16_384  # of a chunk
_CHARACTERS = 2**23  # of a chunk's cells, but for a last long row
LARGE = 2**23  # bytes of a file from which it is read as a stream
_TOGETHER = 64  # rows whose characters are counted at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Rows of ``file`` that follow each other, the first of them row ``start``; ``cells`` [columns][rows] by name."""

    file: str
    start: int
    cells: Mapping[str, Sequence[str | None]]


def expand(pattern: str, folder: Path, more: Sequence[str] = ()) -> list[Path]:
    """The file, or the files of a glob that a source reads or that end in one of ``more``, in order, under ``folder``.

    Raises MissingError with the nearest name when there is none, DataError for a folder.
    """
    path = folder / pattern
    if path.is_file():
        return [path]
    if path.is_dir():
        raise DataError(
            "This is a folder; a file or a pattern is expected.",
            where=pattern,
            mend="Name the files in it, such as {example!r}.",
            example=f"{pattern.rstrip('/')}/*.csv",
        )
    found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) if "*" in pattern else []
    readable = [
        file for file in found if file.suffix.lower() in (*sources(), *more) and not file.name.startswith(("~$", "."))
    ]
    if readable:
        return readable
    raise _no_file(pattern, path)


def read_table(path: Path, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a file, every column as strings, empty cells as null.

    ``columns`` chooses among the sheets of a workbook: the first that has them. Raises DataError, or several at once.
    """
    return _read(path, columns, path.name)


def first_row(path: Path) -> int:
    """The row number of a file's first record: 2 below a header, 1 in JSONL and Parquet."""
    source = source_of(path)
    return source.first if source else 1


def read_chunks(path: Path, name: str, wanted: Sequence[str], *, large: int = LARGE) -> Iterator[Chunk]:
    """The wanted columns of a file, row after row; ``name`` is what messages call it.

    Raises DataError, or several at once, for what is wrong with the file; broken rows are told at its end.
    """
    columns = list(dict.fromkeys(wanted))
    number = first_row(path)
    for rows in batches(cells(path, name, columns, large=large), ROWS):
        yield Chunk(file=name, start=number, cells=dict(zip(columns, zip(*rows, strict=True), strict=True)))
        number += len(rows)
    if number == first_row(path):
        raise _no_rows(name)


def _read(path: Path, columns: Sequence[str], name: str) -> pl.DataFrame:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise _no_file(name, path) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise MachineError("The file cannot be read: {reason}.", where=name, reason=reason) from error
    if not raw.strip(b"\r\n\t \xef\xbb\xbf"):
        raise DataError("The file is empty.", where=name, mend="Give a header row and at least one row below it.")
    frame = _parse(raw, path, columns, name)
    if frame.is_empty():
        raise _no_rows(name)
    return frame


def _no_rows(name: str) -> ArgosyError:
    return DataError("The file has a header row but no rows below it.", where=name, mend="Add rows to it.")


def _parse(raw: bytes, path: Path, columns: Sequence[str], name: str) -> pl.DataFrame:
    suffix, source = path.suffix.lower(), source_of(path)
    if source is None:
        raise DataError(
            "Files ending in {suffix!r} cannot be read; these can: {formats}.",
            where=name,
            mend="Save it as CSV in UTF-8, or as XLSX.",
            suffix=suffix,
            formats=", ".join(sources()),
        )
    if suffix in SOURCES:
        refuse_foreign(raw, suffix, name)
        return source.table(raw, columns, name)
    try:
        return source.table(raw, columns, name).cast(pl.String)
    except ArgosyError:
        raise
    except Exception as error:  # whatever the code of others does with a file
        raise DataError(
            "The source of {suffix!r} cannot read this file: {reason}",
            where=name,
            mend="Mend the file, or the extension: argosy extension check {module}",
            suffix=suffix,
            reason=f"{type(error).__name__}: {error}",
            module=", ".join(owners([suffix])),
        ) from error


def short_names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of the paths that tell them all apart, by which messages and ids call the files."""
    for parts in range(1, max((len(path.parts) for path in paths), default=0) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _no_file(name: str, path: Path) -> ArgosyError:
    try:
        others = sorted(other.name for other in path.parent.iterdir() if other.suffix.lower() in sources())
    except OSError:
        others = []
    near = nearest(path.name, others)
    if near:
        return MissingError(
            "There is no such file; the nearest name is {near!r}.", where=name, mend="Correct the name.", near=near
        )
    return MissingError(
        "There is no such file.",
        where=name,
        mend="Put it there, or name another file: {others}.",
        others=", ".join(others[:8]) or "…",
    )


def cells(
    path: Path, name: str, wanted: Sequence[str], *, kept: Sequence[str] = (), large: int = LARGE
) -> Iterator[Cells]:
    """The cells of each row of a file, those of the ``kept`` columns (by default the ``wanted`` ones).

    Raises what ``read_chunks`` raises; lists and objects are refused in the wanted columns alone.
    """
    kept = kept or wanted
    if rows := streamed(path, name, large):
        return _blamed(path, rows.cells(path, name, wanted, kept))
    frame = _read(path, wanted, name)
    raise_all(missing_columns(frame, wanted, name))
    return frame.select(kept).iter_rows()


def _blamed(path: Path, found: Iterator[Cells]) -> Iterator[Cells]:
    with blaming(path.suffix.lower()):
        yield from found


def streamed(path: Path, name: str, large: int = LARGE) -> Rows | None:
    """How a large file is read row by row; None: it is read whole."""
    source = source_of(path)
    if source is None or source.rows is None or not path.is_file() or path.stat().st_size < large:
        return None
    if (suffix := path.suffix.lower()) in SOURCES:
        with path.open("rb") as file:
            refuse_foreign(file.read(HEAD), suffix, name)
    return source.rows


def batches(rows: Iterable[Cells], most: int) -> Iterator[list[Cells]]:
    """Rows in lists of ``most``, or fewer where they hold many characters."""
    rows = iter(rows)
    batch: list[Cells] = []
    size = 0
    while part := list(islice(rows, _TOGETHER)):
        batch += part
        size += sum(len(cell) for row in part for cell in row if cell)
        if len(batch) >= most or size >= _CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
