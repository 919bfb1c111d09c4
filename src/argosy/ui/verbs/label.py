"""``argosy label``: a round trip through a table for rows that have no label yet."""

from pathlib import Path

import polars as pl

from argosy.config import file
from argosy.config.places import MODEL
from argosy.core.errors import MissingError, raise_all
from argosy.data.files.header import missing_columns
from argosy.data.files.read import read_table
from argosy.data.files.write import write_table
from argosy.project.using.model import free_name, load
from argosy.ui.speech import note, t
from argosy.ui.verbs.build import say_json

FOLDER = "labels"


def export(folder: Path, source: Path, count: int, target: Path | None, *, as_json: bool) -> None:
    """Write at most ``count`` rows with an empty label column, the least certain first once a model is there."""
    project = file.load(folder)
    data, text = project.data, project.text_column
    frame = read_table(source, [text])
    raise_all(missing_columns(frame, [text], str(source)))
    if data.label in frame.columns:
        frame = frame.filter(pl.col(data.label).is_null()).drop(data.label)
    frame = frame.unique(subset=text, keep="first", maintain_order=True)
    if (folder / MODEL).is_dir():
        frame = load(folder).label_table(frame, text, str(source)).sort(free_name(frame, "probability"))
    frame = frame.head(count).with_columns(pl.lit(None, dtype=pl.String).alias(data.label))
    target = target or source.with_name(f"{source.stem}.to-label.csv")
    write_table(frame, target)
    if as_json:
        say_json({"rows": frame.height, "file": str(target)})
        return
    said = t("{rows} rows to label in {path}: fill column {label!r}, then\n  argosy label {folder} {path} --merge")
    note(said.format(rows=frame.height, path=target, label=data.label, folder=folder))


def merge_filled(folder: Path, source: Path, *, as_json: bool) -> None:
    """Add the rows of a filled table to the project; empty ones are passed over, an older merge stays."""
    project = file.load(folder)
    data, text = project.data, project.text_column
    frame = read_table(source, [text, data.label])
    raise_all(missing_columns(frame, [text, data.label], str(source)))
    filled = frame.filter(pl.col(data.label).is_not_null()).select(text, data.label)
    if filled.is_empty():
        raise MissingError(
            "No row has a label yet.", where=str(source), mend="Fill the column {label!r}.", label=data.label
        )
    target = _free_path(folder / FOLDER, source.stem.removesuffix(".to-label"))
    write_table(filled, target)
    if as_json:
        say_json({"rows": filled.height, "file": str(target)})
        return
    said = t("{rows} labelled rows added as {path}; the next `argosy run` learns from them.")
    note(said.format(rows=filled.height, path=target))


def _free_path(folder: Path, stem: str) -> Path:
    """A name in ``folder`` that no file has yet."""
    folder.mkdir(exist_ok=True)
    names = (f"{stem}{f'-{number}' if number else ''}.csv" for number in range(len(list(folder.iterdir())) + 1))
    return next(folder / name for name in names if not (folder / name).exists())
