"""``argosy predict``: label a text, a file, or the lines of standard input."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from argosy.core.errors import MissingError
from argosy.data.read import read_table
from argosy.data.write import write_table
from argosy.project import columns, file, schema
from argosy.project.model import Model, load
from argosy.ui import progress
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json

_ROWS = 500  # labelled between two looks at the bar


def predict(
    folder: Path,
    source: Path | None,
    texts: Sequence[str],
    column: str | None,
    target: Path | None,
    engine: str | None,
    *,
    as_json: bool,
) -> None:
    """Label what was given; a file keeps all its columns."""
    if columns.is_tabular(folder):
        _answer_table(folder, source, target, engine, as_json=as_json)
        return
    model = load(folder, engine)
    if texts:
        _say(model, texts, as_json=as_json, alone=len(texts) == 1)
    elif source is None or str(source) == "-":
        _say(model, _lines(), as_json=as_json, alone=False)
    else:
        _label_file(model, source, column or _text_column(folder), target, as_json=as_json)


def _answer_table(folder: Path, source: Path | None, target: Path | None, rung: str | None, *, as_json: bool) -> None:
    """A model over columns takes a table."""
    if source is None or str(source) == "-":
        raise MissingError("This model reads the columns of a table.", mend="Name a file: argosy predict DIR FILE")
    _write(columns.predict_file(folder, source, rung), source, target, as_json=as_json)


def _say(model: Model, texts: Sequence[str], *, as_json: bool, alone: bool) -> None:
    answers = model.classify(texts)
    for text, answer in zip(texts, answers, strict=True):
        if as_json:
            say_json(asdict(answer) if alone else {"text": text, **asdict(answer)})
        else:
            say(f"{answer.label}\t{answer.probabilities[answer.label]:.3f}\t{text}")


def _lines() -> list[str]:
    if sys.stdin.isatty():
        raise MissingError("Nothing to label.", mend="Give --text TEXT, a file, or pipe lines into standard input.")
    return [line.rstrip("\r\n") for line in sys.stdin if line.strip()]


def _label_file(model: Model, source: Path, column: str, target: Path | None, *, as_json: bool) -> None:
    labelled = _labelled(model, read_table(source, [column]), column, str(source))
    _write(labelled, source, target, as_json=as_json)


def _write(labelled: pl.DataFrame, source: Path, target: Path | None, *, as_json: bool) -> None:
    target = target or source.with_name(f"{source.stem}.labelled{'.csv' if source.suffix != '.xlsx' else '.xlsx'}")
    write_table(labelled, target)
    if as_json:
        say_json({"rows": labelled.height, "file": str(target)})
    else:
        note(t("{rows} rows labelled: {path}").format(rows=labelled.height, path=target))


def _labelled(model: Model, frame: pl.DataFrame, column: str, where: str) -> pl.DataFrame:
    """The table with its labels, some rows at a time so that the progress shows."""
    with progress.counted(t("labelling"), frame.height) as advance:
        parts = []
        for part in frame.iter_slices(_ROWS) if frame.height else [frame]:
            parts.append(model.label_table(part, column, where))
            advance(part.height)
    return pl.concat(parts)


def _text_column(folder: Path) -> str:
    """The project's text column; a model's own folder has no project file and takes ``text``."""
    return file.load(folder).text_column if (folder / schema.FILE).is_file() else "text"
