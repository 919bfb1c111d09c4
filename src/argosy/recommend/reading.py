"""The two files of a recommender as frames with one set of columns, and their rows as items and events."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from argosy.core.errors import DataError
from argosy.core.recommend import Event, Item
from argosy.data.files.read import read_table
from argosy.data.times import parse_time

ITEM = ("item", "title", "description", "tags", "price", "added")
EVENT = ("user", "item", "kind", "time")
_NEEDED = {"item": ("item", "title"), "event": ("user", "item", "time")}
_BETWEEN = re.compile(r"\s*[;|；、]\s*")  # tags
_ISO = r"^(19|20)\d\d-\d\d-\d\d[ T]\d\d:\d\d:[0-5]\d(\.\d{1,6})?Z?$"
_SECONDS = r"^([1-9]\d{8}|[1-6]\d{9})$"
_KIND = "event"  # of events whose file has no column of kinds


def read_items(paths: Sequence[Path], columns: Mapping[str, str]) -> pl.DataFrame:
    """The items of all files as strings, with the columns ITEM; null where a file has none of that name.

    ``columns`` says what they are called in the files. Raises DataError where id or title is missing.
    """
    return _read(paths, ITEM, columns, _NEEDED["item"])


def read_events(paths: Sequence[Path], columns: Mapping[str, str]) -> pl.DataFrame:
    """The events of all files as strings, with the columns EVENT; raises DataError as ``read_items`` does."""
    frame = _read(paths, EVENT, columns, _NEEDED["event"])
    return frame.with_columns(pl.col("kind").fill_null(_KIND))


def items_of(frame: pl.DataFrame) -> list[Item]:
    """The rows of ``read_items`` as items, those without an id left out; of an id that stands twice the last counts."""
    found = {row["item"].strip(): _item(row) for row in frame.iter_rows(named=True) if (row["item"] or "").strip()}
    return list(found.values())


def events_of(frame: pl.DataFrame) -> tuple[list[Event], int]:
    """The rows of ``read_events`` as events, and how many have no user, item or readable time."""
    rows = [_event(row) for row in frame.iter_rows(named=True)]
    return [row for row in rows if row is not None], sum(row is None for row in rows)


def micros(cell: str) -> int | None:
    """A time as microseconds since the epoch, UTC where it names no zone; None where it cannot be read."""
    found = parse_time(cell)
    return None if found is None else round(datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp() * 1_000_000)


def times(cells: pl.Series) -> pl.Series:
    """``micros`` of every cell, Int64, null where it cannot be read; ISO 8601 and seconds since 1970 at full speed."""
    iso = cells.set(~cells.str.contains(_ISO).fill_null(value=False), None).str.strip_suffix("Z")
    seconds = cells.set(~cells.str.contains(_SECONDS).fill_null(value=False), None).cast(pl.Int64) * 1_000_000
    found = iso.str.replace(" ", "T", literal=True).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    known = found.cast(pl.Int64).fill_null(seconds)
    others = (known.is_null() & cells.is_not_null()).arg_true()
    slow = [micros(cell) for cell in cells.gather(others)]
    return known.scatter(others, pl.Series(slow, dtype=pl.Int64)) if slow else known


def _read(
    paths: Sequence[Path], wanted: Sequence[str], columns: Mapping[str, str], needed: Sequence[str]
) -> pl.DataFrame:
    frames = []
    for path in paths:
        frame = read_table(path, [columns.get(name, name) for name in needed])
        for name in needed:
            if columns.get(name, name) not in frame.columns:
                raise DataError(
                    "There is no column {column!r}; there are: {found}.",
                    where=path.name,
                    mend="Say what it is called: [recommend.columns] {name} = …",
                    column=columns.get(name, name),
                    found=", ".join(frame.columns),
                    name=name,
                )
        there = {name: columns.get(name, name) for name in wanted if columns.get(name, name) in frame.columns}
        frames.append(
            frame.select(
                pl.col(there[name]).alias(name) if name in there else pl.lit(None, pl.String).alias(name)
                for name in wanted
            )
        )
    return pl.concat(frames)


def _item(row: Mapping[str, str | None]) -> Item:
    said = {name: (value or "").strip() for name, value in row.items()}
    tags = [part for part in _BETWEEN.split(said["tags"]) if part]
    price = None
    with suppress(ValueError):
        price = float(said["price"])
    return Item(
        id=said["item"],
        title=said["title"],
        text=said["description"],
        tags=tuple(dict.fromkeys(tags)),
        price=price if price is not None and 0 <= price < float("inf") else None,
        added=micros(said["added"]) if said["added"] else None,
    )


def _event(row: Mapping[str, str | None]) -> Event | None:
    user, item = (row["user"] or "").strip(), (row["item"] or "").strip()
    at = micros(row["time"]) if row["time"] else None
    if not user or not item or at is None:
        return None
    return Event(user=user, item=item, kind=(row["kind"] or _KIND).strip() or _KIND, at=at)
