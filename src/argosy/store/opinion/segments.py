"""Segments: Parquet files of texts, each written whole, and read by DuckDB.

A file is under its name only when all of it is on the disk, and it never changes. What no manifest names is not there.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from argosy.core.errors import DataError, MachineError, MissingError
from argosy.core.opinion import SENTIMENTS, About, Kept, Opinion, Post

DAY = 86_400_000_000
TEXTS = "texts"
_GROUP = 16_384  # rows of a group: those whose times do not fit are not read
_SCHEMA: dict[str, type[pl.DataType]] = {
    "id": pl.String,
    "story": pl.String,
    "begins": pl.Boolean,
    "source": pl.String,
    "key": pl.String,
    "time": pl.Int64,
    "received": pl.Int64,
    "title": pl.String,
    "author": pl.String,
    "url": pl.String,
    "said": pl.String,  # the language that the source says
    "again": pl.Boolean,
    "text": pl.String,
    "language": pl.String,
    **dict.fromkeys(SENTIMENTS, pl.Float64),
    "topic": pl.String,
    "sure": pl.Float64,
    "about": pl.String,  # JSON
    "weight": pl.Float64,
    "version": pl.String,
}
_COLUMNS = ", ".join(_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A file of the manifest: ``path`` below the folder, and what it holds; see the table of that name."""

    path: str
    day: str
    level: int
    low: int
    high: int
    rows: int
    start: int
    end: int
    digest: str


def day_of(at: int) -> str:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).date().isoformat()


def frame(kept: Sequence[Kept]) -> pl.DataFrame:
    """Texts as the rows of a segment."""
    return pl.DataFrame([_row(one) for one in kept], schema=_SCHEMA, orient="row")


def write(folder: Path, rows: pl.DataFrame, *, day: str, level: int, low: int, high: int) -> Segment:
    """A new file with these rows, on the disk with its name when this returns. Raises MachineError."""
    place = folder / TEXTS / f"day={day}"
    name = f"{low:012}-{high:012}-{secrets.token_hex(4)}.parquet"
    part = place / f".{name}"
    rows = rows.sort("time", "id")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as opened:
            rows.write_parquet(opened, compression="zstd", row_group_size=_GROUP)
            opened.flush()
            os.fsync(opened.fileno())
        digest = blake2b(part.read_bytes(), digest_size=16).hexdigest()
        part.replace(place / name)
        for made in (place, place.parent, folder):
            _sync(made)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MachineError("The texts cannot be written: {error}", where=str(place), error=error) from error
    start, end = rows["time"][0], rows["time"][-1]
    path = f"{TEXTS}/day={day}/{name}"
    return Segment(
        path=path, day=day, level=level, low=low, high=high, rows=len(rows), start=start, end=end, digest=digest
    )


def write_over(folder: Path, rows: pl.DataFrame, old: Segment) -> Segment:
    """A new file for the rows that are left of an ``old`` one."""
    return write(folder, rows, day=old.day, level=old.level, low=old.low, high=old.high)


def load(folder: Path, segments: Sequence[Segment]) -> pl.DataFrame:
    """All rows of some segments; raises FileNotFoundError, DataError."""
    try:
        return pl.read_parquet([folder / one.path for one in segments], glob=False, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        raise damaged(folder) from error


def damaged(folder: Path) -> DataError:
    """What is wrong when a file of the manifest is gone for good or cannot be read."""
    return DataError("A file of texts is gone or damaged.", where=str(folder), mend="Restore it from a backup.")


def ids_of(folder: Path, segment: Segment, wanted: pl.Expr) -> list[str]:
    """The ids of its texts that are wanted; no more is read than it takes."""
    rows = pl.scan_parquet(folder / segment.path, glob=False, hive_partitioning=False)
    return rows.filter(wanted).select("id").collect()["id"].to_list()


def read(
    folder: Path, segments: Sequence[Segment], wanted: str, values: Mapping[str, Any], *, most: int, last: bool = False
) -> Iterator[Kept]:
    """Texts that are ``wanted`` (a condition with the named values), by time: the first of them, or the last, first.

    Raises FileNotFoundError where a segment is gone, as the manifest was read before it changed, and DataError where
    one is damaged.
    """
    if not segments:
        return
    duckdb = _package()
    files = [_exactly(str(folder / one.path)) for one in segments]
    way = "DESC" if last else "ASC"
    query = (
        f"SELECT {_COLUMNS} FROM read_parquet($files, hive_partitioning=false)"  # noqa: S608 - our own words
        f" WHERE {wanted} ORDER BY time {way}, id {way} LIMIT $most"
    )
    try:
        rows = _door().cursor().execute(query, {"files": files, "most": most, **values}).fetchall()
    except duckdb.IOException as error:
        raise FileNotFoundError(str(error)) from error
    except duckdb.Error as error:
        raise damaged(folder) from error
    for row in rows:
        yield _kept(dict(zip(_SCHEMA, row, strict=True)))


def _row(kept: Kept) -> tuple[Any, ...]:
    one = kept.opinion
    post = one.post
    about = [[each.entity, dict(each.chances), each.spans] for each in one.about]
    return (
        kept.id,
        kept.story,
        kept.first,
        post.source,
        post.key,
        post.at,
        post.received,
        whole(post.title),
        whole(post.author),
        whole(post.url),
        whole(post.language),
        post.again,
        whole(one.text),
        one.language,
        *(one.chances.get(sentiment) for sentiment in SENTIMENTS),
        one.topic,
        one.sure,
        json.dumps(about, ensure_ascii=False),
        one.weight,
        one.version,
    )


def _kept(row: Mapping[str, Any]) -> Kept:
    post = Post(
        source=row["source"],
        key=row["key"],
        text=row["text"],  # as it was posted it is not kept
        at=row["time"],
        received=row["received"],
        title=row["title"],
        author=row["author"],
        url=row["url"],
        language=row["said"],
        again=row["again"],
    )
    about = tuple(
        About(entity=entity, chances=chances, spans=tuple((begin, end) for begin, end in spans))
        for entity, chances, spans in json.loads(row["about"])
    )
    opinion = Opinion(
        post=post,
        text=row["text"],
        language=row["language"],
        chances={one: row[one] for one in SENTIMENTS if row[one] is not None},
        topic=row["topic"],
        sure=row["sure"],
        about=about,
        weight=row["weight"],
        version=row["version"],
    )
    return Kept(id=row["id"], opinion=opinion, story=row["story"], first=row["begins"])


def whole(text: str) -> str:
    """A text that every file and database takes: without NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _exactly(path: str) -> str:
    """A pattern that means this file alone."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in path)


def _package() -> Any:
    try:
        return import_module("duckdb")
    except ModuleNotFoundError as error:
        raise MissingError(
            "The texts of an opinion monitor need the package {name!r}, which is not installed.",
            mend="pip install 'argosy[opinion]'",
            name="duckdb",
        ) from error


@cache
def _door() -> Any:
    """One DuckDB in memory for the process; each reader has a cursor of its own."""
    return _package().connect(config={"threads": 2, "autoinstall_known_extensions": False})


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
