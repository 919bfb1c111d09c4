"""An opinion monitor with its log and its alarms, as the service's pages and routes see it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from argosy.core.opinion import Kept, Story
from argosy.core.watch import Alarm, Message


class Opined(Protocol):
    """What stands behind the pages of an opinion monitor; all of it blocks.

    Times are microseconds since the epoch. Methods that take an id raise MissingError for one that is not there.
    """

    @property
    def zone(self) -> str:
        """The time zone of its pages."""
        ...

    def state(self) -> str:
        """A word that changes whenever anything that the pages show does, and is cheap to ask for."""
        ...

    def overview(self, hours: int) -> Mapping[str, Any]:
        """What was said in the last hours, as JSON.

        ``topics`` and ``entities`` (each ``name texts stories negative low high`` with the corrected share of negative
        and its interval, ``raw`` the uncorrected one, ``change`` against the same time before, ``validated``),
        ``sources`` (``name heard last silent since``), ``emerging`` (``id name words texts stories first growth``),
        ``alarms`` (open ones' ids), ``texts``, ``stories``, ``through`` (the end of the last whole hour).
        """
        ...

    def trend(self, topic: str, entity: str, hours: int) -> Mapping[str, Any]:
        """A topic and entity hour by hour (either may be empty: all), as JSON.

        ``points``: each ``start texts stories said negative low high expected upper missing`` with how many stories
        were read as negative, the corrected share and its interval, how many negative stories were expected of the hour
        and the usual band's upper end (None while it learns), and whether the hour was not heard.
        """
        ...

    def stories(self, topic: str, entity: str, sentiment: str, hours: int, most: int = 50) -> Sequence[Story]:
        """Stories of these hours, of most reach first; empty words mean any."""
        ...

    def story(self, story: str) -> tuple[Story, Sequence[Kept]]:
        """A story and its texts, the first of them first."""
        ...

    def text(self, text: str) -> Mapping[str, Any]:
        """A text of the log with its reading, as JSON.

        ``id story first text title source author url at received language sentiment chances topic sure about`` (each
        ``entity sentiment chances spans``) and ``weight version``.
        """
        ...

    def explanation(self, text: str) -> Mapping[str, Any]:
        """The same, and why: ``words`` (each ``word begin end weight``) and ``models``; it takes a moment."""
        ...

    def alarms(self, *, still: bool = False, most: int = 200) -> Sequence[Alarm]:
        """Surges, the newest first; ``still``: only those that are open."""
        ...

    def alarm(self, alarm: str) -> Mapping[str, Any]:
        """A surge, as JSON: ``alarm``, ``stories`` that are its likely cause, ``texts`` (evidence), ``messages``."""
        ...

    def messages(self, alarm: str) -> Sequence[Message]:
        """What was told of a surge, to whom."""
        ...

    def acknowledge(self, alarm: str, by: str, *, usual: bool = False) -> Alarm:
        """Note who has seen it; ``usual``: the level since it began is the usual one from now on."""
        ...

    def assign(self, alarm: str, owner: str, by: str) -> Alarm:
        """Say who deals with it."""
        ...

    def close(self, alarm: str, by: str) -> Alarm:
        """Close it by hand; it may open again."""
        ...

    def correct(self, text: str, by: str, *, sentiment: str = "", topic: str = "", entity: str = "") -> None:
        """Keep what a person says of a text: the sentiment (about an ``entity`` where one is named), the topic.

        Counts follow at once, the models when they are built again. Raises ProjectError for a word that is none.
        """
        ...

    def topics(self) -> Sequence[str]:
        """The topics there are."""
        ...

    def entities(self) -> Sequence[str]:
        """The entities there are."""
        ...

    def brief(self, day: str, language: str) -> Mapping[str, Any]:
        """What a day (``2026-11-23``, in the monitor's time zone) was like, as JSON: the record behind the brief."""
        ...

    def hear_body(self, body: bytes, source: str) -> int:
        """Put the posts of a body into the inbox of a webhook, durably; how many of them were new.

        Raises DataError for a body that holds no posts, and MissingError for a source that is no webhook.
        """
        ...
