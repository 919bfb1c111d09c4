"""A model over columns in the hands of a Python program: tables in, labels or numbers out, without what fitted it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from argosy.config.places import find_model
from argosy.core.errors import GateError, MissingError, raise_all
from argosy.core.records import Prediction
from argosy.data.files.header import missing_columns
from argosy.data.files.read import first_row, read_table
from argosy.data.numeric import Numbers, parse_column
from argosy.infer.engines.tabular import TabularModel
from argosy.infer.folder import describe, told
from argosy.project.using.model import free_name, with_answers

_TOLERANCE = 1e-3  # of a probability, or of the target's spread: other processors round otherwise


class ColumnModel:
    """A built model over columns; a table goes in with its columns in any order, cells as numbers or as texts."""

    def __init__(self, engine: TabularModel, *, text: str | None, target: str) -> None:
        self.engine = engine
        self.text = text
        self.target = target

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that must be there: the numeric ones in order, then the text's, where it is read."""
        return (*self.engine.numeric, *([self.text] if self.text and self.engine.reads_text else []))

    def classify(self, table: pl.DataFrame, where: str = "the table", first: int = 1) -> list[Prediction]:
        """A label with the probability of every label for each row; ``first`` is the number of the first row."""
        return self.engine.predict(*self._cells(table, where, first))

    def predict(self, table: pl.DataFrame, where: str = "the table", first: int = 1) -> list[str] | list[float]:
        """The label of each row, or its number."""
        if self.engine.labels:
            return [prediction.label for prediction in self.classify(table, where, first)]
        found = self.engine.answers(*self._cells(table, where, first))
        return [float(number) for number in found[:, 0]]

    def label_table(self, table: pl.DataFrame, where: str, first: int = 1) -> pl.DataFrame:
        """``table`` with what is predicted behind its columns: label and probability, or the number."""
        if not self.engine.labels:
            numbers = pl.Series(free_name(table, f"predicted_{self.target}"), self.predict(table, where, first))
            return table.with_columns(numbers.cast(pl.Float64))
        return with_answers(table, self.classify(table, where, first))

    def _cells(self, table: pl.DataFrame, where: str, first: int) -> tuple[Numbers, list[str]]:
        """The numbers [rows, columns] and the texts; raises DataError for every column and kind of cell that is bad."""
        flat = [name for name, kind in table.schema.items() if not kind.is_nested()]
        table = table.select(flat).cast(pl.String, strict=False)
        raise_all(missing_columns(table, self.columns, where))
        places = [f"{where}, row {first + at}" for at in range(table.height)]
        numbers = np.empty((table.height, len(self.engine.numeric)))
        problems = []
        for place, name in enumerate(self.engine.numeric):
            numbers[:, place], told = parse_column(table[name].to_list(), name, places)
            problems += told
        raise_all(problems)
        reads = self.text is not None and self.engine.reads_text
        return numbers, [text or "" for text in table[self.text].to_list()] if reads and self.text else []


def is_tabular(folder: Path) -> bool:
    """Whether the model of a project (or a model's own folder) is one over columns."""
    return "columns" in told(find_model(folder))


def load(folder: str | Path, rung: str | None = None, threads: int | None = None) -> ColumnModel:
    """The model in ``folder`` (a project or a model's own folder), answering with the served rung by default.

    Raises MissingError when nothing is built there, when it is a model over texts alone or has no such rung; GateError
    when the served rung does not answer its checks on this machine as it did where it was built.
    """
    place = find_model(Path(folder))
    described, description = told(place), describe(place)
    if "columns" not in described:
        raise MissingError("This model reads texts, not columns.", where=str(place), mend="Load it with argosy.load.")
    name = rung or description.served
    graph = description.engines.get(name)
    if graph is None or graph.file is None:
        raise MissingError(
            "The model has no rung {name!r}; it has {names}.",
            where=str(place),
            mend="Name one of these, or none for the one that is served ({served}).",
            name=name,
            names=", ".join(description.engines),
            served=description.served,
        )
    engine = TabularModel(graph.file, threads=threads, calibration=description.calibrations[name])
    if name == description.served:
        _check(engine, described["checks"], place)
    columns = described["columns"]
    return ColumnModel(engine, text=columns["text"], target=columns["target"])


def predict_file(folder: Path, source: Path, rung: str | None = None) -> pl.DataFrame:
    """The table in ``source`` with what the model of ``folder`` predicts for each row, all its columns kept."""
    model = load(folder, rung)
    return model.label_table(read_table(source, model.columns), source.name, first_row(source))


def _check(engine: TabularModel, checks: Sequence[dict[str, Any]], place: Path) -> None:
    """Raise GateError when the engine does not answer here as it did where it was built."""
    numbers = np.array([check["numbers"] for check in checks]).reshape(len(checks), len(engine.numeric))
    found = engine.answers(numbers, [check["text"] for check in checks])
    unit = engine.card.target.spreads[0] if engine.card.target else 1.0
    gap = float(np.abs(found - np.array([check["answer"] for check in checks])).max()) / unit
    if not gap <= _TOLERANCE:
        raise GateError(
            "On this machine {engine} answers otherwise than where it was built, by {gap}.",
            where=str(place),
            mend="Build the model on this kind of machine.",
            engine=engine.name,
            gap=round(gap, 4),
        )
