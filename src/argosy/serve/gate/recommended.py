"""A recommender with its log, as the service's routes and pages see it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from argosy.core.recommend import Event, Heard, Item, Recommendation, Wish


class Recommended(Protocol):
    """What stands behind ``/v1/recommend``; all of it blocks, ``recommend`` for a few milliseconds.

    Methods that take an id raise MissingError for one that is not there; what is not valid raises ProjectError.
    """

    @property
    def name(self) -> str:
        """The model's name, by which lists are charged."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of events that it knows, those that tell most of a taste first."""
        ...

    def recommend(self, wish: Wish) -> Recommendation:
        """A list; it is kept with its chances before anybody can act on it. Somebody unknown gets one too."""
        ...

    def hear(self, events: Sequence[Event]) -> Heard:
        """Keep what users did, durably; lists follow within a second, in every process."""
        ...

    def put(self, items: Sequence[Item]) -> int:
        """Add or change items; they can be shown when this returns. How many changed anything."""
        ...

    def remove(self, items: Sequence[str]) -> int:
        """Show these no more; how many were there."""
        ...

    def item(self, item: str) -> Item:
        """An item."""
        ...

    def search(self, text: str, most: int = 20) -> Sequence[Item]:
        """Items whose title has these words, the most popular first; the most popular ones for an empty text."""
        ...

    def people(self, most: int = 50) -> Sequence[Mapping[str, Any]]:
        """Some users with events, as JSON (``user events last``): those of the last events first."""
        ...

    def history(self, user: str, most: int = 50) -> Sequence[Event]:
        """What a user did, the newest first."""
        ...

    def forget(self, user: str, by: str) -> Mapping[str, int]:
        """Remove all of a user (``events``, ``lists``); what is shown to them next is what a stranger is shown."""
        ...

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """What lists achieved, as JSON.

        ``days`` (each ``day lists clicked rate low high``), ``arms`` (each ``arm lists clicked rate low high``), and
        ``explored`` (``places clicked``).
        """
        ...
