"""What tests of the opinion monitor share: a log in memory, sources that are lists, an analyst that knows two words."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from argosy.core.errors import MissingError
from argosy.core.opinion import (
    HOUR,
    OTHER,
    SENTIMENTS,
    About,
    Batch,
    Cell,
    Correction,
    Heard,
    Kept,
    Opinion,
    Post,
    Sketch,
    Story,
    Taken,
)

START = 1_793_750_400_000_000
"""A Wednesday of November 2026, in microseconds."""
EVER = (START - 10_000 * HOUR, START + 10_000 * HOUR)
_ACTS = ("raises rates", "cuts jobs", "delays its report", "wins a contract", "recalls a product", "sues a rival")


def post(number: int, text: str = "", *, source: str = "wire", at: int | None = None) -> Post:
    """The post of this number, published a minute after the one before."""
    when = START + number * 60_000_000 if at is None else at
    return Post(source=source, key=f"k{number}", text=text or f"post number {number}", at=when, received=when)


def plant(rng: random.Random, count: int) -> list[dict[str, str]]:
    """Messages of a day, some of them a week late: a third are reposts of a story, some name a company."""
    planted: list[dict[str, str]] = []
    for number in range(count):
        if planted and rng.random() < 0.33:
            text = rng.choice(planted)["text"]
            text = f"RT @somebody: {text}" if rng.random() < 0.5 else text
        else:
            mood = rng.choice(["bad", "good", "plain"])
            whom = rng.choice(["Acme", "a bank", "the ministry"])
            text = f"topic{rng.randrange(9)} {mood} news number {number * 7919}: {whom} {rng.choice(_ACTS)} today"
        at = START + rng.randrange(24 * HOUR) - (rng.random() < 0.05) * 200 * HOUR
        planted.append({"id": f"p{number}", "text": text, "time": str(at // 1_000_000)})
    return planted


def posts_of(planted: Sequence[Mapping[str, str]], source: str) -> list[Post]:
    """The same as posts."""
    return [
        Post(source=source, key=one["id"], text=one["text"], at=int(one["time"]) * 1_000_000, received=0)
        for one in planted
    ]


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """Sketches by which equal texts alone are one story."""
    return [Sketch(digest=blake2b(text.encode(), digest_size=16).hexdigest()) for text in texts]


@dataclass(slots=True)
class Words:
    """An analyst: ``bad`` is negative and ``good`` positive, the first word is the topic, ``Acme`` an entity.

    A text with one of the ``poisons`` raises; ``broken``: each does.
    """

    version: str = "words"
    poisons: Collection[str] = ()
    broken: bool = False
    asked: list[int] = field(default_factory=list)

    def read(self, posts: Sequence[Post]) -> list[Opinion]:
        """One opinion a post."""
        self.asked.append(len(posts))
        if self.broken or any(poison in one.text for poison in self.poisons for one in posts):
            raise ValueError(self.poisons)
        return [opinion(one) for one in posts]


def opinion(one: Post) -> Opinion:
    """What ``Words`` reads out of a post."""
    sentiment = "negative" if "bad" in one.text else "positive" if "good" in one.text else "neutral"
    chances = {name: 0.9 if name == sentiment else 0.05 for name in SENTIMENTS}
    begin = one.text.find("Acme")
    about = (About(entity="Acme", chances=chances, spans=((begin, begin + 4),)),) if begin >= 0 else ()
    topic = (one.text.split() or [OTHER])[0]
    return Opinion(
        post=one, text=one.text, language="en", chances=chances, topic=topic, sure=1.0, about=about, version="words"
    )


class Listed:
    """A source that holds posts in a list; its place is kept by offsets alone.

    ``faults`` are raised by the next polls, the first first. What it gave at a poll is in ``given``.
    """

    def __init__(self, name: str, posts: Sequence[Post], faults: Sequence[Exception] = ()) -> None:
        self.posts = list(posts)
        self.faults = list(faults)
        self.given: list[int] = []
        self.told: list[Batch] = []
        self.closed = False
        self._name = name

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next posts."""
        if self.faults:
            raise self.faults.pop(0)
        begin = int(offsets.get("line", 0))
        some = self.posts[begin : begin + most]
        self.given.append(len(some))
        end = begin + len(some)
        return Batch(posts=some, offsets={"line": str(end)}, more=end < len(self.posts))

    def kept(self, batch: Batch) -> None:
        """Note it."""
        self.told.append(batch)

    def close(self) -> None:
        """Note it."""
        self.closed = True


class MemoryLog:
    """An ``OpinionLog`` in memory: texts are one story where their digests are equal, or they share a band."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._kept: dict[str, Kept] = {}
        self._offsets: dict[str, dict[str, str]] = defaultdict(dict)
        self._story_of: dict[str | int, str] = {}
        self._said: dict[tuple[str, str], Correction] = {}
        self._polls: Counter[tuple[str, int]] = Counter()

    def offsets(self, source: str) -> Mapping[str, str]:
        """Where to go on."""
        with self._lock:
            return dict(self._offsets[source])

    def known(self, ids: Collection[str]) -> set[str]:
        """Those that are kept."""
        with self._lock:
            return set(ids) & self._kept.keys()

    def take(
        self, source: str, batch: Batch, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch], *, now: int
    ) -> "Future[Taken]":
        """Keep what is new."""
        with self._lock:
            new = [self._placed(one, sketches) for one in opinions if one.post.id not in self._kept]
            self._offsets[source].update(batch.offsets)
            self._polls[source, _hour(now)] += 1
        done: Future[Taken] = Future()
        new = [one for one in new if one]
        done.set_result(Taken(new=[one.id for one in new], stories={one.id: one.story for one in new if one.first}))
        return done

    def cells(self, start: int, end: int, *, topic: str | None = None, entity: str | None = None) -> list[Cell]:
        """Counts of hours."""
        sums: dict[tuple[int, str, str, str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
        for one in self._all():
            told = one.opinion
            felt = {"": told.sentiment, **{about.entity: about.sentiment for about in told.about}}
            for name, sentiment in felt.items():
                cell = sums[_hour(told.post.at), told.topic, name, told.language, sentiment]
                cell[0] += one.first
                cell[1] += 1
                cell[2] += told.weight if one.first else 0.0
        found = [
            Cell(
                start=key[0],
                topic=key[1],
                entity=key[2],
                language=key[3],
                sentiment=key[4],
                stories=int(stories),
                reach=int(reach),
                weight=weight,
            )
            for key, (stories, reach, weight) in sorted(sums.items())
        ]
        return [
            cell
            for cell in found
            if start <= cell.start < end and topic in (None, cell.topic) and entity in (None, cell.entity)
        ]

    def heard(self, start: int, end: int) -> list[Heard]:
        """What was heard of each source in each hour."""
        posts = [one.opinion.post for one in self._all()]
        published = Counter((one.source, _hour(one.at)) for one in posts)
        heard = Counter((one.source, _hour(one.received)) for one in posts)
        keys = sorted({*published, *heard, *self._polls}, key=lambda key: (key[1], key[0]))
        return [
            Heard(source=key[0], start=key[1], published=published[key], heard=heard[key], polls=self._polls[key])
            for key in keys
            if start <= key[1] < end
        ]

    def stories(
        self, start: int, end: int, *, topic: str = "", entity: str = "", sentiment: str = "", most: int = 50
    ) -> list[Story]:
        """Stories of this time, of most reach first."""
        reach = Counter(one.story for one in self._all() if start <= one.opinion.post.at < end)
        told = [replace(self._story(id_), reach=times) for id_, times in reach.items()]
        wanted = [
            one
            for one in told
            if topic in ("", one.topic) and sentiment in ("", one.sentiment) and (not entity or entity in one.entities)
        ]
        return sorted(wanted, key=lambda one: (-one.reach, -one.last, one.id))[:most]

    def texts(self, story: str, most: int = 100) -> list[Kept]:
        """The texts of a story."""
        return [one for one in self._all() if one.story == story][:most]

    def text(self, id_: str) -> Kept | None:
        """One text."""
        return next((one for one in self._all() if one.id == id_), None)

    def between(self, start: int, end: int, *, topic: str = "", first: bool = False, most: int = 10_000) -> list[Kept]:
        """Texts of this time, the last first."""
        found = [
            one
            for one in reversed(self._all())
            if start <= one.opinion.post.at < end and topic in ("", one.opinion.topic) and one.first >= first
        ]
        return found[:most]

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep what a person said."""
        done: Future[None] = Future()
        with self._lock:
            if correction.id in self._kept:
                self._said[correction.id, correction.entity] = correction
                done.set_result(None)
            else:
                done.set_exception(MissingError("There is no text {id!r}.", id=correction.id))
        return done

    def corrections(self, since: int = 0) -> list[Correction]:
        """What people said."""
        with self._lock:
            return sorted((one for one in self._said.values() if one.at >= since), key=lambda one: one.at)

    def _placed(self, one: Opinion, sketches: Mapping[str, Sketch]) -> Kept | None:
        id_ = one.post.id
        if id_ in self._kept:  # twice in the batch
            return None
        sketch = sketches.get(id_, Sketch(digest=id_))
        marks: tuple[str | int, ...] = (sketch.digest, *sketch.bands)
        story = next((self._story_of[mark] for mark in marks if mark in self._story_of), id_)
        for mark in marks:
            self._story_of.setdefault(mark, story)
        kept = Kept(id=id_, opinion=one, story=story, first=story == id_)
        self._kept[id_] = kept
        return kept

    def _all(self) -> list[Kept]:
        """Texts as people say that they are, the first published first."""
        with self._lock:
            found = [self._corrected(one) for one in self._kept.values()]
        return sorted(found, key=lambda one: (one.opinion.post.at, one.id))

    def _corrected(self, kept: Kept) -> Kept:
        told = kept.opinion
        whole = self._said.get((kept.id, ""))
        if whole:
            told = replace(
                told,
                topic=whole.topic or told.topic,
                chances={whole.sentiment: 1.0} if whole.sentiment else told.chances,
            )
        about = tuple(self._felt(kept.id, one) for one in told.about)
        return replace(kept, opinion=replace(told, about=about))

    def _felt(self, id_: str, about: About) -> About:
        said = self._said.get((id_, about.entity))
        return replace(about, chances={said.sentiment: 1.0}) if said and said.sentiment else about

    def _story(self, id_: str) -> Story:
        texts = self.texts(id_, 1_000_000)
        began = next(one.opinion for one in texts if one.first)
        return Story(
            id=id_,
            first=texts[0].opinion.post.at,
            last=texts[-1].opinion.post.at,
            reach=len(texts),
            sources=len({one.opinion.post.source for one in texts}),
            topic=began.topic,
            sentiment=began.sentiment,
            language=began.language,
            title=began.post.title,
            text=began.text,
            url=began.post.url,
            entities=tuple(about.entity for about in began.about),
        )


def _hour(at: int) -> int:
    return at - at % HOUR
