"""Posts, their opinions and sketches as tests of the opinion log need them: whose first word is the same are alike."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from argosy.core.opinion import HOUR, About, Batch, Opinion, Post, Sketch, Taken
from argosy.store.database import Database
from argosy.store.opinion.log import SqlOpinionLog

NOON = 500_000 * HOUR
"""An hour of 2027."""


def same(one: str, other: str) -> bool:
    """Whether their first words are equal."""
    return one.split(maxsplit=1)[0] == other.split(maxsplit=1)[0]


def open_log(database: Database, folder: Path, model: str = "mood") -> SqlOpinionLog:
    """The log of a model."""
    return SqlOpinionLog(database, folder, model, story_days=2, same=same)


def opinion(
    key: object,
    text: str = "",
    *,
    at: int = NOON,
    felt: str = "negative",
    topic: str = "rates",
    about: Sequence[tuple[str, str]] = (),
    source: str = "feed",
) -> Opinion:
    """An opinion of a post that is named by ``key``; each is a text of its own unless it says another."""
    text = text or f"text-{key} and what follows"
    post = Post(source=source, key=str(key), text=f"raw {text}", at=at, received=at + HOUR, title="题")
    return Opinion(
        post=post,
        text=text,
        language="en",
        chances={felt: 0.7, "neutral" if felt != "neutral" else "positive": 0.3},
        topic=topic,
        sure=0.9,
        about=tuple(About(entity=name, chances={mood: 1.0}, spans=((0, 4),)) for name, mood in about),
        version="v1",
    )


def id_of(key: object, source: str = "feed") -> str:
    """The id of the post of that key."""
    return opinion(key, source=source).post.id


def sketch(one: Opinion) -> Sketch:
    """Equal texts have one digest, texts of one first word share bands."""
    first = hashlib.sha256(one.text.split(" ")[0].encode()).digest()
    bands = tuple(int.from_bytes(first[at : at + 8], "big") for at in (0, 8))  # beyond 2^63 too
    return Sketch(digest=hashlib.sha256(one.text.encode()).hexdigest()[:32], bands=bands)


def take(
    log: SqlOpinionLog, *opinions: Opinion, source: str = "feed", now: int = NOON + HOUR, place: str = ""
) -> Taken:
    """Keep opinions as one batch."""
    batch = Batch(posts=[one.post for one in opinions], offsets={"part": place} if place else {})
    return log.take(source, batch, opinions, {one.post.id: sketch(one) for one in opinions}, now=now).result()
