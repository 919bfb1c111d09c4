"""Where a data service puts its rows: those that stay in a table, those that go in JSON Lines with the reason."""

import json
from collections import Counter
from pathlib import Path
from typing import Self

import polars as pl

from argosy.data.files.write import line_bytes, write_table

_WRITTEN = {".csv": ".csv", ".tsv": ".csv", ".xlsx": ".xlsx"}
"""What a file is written as, by what it was; everything else as JSON Lines."""


class Sink:
    """Writes ``output`` and ``errors``; a workbook is in memory until the end, as its format has it."""

    def __init__(self, output: Path, errors: Path, suffix: str) -> None:
        self.suffix = _WRITTEN.get(suffix, ".jsonl")
        self.kept = 0
        self.dropped: Counter[str] = Counter()
        self._path = output
        self._output = output.open("wb")
        self._errors = errors.open("wb")
        self._sheets: list[pl.DataFrame] = []

    def keep(self, frame: pl.DataFrame) -> None:
        """Rows that stay; every frame has the same columns."""
        if self.suffix == ".xlsx":
            self._sheets.append(frame)
        else:
            self._output.write(line_bytes(frame, self.suffix, first=self.kept == 0))
        self.kept += frame.height

    def drop(self, row: int, text: str | None, reason: str) -> None:
        """A row that goes, by its number in the file."""
        self.dropped[reason] += 1
        told = {"row": row, "reason": reason, "text": text}
        self._errors.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._output.close()
        self._errors.close()
        if self._sheets:
            sheet = self._path.with_name(f"{self._path.name}.xlsx")
            write_table(pl.concat(self._sheets), sheet)
            sheet.replace(self._path)
