"""A feed (RSS or Atom), as feedparser reads the bytes that were fetched; it fetches nothing itself."""

import calendar
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from argosy.core.errors import DataError
from argosy.core.opinion import Batch, Post, Refused
from argosy.opinion.sources.clock import published
from argosy.opinion.sources.fetch import Fetched, Fetcher
from argosy.opinion.sources.fields import MOST_CHARACTERS, now
from argosy.opinion.sources.markup import shown
from argosy.opinion.sources.packages import package

_TYPES = ("xml", "rss", "atom", "text/", "octet-stream")
_SECOND = 1_000_000  # microseconds


class FeedSource:
    """The entries of a feed; its offset is what the site says to ask for changes with, by the address.

    A feed that repeats its archive gives the same keys. What was given and not kept is given again.
    """

    def __init__(self, name: str, url: str, fetcher: Fetcher, *, clock: Callable[[], int] = now) -> None:
        self._parser = package("feedparser")
        package("lxml.html")
        self._name, self._url, self._fetcher, self._clock = name, url, fetcher, clock
        self._waiting: list[Post | Refused] = []
        self._offsets: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """Entries of the feed, if it changed since these offsets."""
        if not self._waiting:
            self._fetch(offsets)
        given, last = self._waiting[:most], len(self._waiting) <= most
        return Batch(
            posts=[one for one in given if isinstance(one, Post)],
            refused=[one for one in given if isinstance(one, Refused)],
            offsets=self._offsets if last else {},
            more=not last,
            token=len(given),
        )

    def kept(self, batch: Batch) -> None:
        """Go on behind it."""
        del self._waiting[: batch.token]

    def close(self) -> None:
        """Forget what was not given yet: the feed gives it again."""
        self._waiting.clear()

    def _fetch(self, offsets: Mapping[str, str]) -> None:
        asked = validators(offsets.get(self._url, ""))
        found = self._fetcher.get(self._url, _TYPES, **asked)
        self._offsets = {}
        if found is None:
            return
        received = self._clock()
        self._waiting = [self._post(entry, received) for entry in self._entries(found)]
        self._offsets = {self._url: place(found)}

    def _entries(self, found: Fetched) -> list[Any]:
        """The entries, the oldest first as feeds have them last; raises DataError for what is no feed."""
        kind = f"{found.type or 'application/xml'}; charset={found.charset}" if found.charset else found.type
        headers = {"content-location": self._url} | ({"content-type": kind} if kind else {})
        # Bytes alone would be taken for the name of a file.
        read = self._parser.parse(io.BytesIO(found.body), response_headers=headers)
        if not read.entries and not read.get("version"):
            raise DataError(
                "This is no feed that can be read.", where=self._url, mend="Name the address of RSS or Atom."
            )
        return list(reversed(read.entries))

    def _post(self, entry: Any, received: int) -> Post | Refused:
        parts = [part.get("value") or "" for part in entry.get("content", ())] + [entry.get("summary") or ""]
        if sum(map(len, parts)) + len(entry.get("title") or "") > MOST_CHARACTERS:  # before it takes time to read them
            return Refused(source=self._name, where=entry.get("id") or entry.get("link") or "", reason="too_large")
        title = shown(entry.get("title") or "").replace("\n", " ")
        text = max(map(shown, parts), key=len) or title
        key = entry.get("id") or entry.get("link") or hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()
        if not text:
            return Refused(source=self._name, where=key, reason="no_text")
        return Post(
            source=self._name,
            key=key,
            text=text,
            at=published(_time(entry), received),
            received=received,
            title=title,
            author=entry.get("author") or "",
            url=entry.get("link") or "",
        )


def validators(place: str) -> dict[str, str]:
    """What to ask for changes with, as ``place`` told it."""
    return {name: str(value) for name, value in json.loads(place).items()} if place else {}


def place(found: Fetched) -> str:
    """What a site says to ask for changes with, as one offset."""
    return json.dumps({"etag": found.etag, "modified": found.modified})


def _time(entry: Any) -> int | None:
    """When it was published, else changed, in microseconds since the epoch; None where it does not say."""
    told = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")  # get takes one for the other
    try:
        return calendar.timegm(told) * _SECOND if told else None
    except (ValueError, OverflowError):
        return None
