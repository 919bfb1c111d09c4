"""The nouns of an opinion monitor: what was posted, what is read out of it, which story it belongs to, what is counted.

Times are microseconds since the epoch. A post is known by its source and the source's own key of it: taking it twice
changes nothing.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, get_args

Sentiment = Literal["negative", "neutral", "positive"]
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)
OTHER = "other"
"""The topic of what belongs to no trained one."""
HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A text as a source gave it: ``at`` when it was published, ``received`` when it was heard.

    ``key`` is the source's own name of it (a GUID, a message's id, an address). ``again`` says that a source names it
    as a repost of another one.
    """

    source: str
    key: str
    text: str
    at: int
    received: int
    title: str = ""
    author: str = ""
    url: str = ""
    language: str = ""
    again: bool = False

    @property
    def id(self) -> str:
        """The digest of source and key, 32 hexadecimal digits."""
        return hashlib.blake2b(f"{self.source}\0{self.key}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What a source held that is no post, and why: a reason such as ``not_text``, ``too_large`` or ``no_time``."""

    source: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a source gave at once.

    ``offsets`` (part → place) are where to go on once these are kept; ``more`` says that others wait there already.
    ``token`` is whatever the source needs to be told that they are kept; nobody else reads it.
    """

    posts: Sequence[Post] = ()
    offsets: Mapping[str, str] = field(default_factory=dict)
    refused: Sequence[Refused] = ()
    more: bool = False
    token: Any = None


class Source(Protocol):
    """Gives posts; one thread uses it. What it gives may come again: who takes it counts each post once."""

    @property
    def name(self) -> str:
        """Its name in the project file."""
        ...

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next posts behind these offsets, ``most`` at most; an empty batch where none waits.

        Waits a few seconds at most. Raises MachineError where the source cannot be reached, and DataError where what
        it says is nothing that can be read; the next poll tries again.
        """
        ...

    def kept(self, batch: Batch) -> None:
        """The batch is kept: tell the source where it wants to know (an acknowledgement)."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """An entity that a text speaks of: what is felt about it (chances by sentiment), and where it is named.

    ``spans`` are begin and end of each mention in the text, in characters.
    """

    entity: str
    chances: Mapping[str, float]
    spans: tuple[tuple[int, int], ...]

    @property
    def sentiment(self) -> str:
        """The likeliest."""
        return max(SENTIMENTS, key=lambda one: self.chances.get(one, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What was read out of a post: ``text`` is cleaned and without personal data.

    ``chances`` are calibrated, by sentiment; ``sure`` is the chance of the ``topic``. ``weight`` is its source's.
    """

    post: Post
    text: str
    language: str
    chances: Mapping[str, float]
    topic: str
    sure: float
    about: tuple[About, ...] = ()
    weight: float = 1.0
    version: str = ""

    @property
    def sentiment(self) -> str:
        """The likeliest."""
        return max(SENTIMENTS, key=lambda one: self.chances.get(one, 0.0))


class Analyst(Protocol):
    """Reads opinions out of posts; it never fails, whatever the text."""

    @property
    def version(self) -> str:
        """What the models behind it are."""
        ...

    def read(self, posts: Sequence[Post]) -> list[Opinion]:
        """One opinion a post, in their order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What near-duplicates share: the digest of the normal form, and values of which two alike texts share some."""

    digest: str
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch: the ids that were new, and of these the ones that began a story (id → story)."""

    new: Sequence[str]
    stories: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was counted of an hour, topic, entity (empty: all texts), language and sentiment as the model says it.

    ``stories`` are texts that began one, ``reach`` all texts, ``weight`` the sum of the weights of those that began
    one.
    """

    start: int
    topic: str
    entity: str
    language: str
    sentiment: str
    stories: int
    reach: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How many posts of a source were published in an hour, and how many were heard in it: 0 heard may be an outage.

    ``polls`` counts the times that the source answered in the hour, with or without posts.
    """

    source: str
    start: int
    published: int
    heard: int
    polls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Texts that say the same: the first of them, how many there are and from how many sources."""

    id: str
    first: int
    last: int
    reach: int
    sources: int
    topic: str
    sentiment: str
    language: str
    title: str
    text: str
    url: str = ""
    entities: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A text of the log: the opinion, its story, and whether it began that."""

    id: str
    opinion: Opinion
    story: str
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says of a text: its true sentiment, topic, or sentiment about an entity; empty where unchanged."""

    id: str
    text: str
    language: str
    sentiment: str = ""
    topic: str = ""
    entity: str = ""
    by: str = ""
    at: int = 0


class OpinionLog(Protocol):
    """Keeps posts, stories, counts and offsets; several processes may use one, and each post counts once."""

    def offsets(self, source: str) -> Mapping[str, str]:
        """Where to go on with a source: part → place; empty at the beginning."""
        ...

    def known(self, ids: Collection[str]) -> set[str]:
        """Those that are kept already."""
        ...

    def take(
        self, source: str, batch: Batch, opinions: Sequence[Opinion], sketches: Mapping[str, Sketch], *, now: int
    ) -> "Future[Taken]":
        """Keep the opinions of a batch that are new, with stories, counts and offsets: all of it or nothing.

        ``sketches`` by post id. A poll without posts is noted too: the source answered.
        """
        ...

    def cells(self, start: int, end: int, *, topic: str | None = None, entity: str | None = None) -> list[Cell]:
        """What was counted of hours from ``start`` on and before ``end``; of all topics and entities unless named."""
        ...

    def heard(self, start: int, end: int) -> list[Heard]:
        """What was heard of each source in each hour."""
        ...

    def stories(
        self, start: int, end: int, *, topic: str = "", entity: str = "", sentiment: str = "", most: int = 50
    ) -> list[Story]:
        """Stories that were told in this time, of most reach first; of all kinds unless named."""
        ...

    def story(self, story: str) -> Story | None:
        """One story, with the reach of all its time."""
        ...

    def texts(self, story: str, most: int = 100) -> list[Kept]:
        """The texts of a story, the first of them first; none of one that is not known."""
        ...

    def text(self, id_: str) -> Kept | None:
        """One text."""
        ...

    def between(self, start: int, end: int, *, topic: str = "", first: bool = False, most: int = 10_000) -> list[Kept]:
        """Texts that were published in this time, the last first; ``first``: only those that began a story."""
        ...

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep what a person said of a text; counts of its hour follow at once."""
        ...

    def corrections(self, since: int = 0) -> list[Correction]:
        """What people said, the oldest first; the last one of a text and entity counts."""
        ...
