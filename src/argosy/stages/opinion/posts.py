"""Stage *posts* of a monitor: the posts in the tables that it follows, read once to see what is there; nothing learns.

Feeds, pages and streams are not asked here: they are when the monitor runs (`argosy opinion check`).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.config.opinion import OpinionSource
from argosy.config.schema import Project
from argosy.core.errors import MissingError
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.files.read import expand, read_table
from argosy.data.language import detect
from argosy.data.times import parse_time
from argosy.opinion.entities.find import Entities, Named
from argosy.opinion.stories.sketch import sketches
from argosy.stages.site import Site

FACTS = "facts.json"
_TABLES = frozenset({".jsonl", ".csv", ".tsv", ".parquet", ".json"})
_MOST = 50_000  # posts that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file of posts, and its columns of texts and times."""

    path: Path
    text: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The columns by file, the languages, and whom texts may speak of; files count by their digests."""

    columns: Mapping[str, tuple[str, str]]
    languages: tuple[str, ...]
    entities: Mapping[str, Any]
    tables: tuple[Table, ...] = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; a file that a source names and that is not there yet is none."""
    tables = [
        Table(path=path, text=source.text, time=source.time)
        for source in project.opinion.sources.values()
        if source.kind == "folder"
        for path in _files(source, site.folder)
    ]
    params = Params(
        columns={one.path.name: (one.text, one.time) for one in tables},
        languages=tuple(project.languages),
        entities={name: one.model_dump() for name, one in project.opinion.entities.items()},
        tables=tuple(tables),
    )
    files = {f"{number}/{one.path.name}": one.path for number, one in enumerate(tables)}
    return Stage(name="posts", params=params, run=run, files=files, code=("argosy.opinion.entities.find",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Count the posts: read and kept, by language, equal ones as one story, by whom they name."""
    dropped: Counter[str] = Counter()
    read = 0
    texts: list[str] = []
    for table in params.tables:
        for text, time in _rows(table):
            read += 1
            if not text or not text.strip():
                dropped["empty"] += 1
            elif time and parse_time(time) is None:
                dropped["no_time"] += 1
            else:
                texts.append(text)
    some = texts[:_MOST]
    finder = Entities([Named(name=name, **told) for name, told in params.entities.items()])
    named = Counter(entity for text in some for entity, _ in finder.find(text))
    facts = {
        "read": read,
        "kept": len(texts),
        "dropped": dict(dropped),
        "redacted": {},
        "splits": {},
        "labels": {},
        "languages": dict(Counter(detect(some, params.languages)).most_common()),
        "stories": len({one.digest for one in sketches(some)}),
        "entities": {name: named[name] for name in params.entities},
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _files(source: OpinionSource, folder: Path) -> list[Path]:
    place = folder / source.path
    try:
        found: Sequence[Path] = sorted(place.iterdir()) if place.is_dir() else expand(source.path, folder)
    except MissingError:
        return []
    return [path for path in found if path.suffix.lower() in _TABLES]


def _rows(table: Table) -> Iterator[tuple[str | None, str | None]]:
    """The text and the time of each row; none of a file without such a column of texts."""
    frame = read_table(table.path)
    if table.text not in frame.columns:
        return
    times = frame.get_column(table.time).to_list() if table.time in frame.columns else [None] * frame.height
    yield from zip(frame.get_column(table.text).to_list(), times, strict=True)
