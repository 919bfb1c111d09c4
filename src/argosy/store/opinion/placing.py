"""Stories: which one a text belongs to, decided inside the transaction that keeps the text."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from argosy.core.opinion import Kept, Opinion, Sketch
from argosy.store.opinion.segments import DAY, whole
from argosy.store.opinion.tables import bands_table, stories_table
from argosy.store.writing import put

Same = Callable[[str, str], bool]
_SLOTS = 8  # stories that a band keeps
_COMPARED = 8  # stories that a text is compared with
_TEXT = 2_000  # characters of a story's text that are kept, and compared
_SOME = 2_000  # values of a statement
_UPDATE = (
    sa.update(stories_table)
    .where(stories_table.c.model == sa.bindparam("of"), stories_table.c.id == sa.bindparam("story"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("first", "last", "reach", "sources")})
)


@dataclass(slots=True, eq=False)
class _Told:
    """A story as it stands while a batch is placed."""

    id: str
    text: str
    first: int
    last: int
    reach: int
    sources: list[str]
    row: Mapping[str, Any] = field(default_factory=dict)  # of a new one, whole but for what changes
    moved: bool = False

    def goes_on(self, at: int, span: int) -> bool:
        return self.first - span <= at <= self.last + span

    def add(self, opinion: Opinion) -> None:
        post = opinion.post
        self.first, self.last = min(self.first, post.at), max(self.last, post.at)
        self.reach += 1
        self.moved = True
        if post.source not in self.sources:
            self.sources = [*self.sources, post.source]


class Placing:
    """Places the texts of one batch; ``same`` says of two texts that share a band whether they say the same."""

    def __init__(self, connection: sa.Connection, model: str, same: Same, days: int) -> None:
        self._connection = connection
        self._model = model
        self._same = same
        self._span = days * DAY
        self._stories: dict[str, _Told] = {}
        self._by_digest: dict[str, list[_Told]] = defaultdict(list)
        self._by_number: dict[int, _Told] = {}
        self._by_band: dict[int, list[int]] = defaultdict(list)
        self._bands: list[dict[str, Any]] = []

    def place(self, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch]) -> list[Kept]:
        """Each with its story; stories are begun and go on in the database when this returns."""
        drawn = {one.post.id: sketches.get(one.post.id, Sketch(digest=one.post.id)) for one in opinions}
        self._look_up({sketch.digest for sketch in drawn.values()})
        left = (one for one in opinions if self._equal(one, drawn[one.post.id]) is None)
        self._meet({_signed(band) for one in left for band in drawn[one.post.id].bands})
        kept = [self._placed(one, drawn[one.post.id]) for one in opinions]
        self._write()
        return kept

    def _placed(self, opinion: Opinion, sketch: Sketch) -> Kept:
        story = self._equal(opinion, sketch) or self._near(opinion, sketch)
        begins = story is None
        if story is None:
            story = self._begin(opinion, sketch)
        story.add(opinion)
        return Kept(id=opinion.post.id, opinion=opinion, story=story.id, first=begins)

    def _equal(self, opinion: Opinion, sketch: Sketch) -> _Told | None:
        there = self._by_digest.get(sketch.digest, ())
        return next((story for story in there if story.goes_on(opinion.post.at, self._span)), None)

    def _near(self, opinion: Opinion, sketch: Sketch) -> _Told | None:
        shared = Counter(number for band in sketch.bands for number in self._by_band.get(_signed(band), ()))
        text = whole(opinion.text)[:_TEXT]
        compared = 0
        for number, _ in shared.most_common():
            story = self._by_number.get(number)
            if story is None or not story.text or not story.goes_on(opinion.post.at, self._span):
                continue
            if self._same(text, story.text):
                self._by_digest[sketch.digest].append(story)  # the next one alike is found without comparing
                return story
            compared += 1
            if compared == _COMPARED:
                break
        return None

    def _begin(self, opinion: Opinion, sketch: Sketch) -> _Told:
        post = opinion.post
        number = _signed(int(post.id[:16], 16))
        row = {
            "model": self._model,
            "id": post.id,
            "number": number,
            "digest": sketch.digest,
            "text": (text := whole(opinion.text)[:_TEXT]),
        }
        row |= {"topic": opinion.topic, "sentiment": opinion.sentiment, "language": opinion.language}
        row |= {"title": whole(post.title), "url": whole(post.url), "entities": entities(opinion)}
        story = _Told(post.id, text, post.at, post.at, 0, [], row)
        self._stories[story.id] = self._by_number[number] = story
        self._by_digest[sketch.digest].append(story)
        for band in dict.fromkeys(map(_signed, sketch.bands)):
            self._by_band[band].append(number)
            self._bands.append({"model": self._model, "band": band, "slot": number % _SLOTS, "story": number})
        return story

    def _look_up(self, digests: Iterable[str]) -> None:
        """Stories of these digests."""
        for row in self._rows(stories_table, stories_table.c.digest, digests):
            self._by_digest[row.digest].append(self._known(row))

    def _meet(self, bands: Iterable[int]) -> None:
        """Stories that share one of these bands."""
        for row in self._rows(bands_table, bands_table.c.band, bands):
            self._by_band[row.band].append(row.story)
        met = {number for numbers in self._by_band.values() for number in numbers}
        for row in self._rows(stories_table, stories_table.c.number, met - self._by_number.keys()):
            self._known(row)

    def _known(self, row: sa.Row[Any]) -> _Told:
        if row.id not in self._stories:
            story = _Told(row.id, row.text, row.first, row.last, row.reach, row.sources)
            self._stories[row.id] = self._by_number[row.number] = story
        return self._stories[row.id]

    def _rows(self, table: sa.Table, column: sa.Column[Any], values: Iterable[Any]) -> list[sa.Row[Any]]:
        asked = sorted(values)
        found: list[sa.Row[Any]] = []
        for start in range(0, len(asked), _SOME):
            some = (table.c.model == self._model) & column.in_(asked[start : start + _SOME])
            found += self._connection.execute(sa.select(table).where(some)).all()
        return found

    def _write(self) -> None:
        moved = [story for story in self._stories.values() if story.moved]
        if begun := [{**story.row, **_changed(story)} for story in moved if story.row]:
            self._connection.execute(sa.insert(stories_table), begun)
        bands = {(row["band"], row["slot"]): row for row in self._bands}
        put(self._connection, bands_table, [bands[key] for key in sorted(bands)])  # each page of the tree met once
        if went_on := [story for story in moved if not story.row]:
            named = [
                {f"new_{name}": value for name, value in _changed(story).items()}
                | {"of": self._model, "story": story.id}
                for story in went_on
            ]
            self._connection.execute(_UPDATE, named)


def entities(opinion: Opinion) -> str:
    """Its entities, each between two line breaks."""
    names = dict.fromkeys(about.entity for about in opinion.about)
    return "".join(f"\n{name}\n" for name in names)


def _changed(story: _Told) -> dict[str, Any]:
    return {"first": story.first, "last": story.last, "reach": story.reach, "sources": story.sources}


def _signed(band: int) -> int:
    """As a signed number of 64 bits, which a database takes."""
    return (band + 2**63) % 2**64 - 2**63
