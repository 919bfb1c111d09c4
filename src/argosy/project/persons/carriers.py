"""What a project's folder holds of a person's rows: the user's files, results of stages, models learnt from them.

A try to improve the model is a project of its own within the folder: its results go too, and the rows out of its files.
"""

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from argosy.config.places import MODEL, STORE
from argosy.config.schema import Project
from argosy.core.artifact import MANIFEST, write_atomically
from argosy.core.errors import ArgosyError
from argosy.core.records import Dropped
from argosy.data.examples import chunks_of, examples_of, group_of
from argosy.infer.folder import NAME, told
from argosy.project.building import commits
from argosy.project.improving.tries import NEW, ROWS, places
from argosy.stages.data import read

REPORT = "report.html"  # in the project's folder
_COLUMNS = {"text", "meta"}
_WRITTEN = frozenset({".json", ".jsonl", ".md", ".html", ".csv", ".txt"})
_SHORTEST = 8  # characters: a shorter text stands in too many files to tell whose it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the user's files."""

    file: str
    row: int
    text: str
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Results of stages that hold rows, and models: ``sure`` where their lineage names such a result.

    ``lines`` are those of the tries' files, by the number of the line from 0.
    """

    results: Sequence[Path]
    models: Sequence[dict[str, Any]]
    lines: Mapping[Path, frozenset[int]]


def rows_of(project: Project, folder: Path, name: str) -> list[Row]:
    """The rows that the project's files name ``name`` as the group of; none where they name no groups."""
    if project.data.group is None or not name:
        return []
    columns, paths = read.columns(project), read.files(project, folder)
    group, found = group_of(name.strip()), []
    for role in (read.POOL, read.TEST):
        for chunk in chunks_of(paths.get(role, ()), columns.wanted):
            if isinstance(chunk, ArgosyError):
                raise chunk
            for one in examples_of(chunk, columns)[0]:
                row = one.example if isinstance(one, Dropped) else one
                if row.meta.get("group") == group:
                    place = int(str(row.meta["row"]))
                    found.append(Row(file=str(row.meta["file"]), row=place, text=row.text, label=row.label))
    return found


def learnt(folder: Path, tenant: str, events: Collection[str]) -> list[dict[str, Any]]:
    """The rows of tries whose texts were asked in these events of a tenant: where each came from, text and label."""
    rows = (json.loads(line) for path in _files_of_tries(places(folder)) for line in _lines(path))
    told = [{**row[NEW], "text": row["text"], "label": row["label"]} for row in rows if NEW in row]
    wanted = [one for one in told if one["tenant"] == tenant and one["event"] in events]
    return list({(one["event"], one["index"], one["label"]): one for one in wanted}.values())


def carried(folder: Path, name: str, texts: Collection[str]) -> Carried:
    """What still holds rows of the group ``name``, or one of the ``texts``."""
    homes = [folder, *places(folder)]
    store = [path for home in homes for path in sorted((home / STORE).glob("*")) if (path / MANIFEST).is_file()]
    group = f'"group": "{group_of(name.strip())}"' if name else None
    known = set(texts) | {text for path in store for text in _texts_of_group(path, group)}
    words = {text for text in known if len(text) >= _SHORTEST}
    models = [path for path in store if (path / NAME).is_file()]
    results = [path for path in store if path not in models and _holds(path, group, words)]
    page = folder / REPORT
    results += [page] if page.is_file() and _says(page, words) else []
    served = (folder / MODEL).resolve()
    told = [model for path in models if (model := _model(path, served, store, results))]
    return Carried(results=results, models=told, lines=_lines_of(homes, known))


def remove(folder: Path, found: Carried) -> int:
    """Remove the results, which the next build makes again without the rows, and what was checked out; how many.

    The files of tries are written anew without the lines.
    """
    for path, numbers in found.lines.items():
        kept = [line for number, line in enumerate(_lines(path)) if number not in numbers]
        write_atomically(path, "".join(kept))
    doomed = [*found.results, *([folder / commits.PLACE] if (folder / commits.PLACE).is_dir() else [])]
    for path in doomed:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(doomed)


def _texts_of_group(path: Path, group: str | None) -> Iterator[str]:
    if group is None:
        return
    for frame in _frames(path):
        yield from frame.filter(pl.col("meta").str.contains(group, literal=True))["text"].to_list()


def _lines_of(homes: Sequence[Path], texts: Collection[str]) -> dict[Path, frozenset[int]]:
    """The lines of the tries' files that hold one of the texts, whole."""
    found = {path: _lines_with(path, texts) for path in _files_of_tries(homes)}
    return {path: lines for path, lines in found.items() if lines}


def _files_of_tries(homes: Sequence[Path]) -> Iterator[Path]:
    return (path for home in homes for path in sorted(home.glob(ROWS)))


def _lines_with(path: Path, texts: Collection[str]) -> frozenset[int]:
    return frozenset(number for number, line in enumerate(_lines(path)) if json.loads(line)["text"] in texts)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        yield from lines


def _holds(path: Path, group: str | None, words: Collection[str]) -> bool:
    for frame in _frames(path):
        held = frame["text"].is_in(list(words))
        if held.any() or (group is not None and frame["meta"].str.contains(group, literal=True).any()):
            return True
    return any(_says(file, words) for file in path.rglob("*") if file.suffix in _WRITTEN)


def _frames(path: Path) -> Iterator[pl.DataFrame]:
    for file in sorted(path.rglob("*.parquet")):
        if set(pl.read_parquet_schema(file)) >= _COLUMNS:
            yield pl.read_parquet(file, columns=sorted(_COLUMNS))


def _says(file: Path, words: Collection[str]) -> bool:
    content = file.read_text(encoding="utf-8", errors="replace")
    return any(word in content or json.dumps(word, ensure_ascii=False)[1:-1] in content for word in words)


def _model(path: Path, served: Path, store: Sequence[Path], results: Sequence[Path]) -> dict[str, Any] | None:
    """A model that learnt, or may have learnt, from the rows: one whose results are gone cannot be ruled out."""
    description = told(path)
    lineage = set(description.get("lineage", {}).values())
    sure = bool(lineage & {one.name for one in results})
    if lineage and not sure and lineage <= {one.name for one in store}:
        return None
    return {"model": description["name"], "artifact": path.name, "served": path == served, "sure": sure}
