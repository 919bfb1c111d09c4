"""What users say of answers, tied to the event that gave them."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from argosy.core.ledger import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A word on the answer to one event: ``index`` is the text's place in the request, ``label`` the right one.

    ``rating`` is 1 for good and -1 for bad; ``comment`` holds no personal data that rules find. ``at`` is microseconds
    since the epoch.
    """

    id: str
    tenant: str
    event: str
    model: str
    index: int
    label: str | None = None
    rating: int | None = None
    comment: str | None = None
    at: int


class FeedbackLog(Protocol):
    """Keeps feedback; nothing in it is changed."""

    def charged(self, tenant: str, event: str) -> Usage | None:
        """The answer that was sold to this tenant under this event."""
        ...

    def add(self, feedback: Feedback) -> "Future[Feedback]":
        """Keep it; the same words again give what was kept before."""
        ...

    def between(self, start: int, end: int, *, model: str | None = None) -> Iterator[Feedback]:
        """What came from ``start`` on and before ``end`` (microseconds since the epoch), in order."""
        ...
