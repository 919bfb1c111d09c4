"""What keeps a log small and right: segments are merged, old texts and a person's are removed, strays are swept.

Files are written beside those that they replace, and the manifest changes in one transaction: a process that is killed
leaves the old ones named or the new ones. The long part needs no turn, so nobody who takes a batch waits for it.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from argosy.store.database import Database
from argosy.store.opinion import manifest
from argosy.store.opinion.segments import TEXTS, Segment, day_of, ids_of, load, write_over
from argosy.store.opinion.tables import (
    GONE,
    bands_table,
    corrections_table,
    ids_table,
    inbox_table,
    segments_table,
    stories_table,
)

_LARGE = 250_000  # rows from which a segment is merged no more
_STRAY = 3_600  # s after which a file that no manifest names is nobody's: it is not being written, copied or read
_PAGE = 1_000  # stories, or ids, of a statement
_BANDS = 20_000  # of a change


class SqlUpkeep:
    """Looks after the log of a model; several processes may. Times are microseconds since the epoch."""

    def __init__(self, database: Database, folder: Path, model: str) -> None:
        self._database = database
        self._folder = folder
        self._model = model

    def compact(self, now: int) -> int:
        """Merge the segments of each day that is over; how many there are less."""
        small = self._segments(segments_table.c.day < day_of(now), segments_table.c.rows < _LARGE)
        small.sort(key=lambda one: (one.day, one.low))
        less = 0
        for _, of_day in groupby(small, key=lambda one: one.day):
            for few in _parts(of_day):
                less += (len(few) - 1) * self._swap(few, [manifest.merge(self._folder, few)])
        return less

    def forget(self, before: int, *, over: int) -> int:
        """Remove texts that were published ``before`` a time, and what was said of them; how many there were.

        Their stories go with the last of their texts. What near-duplicates are found by goes with the stories whose
        last text was before ``over``. Counts stay, and ids, so that nothing that comes again counts again.
        """
        gone = self._remove(pl.col("time") < before, segments_table.c.start < before)
        self._part_from_bands(over)
        stories = stories_table.c
        some = sa.select(stories.id).where(stories.model == self._model, stories.last < before).limit(_PAGE)
        while self._change(sa.delete(stories_table).where(stories.model == self._model, stories.id.in_(some))):
            pass
        return gone

    def erase(self, ids: Collection[str] = (), *, author: str = "") -> int:
        """Remove texts by id, and all of an author: of the log, its stories, what was said of them and the inbox.

        How many of the log there were. Their files are gone when this returns; counts stay.
        """
        wanted = pl.col("id").is_in(list(ids))
        gone = self._remove((wanted | (pl.col("author") == author)) if author else wanted, blank=True)
        self._empty_inbox(set(ids), author)
        return gone

    def sweep(self) -> int:
        """Remove files that no manifest names, left by those who were killed or merged; how many there were."""
        with self._database.reading() as connection:
            named = set(connection.scalars(sa.select(segments_table.c.path)))
        swept = 0
        for path in sorted((self._folder / TEXTS).glob("day=*/*")):
            stray = path.relative_to(self._folder).as_posix() not in named
            with suppress(FileNotFoundError):  # another process sweeps too
                if stray and path.stat().st_mtime < time.time() - _STRAY:
                    path.unlink()
                    swept += 1
        return swept

    def _remove(self, wanted: pl.Expr, *within: sa.ColumnElement[bool], blank: bool = False) -> int:
        """Remove the texts that are wanted from their segments; again those that were merged meanwhile."""
        gone = 0
        seen: set[str] = set()
        while left := [one for one in self._segments(*within) if one.path not in seen]:
            for segment in left:
                seen.add(segment.path)
                gone += self._rewrite(segment, wanted, blank=blank)
        return gone

    def _rewrite(self, segment: Segment, wanted: pl.Expr, *, blank: bool) -> int:
        """A segment without the texts that are wanted; how many there were."""
        try:
            names = ids_of(self._folder, segment, wanted)
            rest = load(self._folder, [segment]).filter(~wanted) if names else None
        except FileNotFoundError:
            with self._database.reading() as connection:
                if segment.path in manifest.named(connection, self._model):
                    raise
            return 0  # it was merged or removed meanwhile
        if rest is None:
            return 0
        new = [write_over(self._folder, rest, segment)] if len(rest) else []
        if not self._swap([segment], new, names, blank=blank):
            return 0
        (self._folder / segment.path).unlink(missing_ok=True)
        return len(names)

    def _swap(
        self, old: Sequence[Segment], new: Sequence[Segment], gone: Sequence[str] = (), *, blank: bool = False
    ) -> bool:
        """Name others in the place of some, without the texts that are gone; False where somebody was faster."""

        def work(connection: sa.Connection) -> bool:
            if not manifest.swap(connection, self._model, self._folder, old, new):
                return False
            for start in range(0, len(gone), _PAGE):
                self._forget(connection, gone[start : start + _PAGE], blank=blank)
            return True

        swapped = self._database.write(work).result()
        if not swapped:
            for one in new:
                (self._folder / one.path).unlink(missing_ok=True)
        return swapped

    def _forget(self, connection: sa.Connection, names: Sequence[str], *, blank: bool) -> None:
        """Note that these texts are gone; ``blank``: from the stories that they began too."""
        ids, said, stories = ids_table, corrections_table, stories_table
        connection.execute(sa.update(ids).where(ids.c.model == self._model, ids.c.id.in_(names)).values(turn=GONE))
        connection.execute(sa.delete(said).where(said.c.model == self._model, said.c.id.in_(names)))
        if blank:
            begun = (stories.c.model == self._model) & stories.c.id.in_(names)
            connection.execute(sa.update(stories).where(begun).values(title="", text="", url=""))

    def _part_from_bands(self, over: int) -> None:
        """Forget the bands of stories whose last text was before ``over``, some at a time so that nobody waits."""
        bands, stories = bands_table.c, stories_table.c
        ended = sa.exists().where(stories.model == self._model, stories.number == bands.story, stories.last < over)
        low: int | None = -(2**63)
        while low is not None:
            following = sa.select(bands.band).where(bands.model == self._model, bands.band >= low)
            with self._database.reading() as connection:
                high = connection.scalar(following.order_by(bands.band).offset(_BANDS).limit(1))
            part = (bands.model == self._model) & (bands.band >= low)
            if high is not None:
                part &= bands.band < high
            self._change(sa.delete(bands_table).where(part, ended))
            low = high

    def _empty_inbox(self, ids: set[str], author: str) -> None:
        mine = inbox_table.c.model == self._model

        def work(connection: sa.Connection) -> None:
            rows = connection.execute(sa.select(inbox_table.c.id, inbox_table.c.post).where(mine))
            names = [row.id for row in rows if row.id in ids or (author and row.post["author"] == author)]
            for start in range(0, len(names), _PAGE):
                some = inbox_table.c.id.in_(names[start : start + _PAGE])
                connection.execute(sa.delete(inbox_table).where(mine, some))

        self._database.write(work).result()

    def _segments(self, *wanted: sa.ColumnElement[bool]) -> list[Segment]:
        with self._database.reading() as connection:
            return manifest.segments(connection, self._model, *wanted)

    def _change(self, statement: sa.Delete) -> int:
        return int(self._database.write(lambda connection: connection.execute(statement).rowcount).result())


def _parts(segments: Iterator[Segment]) -> Iterator[list[Segment]]:
    """Several that make one which is not much too large, as they follow each other."""
    part: list[Segment] = []
    for segment in segments:
        part.append(segment)
        if sum(one.rows for one in part) >= _LARGE:
            yield from [part] if len(part) > 1 else []
            part = []
    if len(part) > 1:
        yield part
