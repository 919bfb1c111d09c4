"""``argosy predict``: label a text, a file, or the lines of standard input."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import polars as pl

from argosy.config import file, schema
from argosy.core.errors import MissingError
from argosy.data.files.write import write_table
from argosy.project.using import columns
from argosy.project.using.labelling import Labelled, label_file
from argosy.project.using.model import Model, load
from argosy.ui import progress
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json

_CHANGED = {  # what is said where rows that are there already cannot be used
    "file": t("The file is not the one whose labelling was begun: labelling it from the start."),
    "model": t("The model is not the one that labelling was begun with: labelling from the start."),
    "column": t("Another column or form was asked for when labelling was begun: labelling from the start."),
}


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
    if texts:
        _say(load(folder, engine), texts, as_json=as_json, alone=len(texts) == 1)
    elif source is None or str(source) == "-":
        _say(load(folder, engine), _lines(), as_json=as_json, alone=False)
    else:
        with ExitStack() as shown:
            done = label_file(
                folder, source, column or _text_column(folder), target or _target(source), _Shown(shown), engine
            )
        _tell(done, as_json=as_json)


class _Shown:
    """Shows how the labelling of a file goes: a bar with the time left."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._bar: Callable[[int], None] | None = None

    def look(self) -> None:
        """Say why nothing moves yet."""
        note(t("looking through the file for what is wrong with it"))

    def begin(self, rows: int, characters: int, standing: int, changed: str | None) -> None:
        """Say what stands already, and show the bar."""
        if changed is not None:
            note(_CHANGED[changed])
        if standing:
            note(t("{standing} of {rows} rows are labelled already").format(standing=standing, rows=rows))
        self._bar = self._stack.enter_context(progress.counted(t("labelling"), characters))

    def advance(self, characters: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar(characters)


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


def _tell(done: Labelled, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(done))
        return
    note(t("{rows} rows labelled: {path}").format(rows=done.rows, path=done.file))
    if done.truncated:
        note(
            t("{count} texts are longer than what the model reads; their ends were not read").format(
                count=done.truncated
            )
        )


def _target(source: Path) -> Path:
    return source.with_name(f"{source.stem}.labelled{'.csv' if source.suffix != '.xlsx' else '.xlsx'}")


def _write(labelled: pl.DataFrame, source: Path, target: Path | None, *, as_json: bool) -> None:
    target = target or _target(source)
    write_table(labelled, target)
    if as_json:
        say_json({"rows": labelled.height, "file": str(target)})
    else:
        note(t("{rows} rows labelled: {path}").format(rows=labelled.height, path=target))


def _text_column(folder: Path) -> str:
    """The project's text column; a model's own folder has no project file and takes ``text``."""
    return file.load(folder).text_column if (folder / schema.FILE).is_file() else "text"
