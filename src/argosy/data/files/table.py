"""A file as a table of any size: all its columns as strings, slice by slice, as often as they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from argosy.core.errors import raise_all
from argosy.data.files.header import missing_columns
from argosy.data.files.read import LARGE, batches, cells, read_table, streamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``columns`` are those of the file in its order; ``frame`` holds a file that is read whole (None: a stream).

    Workbooks are always read whole: their format has no rows that could be read one after the other.
    """

    path: Path
    column: str
    columns: tuple[str, ...]
    frame: pl.DataFrame | None
    large: int

    def slices(self, rows: int) -> Iterator[pl.DataFrame]:
        """The rows in frames of ``rows``, or fewer where they hold many characters; cut the same way every time.

        Raises DataError, or several at once, for what is wrong with the file; broken rows of a stream at its end.
        """
        schema = dict.fromkeys(self.columns, pl.String)
        for part in batches(self._cells(), rows):
            yield pl.DataFrame(part, schema=schema, orient="row")

    def _cells(self) -> Iterator[tuple[str | None, ...]]:
        if self.frame is not None:
            return self.frame.iter_rows()
        return cells(self.path, self.path.name, [self.column], kept=self.columns, large=self.large)


def open_table(path: Path, column: str, large: int = LARGE) -> Table:
    """The table in a file whose texts stand in ``column``.

    Raises DataError, or several at once, when a file that is read whole cannot be.
    """
    name = path.name
    if rows := streamed(path, name, large):
        return Table(path=path, column=column, columns=tuple(rows.names(path, name)), frame=None, large=large)
    frame = read_table(path, [column])
    raise_all(missing_columns(frame, [column], name))
    return Table(path=path, column=column, columns=tuple(frame.columns), frame=frame, large=large)
