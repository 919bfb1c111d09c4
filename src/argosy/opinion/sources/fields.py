"""Posts out of records: which field of a message holds the text, the title, the id, the time and the author."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from argosy.core.opinion import Post, Refused
from argosy.data.times import parse_time
from argosy.opinion.sources.clock import published

MOST_CHARACTERS = 1_000_000
"""A text that is longer is no post."""
_SECOND = 1_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The names of the fields. Fields named ``url`` and ``language`` are read too, where there are any."""

    text: str = "text"
    title: str = "title"
    key: str = "id"
    time: str = "time"
    author: str = "author"

    def post(self, source: str, record: Mapping[str, Any], *, key: str, at: int, received: int) -> Post | Refused:
        """The post of a record; ``key`` and ``at`` are for one that names no id or no time of its own.

        Refused are ``no_text``, ``not_text``, ``too_large`` and ``no_time``: one that nobody can read. What names a
        time that cannot be true was published when it was heard.
        """
        text, key = record.get(self.text), _word(record.get(self.key)) or key
        if text is not None and not isinstance(text, str):
            return Refused(source=source, where=key, reason="not_text")
        text = sound(text or "")
        if not text or not text.strip():
            return Refused(source=source, where=key, reason="no_text")
        if len(text) > MOST_CHARACTERS:
            return Refused(source=source, where=key, reason="too_large")
        said = _word(record.get(self.time))
        told = microseconds(said) if said else at
        if told is None:
            return Refused(source=source, where=key, reason="no_time")
        return Post(
            source=source,
            key=key,
            text=text,
            at=published(told, received),
            received=received,
            title=_word(record.get(self.title)),
            author=_word(record.get(self.author)),
            url=_word(record.get("url")),
            language=_word(record.get("language")),
        )


def microseconds(cell: str) -> int | None:
    """A time as people write it in microseconds since the epoch, in UTC where it names no zone; None if it is none.

    >>> microseconds("2026-03-01 14:05"), microseconds("soon")
    (1772373900000000, None)
    """
    found = parse_time(cell)
    return None if found is None else round(datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp() * _SECOND)


def key_of(text: str, time: str) -> str:
    """The key of a post that names none: the digest of its text and of its time as it was told."""
    return hashlib.blake2b(f"{time}\0{text}".encode("utf-8", "replace"), digest_size=16).hexdigest()


def sound(text: str) -> str:
    """The text without what databases refuse: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def now() -> int:
    """The time by the clock of this machine, in microseconds since the epoch."""
    return time.time_ns() // 1000


def _word(value: object) -> str:
    """A short value of a record as text; empty for one that is none."""
    return sound(str(value)).strip() if isinstance(value, str | int | float) else ""
