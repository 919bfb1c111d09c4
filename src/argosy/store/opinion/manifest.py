"""The manifest of segments: which files hold the texts. Who changes it has the log's turn, so that nobody else does."""

import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from argosy.store.opinion.segments import Segment, load, write
from argosy.store.opinion.tables import logs_table, segments_table
from argosy.store.writing import put

_COLUMNS = [column for column in segments_table.c if column.name != "model"]
FEW = 64
"""Segments of a day and level from which they are merged."""


def take_turn(connection: sa.Connection, model: str) -> int:
    """The number of a change to the log, which nobody else changes until the transaction ends."""
    mine = logs_table.c.model == model
    turn = sa.update(logs_table).where(mine).values(turn=logs_table.c.turn + 1).returning(logs_table.c.turn)
    found = connection.execute(turn).scalar_one_or_none()
    if found is None:
        put(connection, logs_table, [{"model": model, "turn": 0}], replace=False)
        found = connection.execute(turn).scalar_one()
    return int(found)


def add(connection: sa.Connection, model: str, segment: Segment) -> None:
    """Name a file that is on the disk."""
    connection.execute(sa.insert(segments_table), [{"model": model, **asdict(segment)}])


def remove(connection: sa.Connection, model: str, segments: Collection[Segment]) -> None:
    """Name files no more."""
    paths = [segment.path for segment in segments]
    for start in range(0, len(paths), 500):
        some = segments_table.c.path.in_(paths[start : start + 500])
        connection.execute(sa.delete(segments_table).where(segments_table.c.model == model, some))


def segments(connection: sa.Connection, model: str, *wanted: sa.ColumnElement[bool]) -> list[Segment]:
    """Those that are wanted, the oldest first."""
    query = sa.select(*_COLUMNS).where(segments_table.c.model == model, *wanted)
    order = (segments_table.c.low, segments_table.c.path)
    return [Segment(**row) for row in connection.execute(query.order_by(*order)).mappings()]


def of_turns(connection: sa.Connection, model: str, turns: Collection[int]) -> list[Segment]:
    """Those that may hold texts which were taken at these turns."""
    if not turns:
        return []
    around = (segments_table.c.low <= max(turns)) & (segments_table.c.high >= min(turns))
    met = segments(connection, model, around)
    return [one for one in met if any(one.low <= turn <= one.high for turn in turns)]


def merge(folder: Path, few: Sequence[Segment]) -> Segment:
    """A file with the texts of several of a day, which no manifest names yet."""
    return write(
        folder,
        load(folder, few),
        day=few[0].day,
        level=max(one.level for one in few) + 1,
        low=min(one.low for one in few),
        high=max(one.high for one in few),
    )


def swap(connection: sa.Connection, model: str, folder: Path, old: Sequence[Segment], new: Sequence[Segment]) -> bool:
    """Name others in the place of some; False, and nothing, where one of these is named no more.

    Their files stay, for those who read them now; they are swept later.
    """
    take_turn(connection, model)
    if not {one.path for one in old} <= named(connection, model):
        return False
    remove(connection, model, old)
    for one in new:
        add(connection, model, one)
    for one in old:
        with suppress(OSError):
            os.utime(folder / one.path)  # from now on, not from when they were written
    return True


def merge_day(connection: sa.Connection, model: str, folder: Path, day: str) -> None:
    """Merge what was taken on a day and never merged, where there is much of it."""
    few = segments(connection, model, segments_table.c.day == day, segments_table.c.level == 0)
    if len(few) >= FEW:
        swap(connection, model, folder, few, [merge(folder, few)])


def named(connection: sa.Connection, model: str) -> set[str]:
    """The paths of all of them."""
    query: sa.Select[Any] = sa.select(segments_table.c.path).where(segments_table.c.model == model)
    return set(connection.scalars(query))
