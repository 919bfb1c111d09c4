"""The log of an opinion monitor: texts in Parquet, and in the database who they are, what story and what counts.

A batch with texts is taken in one transaction, whose first statement takes the log's turn: of several processes one at
a time changes a log, so that what is known, which story goes on and which segments there are is never read half
changed. The segment is on the disk before the transaction ends, and counts from then on: a process that is killed
leaves a file that no manifest names, and nothing else.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import MissingError
from argosy.core.opinion import Batch, Cell, Correction, Heard, Kept, Opinion, Sketch, Story, Taken
from argosy.store.database import Database
from argosy.store.opinion import correcting, manifest
from argosy.store.opinion.counting import add_cells, add_heard
from argosy.store.opinion.placing import Placing, Same
from argosy.store.opinion.segments import Segment, damaged, day_of, frame, read, write
from argosy.store.opinion.tables import (
    GONE,
    cells_table,
    corrections_table,
    heard_table,
    ids_table,
    offsets_table,
    segments_table,
    stories_table,
)
from argosy.store.writing import put

_log = logging.getLogger(__name__)
_SHOWN = 400  # characters of a story's text
_SOME = 2_000  # values of a statement
_TRIES = 5  # to read files, of a manifest that changes meanwhile
_BY_ID = "id IN (SELECT unnest($ids::VARCHAR[])) AND time BETWEEN $start AND $end"
_TOPIC = (
    " AND ((topic = $topic AND id NOT IN (SELECT unnest($others::VARCHAR[])))"
    " OR id IN (SELECT unnest($moved::VARCHAR[])))"
)


class SqlOpinionLog:
    """The ``OpinionLog`` of a model, its texts below ``folder``; several processes may use one.

    ``same`` says of two texts that may be alike whether they are one story, ``story_days`` how long after its last
    text, or before its first, a story goes on.
    """

    def __init__(self, database: Database, folder: Path, model: str, *, story_days: int = 14, same: Same) -> None:
        self._database = database
        self._folder = folder
        self._model = model
        self._days = story_days
        self._same = same
        self._written = 0  # segments since some were merged; the writer's thread alone changes it

    def offsets(self, source: str) -> Mapping[str, str]:
        """Where to go on with a source: part → place; empty at the beginning."""
        table = offsets_table.c
        query = sa.select(table.part, table.place).where(table.model == self._model, table.source == source)
        with self._database.reading() as connection:
            return {row.part: row.place for row in connection.execute(query)}

    def known(self, ids: Collection[str]) -> set[str]:
        """Those that are kept already."""
        with self._database.reading() as connection:
            return self._known(connection, ids)

    def take(
        self, source: str, batch: Batch, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch], *, now: int
    ) -> "Future[Taken]":
        """Keep the opinions of a batch that are new, with stories, counts and offsets: all of it or nothing.

        A text without a sketch is a story of its own.
        """

        def work(connection: sa.Connection) -> Taken:
            kept = self._keep(connection, opinions, sketches, now) if opinions else []
            add_heard(connection, self._model, source, [one.opinion.post for one in kept], now)
            part = {"model": self._model, "source": source}
            rows = [{**part, "part": name, "place": place} for name, place in sorted(batch.offsets.items())]
            put(connection, offsets_table, rows)
            return Taken(new=[one.id for one in kept], stories={one.id: one.story for one in kept if one.first})

        return self._database.write(work, lambda taken: self._tidy(taken, day_of(now)))

    def cells(self, start: int, end: int, *, topic: str | None = None, entity: str | None = None) -> list[Cell]:
        """What was counted of hours from ``start`` on and before ``end``; of all topics and entities unless named."""
        table = cells_table.c
        columns = [column for column in table if column.name != "model"]
        query = sa.select(*columns).where(table.model == self._model, table.start >= start, table.start < end)
        query = query.where(table.reach > 0)  # a correction moved all of it elsewhere
        if topic is not None:
            query = query.where(table.topic == topic)
        if entity is not None:
            query = query.where(table.entity == entity)
        with self._database.reading() as connection:
            return [Cell(**row) for row in connection.execute(query.order_by(table.start)).mappings()]

    def heard(self, start: int, end: int) -> list[Heard]:
        """What was heard of each source in each hour."""
        table = heard_table.c
        columns = [column for column in table if column.name != "model"]
        query = sa.select(*columns).where(table.model == self._model, table.start >= start, table.start < end)
        with self._database.reading() as connection:
            return [Heard(**row) for row in connection.execute(query.order_by(table.start, table.source)).mappings()]

    def stories(
        self, start: int, end: int, *, topic: str = "", entity: str = "", sentiment: str = "", most: int = 50
    ) -> list[Story]:
        """Stories that were told in this time, of most reach in it first; of all kinds unless named."""
        table, ids = stories_table.c, ids_table.c
        reach, last = sa.func.count().label("told"), sa.func.max(ids.at).label("newest")
        told = (ids.model == self._model) & (ids.at >= start) & (ids.at < end)
        found = sa.select(ids.story, reach, last).where(told).group_by(ids.story)
        if not (topic or entity or sentiment):
            found = found.order_by(reach.desc(), last.desc(), ids.story).limit(most)
        counted = found.subquery()
        query = sa.select(stories_table, counted.c.told).join(counted, counted.c.story == table.id)
        query = query.where(table.model == self._model)
        for column, wanted in ((table.topic, topic), (table.sentiment, sentiment)):
            query = query.where(column == wanted) if wanted else query
        if entity:
            query = query.where(table.entities.contains(f"\n{entity}\n", autoescape=True))
        query = query.order_by(counted.c.told.desc(), counted.c.newest.desc(), table.id).limit(most)
        with self._database.reading() as connection:
            return [_story(row, row.told) for row in connection.execute(query)]

    def story(self, story: str) -> Story | None:
        """One story, with the reach of all its time."""
        table = stories_table.c
        query = sa.select(stories_table).where(table.model == self._model, table.id == story)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _story(row, row.reach) if row else None

    def texts(self, story: str, most: int = 100) -> list[Kept]:
        """The texts of a story, the first of them first; none of one that is not known."""
        ids = ids_table.c
        return self._named(ids.story == story, most)

    def text(self, id_: str) -> Kept | None:
        """One text."""
        return next(iter(self._named(ids_table.c.id == id_, 1)), None)

    def between(self, start: int, end: int, *, topic: str = "", first: bool = False, most: int = 10_000) -> list[Kept]:
        """Texts that were published in this time, the last first; ``first``: only those that began a story."""
        wanted = "time >= $start AND time < $end" + (" AND begins" if first else "") + (_TOPIC if topic else "")
        met = (segments_table.c.start < end) & (segments_table.c.end >= start)

        def chosen(connection: sa.Connection) -> tuple[list[Segment], dict[str, Any]]:
            values = {"start": start, "end": end, **(self._of_topic(connection, topic) if topic else {})}
            return manifest.segments(connection, self._model, met), values

        return self._read(chosen, wanted, most, last=True)

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep what a person said of a text; counts of its hour follow at once.

        Raises MissingError for a text that is not kept (any more). Of an entity that the text does not speak of
        nothing is counted.
        """

        def work(connection: sa.Connection) -> None:
            manifest.take_turn(connection, self._model)
            kept = next(iter(self._raw(connection, ids_table.c.id == correction.id, 1)), None)
            if kept is None:
                raise MissingError(
                    "There is no text {id!r}.", mend="It may have been removed after its days.", id=correction.id
                )
            before = correcting.of_texts(connection, self._model, [kept.id]).get(kept.id, [])
            after = correcting.keep(connection, self._model, correction, before)
            new = correcting.corrected(kept, after)
            add_cells(connection, self._model, [new], [correcting.corrected(kept, before)])
            correcting.tell_story(connection, self._model, new)

        return self._database.write(work)

    def corrections(self, since: int = 0) -> list[Correction]:
        """What people said, the oldest first; the last one of a text and entity counts, and no other is kept."""
        with self._database.reading() as connection:
            return correcting.selected(connection, self._model, corrections_table.c.at >= since)

    def _known(self, connection: sa.Connection, ids: Collection[str]) -> set[str]:
        table, asked = ids_table.c, sorted(ids)
        found: set[str] = set()
        for begin in range(0, len(asked), _SOME):
            some = table.id.in_(asked[begin : begin + _SOME])
            found.update(connection.scalars(sa.select(table.id).where(table.model == self._model, some)))
        return found

    def _fresh(self, connection: sa.Connection, opinions: Sequence[Opinion]) -> list[Opinion]:
        """Those that are not known, each once."""
        by_id: dict[str, Opinion] = {}
        for one in opinions:
            by_id.setdefault(one.post.id, one)
        known = self._known(connection, by_id)
        return [one for name, one in by_id.items() if name not in known]

    def _keep(
        self, connection: sa.Connection, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch], now: int
    ) -> list[Kept]:
        """Write those that are new, with their ids, stories and counts."""
        turn = manifest.take_turn(connection, self._model)
        fresh = self._fresh(connection, opinions)
        if not fresh:
            return []
        kept = Placing(connection, self._model, self._same, self._days).place(fresh, sketches)
        common = {"model": self._model, "turn": turn}
        rows = [{**common, "id": one.id, "at": one.opinion.post.at, "story": one.story} for one in kept]
        connection.execute(sa.insert(ids_table), rows)
        add_cells(connection, self._model, kept)
        segment = write(self._folder, frame(kept), day=day_of(now), level=0, low=turn, high=turn)
        manifest.add(connection, self._model, segment)
        self._written += 1
        return kept

    def _tidy(self, taken: "Future[Taken]", day: str) -> None:
        """Merge the segments of a day when there are many; in a change of its own, which may fail."""
        if not taken.cancelled() and taken.exception() is None and self._written >= manifest.FEW:
            self._written = 0
            self._database.write(
                lambda connection: manifest.merge_day(connection, self._model, self._folder, day), _report
            )

    def _of_topic(self, connection: sa.Connection, topic: str) -> dict[str, Any]:
        """The topic, and the texts of which people say that they are of it, or of another one."""
        said = correcting.selected(connection, self._model, corrections_table.c.topic != "")
        moved = [one.id for one in said if one.topic == topic]
        return {"topic": topic, "moved": moved, "others": [one.id for one in said if one.topic != topic]}

    def _named(self, wanted: sa.ColumnElement[bool], most: int) -> list[Kept]:
        return self._read(lambda connection: self._places(connection, wanted, most), _BY_ID, most)

    def _raw(self, connection: sa.Connection, wanted: sa.ColumnElement[bool], most: int) -> list[Kept]:
        """Texts as the model read them, inside a transaction that has the turn."""
        found, values = self._places(connection, wanted, most)
        return list(read(self._folder, found, _BY_ID, values, most=most))

    def _places(
        self, connection: sa.Connection, wanted: sa.ColumnElement[bool], most: int
    ) -> tuple[list[Segment], dict[str, Any]]:
        """Where the first texts that are wanted stand."""
        ids = ids_table.c
        query = sa.select(ids.id, ids.at, ids.turn).where(ids.model == self._model, ids.turn != GONE, wanted)
        rows = connection.execute(query.order_by(ids.at, ids.id).limit(most)).all()
        if not rows:
            return [], {}
        found = manifest.of_turns(connection, self._model, {row.turn for row in rows})
        return found, {"ids": [row.id for row in rows], "start": rows[0].at, "end": rows[-1].at}

    def _read(
        self,
        chosen: Callable[[sa.Connection], tuple[list[Segment], dict[str, Any]]],
        wanted: str,
        most: int,
        *,
        last: bool = False,
    ) -> list[Kept]:
        """Texts as people say that they are; again where files were merged or removed meanwhile."""
        error: FileNotFoundError | None = None
        for _ in range(_TRIES):
            with self._database.reading() as connection:
                found, values = chosen(connection)
            try:
                kept = list(read(self._folder, found, wanted, values, most=most, last=last))
            except FileNotFoundError as gone:
                error = gone
                continue
            with self._database.reading() as connection:
                said = correcting.of_texts(connection, self._model, [one.id for one in kept])
            return [correcting.corrected(one, said.get(one.id, ())) for one in kept]
        raise damaged(self._folder) from error


def _story(row: sa.Row[Any], reach: int) -> Story:
    return Story(
        id=row.id,
        first=row.first,
        last=row.last,
        reach=reach,
        sources=len(row.sources),
        topic=row.topic,
        sentiment=row.sentiment,
        language=row.language,
        title=row.title,
        text=row.text[:_SHOWN],
        url=row.url,
        entities=tuple(row.entities.split("\n")[1::2]),
    )


def _report(merged: "Future[None]") -> None:
    if error := merged.exception():
        _log.warning("segments were not merged: %s", error)
