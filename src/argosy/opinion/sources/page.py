"""A page of the web, whose text is what trafilatura finds in the bytes that were fetched."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress

from argosy.core.opinion import Batch, Post, Refused
from argosy.data.documents.web import decoded, page_blocks
from argosy.opinion.sources.feed import place, validators
from argosy.opinion.sources.fetch import Fetched, Fetcher
from argosy.opinion.sources.fields import MOST_CHARACTERS, now
from argosy.opinion.sources.packages import package

_TYPES = ("text/html", "xhtml", "text/plain")


class PageSource:
    """What a page says each time that it says something else; the time is when that was seen."""

    def __init__(self, name: str, url: str, fetcher: Fetcher, *, clock: Callable[[], int] = now) -> None:
        package("trafilatura")
        self._name, self._url, self._fetcher, self._clock = name, url, fetcher, clock

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:  # noqa: ARG002 - a page is one post
        """The page, if it changed since these offsets."""
        found = self._fetcher.get(self._url, _TYPES, **validators(offsets.get(self._url, "")))
        if found is None:
            return Batch()
        title, blocks = page_blocks(_markup(found))
        text = "\n".join(block.text for block in blocks)
        reason = "no_text" if not text.strip() else "too_large" if len(text) > MOST_CHARACTERS else ""
        offsets = {self._url: place(found)}
        if reason:
            return Batch(offsets=offsets, refused=[Refused(source=self._name, where=self._url, reason=reason)])
        digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
        received = self._clock()
        post = Post(
            source=self._name,
            key=f"{self._url} {digest}",
            text=text,
            at=received,
            received=received,
            title=title,
            url=found.url,
        )
        return Batch(posts=[post], offsets=offsets)

    def kept(self, batch: Batch) -> None:
        """Nobody wants to know."""

    def close(self) -> None:
        """Nothing is held."""


def _markup(found: Fetched) -> str:
    """The text of the page in the encoding that the server names, else that the page itself does."""
    with suppress(LookupError, UnicodeDecodeError):
        if found.charset:
            return found.body.decode(found.charset)
    return decoded(found.body, found.url)
