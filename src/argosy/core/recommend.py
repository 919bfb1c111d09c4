"""The nouns of a recommender: items, what users do, what was shown to whom, and the log that holds them.

Times are microseconds since the epoch. Users and items are named by the seller's own ids.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, Self

Cut = Literal["time", "last"]
"""How the test is cut off: what happens after a moment for everybody, or each user's last event."""
Why = Literal["similar", "together", "profile", "popular", "fresh", "exploring"]
"""Why an item is shown: its text is ``similar`` to that of one of the history, it is taken ``together`` with one, it
fits the history as a whole (``profile``), or it is ``popular``, ``fresh``, or there to be learnt about (``exploring``).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What can be recommended; ``added`` is None where nobody said when, ``price`` where there is none."""

    id: str
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    price: float | None = None
    added: int | None = None

    @property
    def words(self) -> str:
        """What an encoder reads: title, tags and description, each where there is one."""
        return ". ".join(part for part in (self.title.strip(), ", ".join(self.tags), self.text.strip()) if part)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(**{**told, "tags": tuple(told.get("tags", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """That a user did something (``kind``: ``click``, ``purchase``, …) with an item; the same ``key`` counts once.

    ``shown`` is the id of the recommendation that led to it, where one did.
    """

    user: str
    item: str
    kind: str
    at: int
    shown: str = ""
    given: str = ""  # the client's own id of it

    @property
    def key(self) -> str:
        """32 hexadecimal digits: of the client's id and the user, or of all that is said."""
        said = (self.user, self.given) if self.given else (self.user, self.item, self.kind, str(self.at))
        return hashlib.blake2b("\0".join(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: ``n`` items for a ``user``, or for an anonymous one by what they did (``recent``, item ids).

    ``tags`` (any of them), ``most`` and ``least`` (prices) and ``without`` (item ids) filter; ``context`` (such as
    ``{"surface": "home"}``) is what else is known; ``explore`` False shows nothing to learn.
    """

    user: str = ""
    recent: tuple[str, ...] = ()
    n: int = 10
    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    explore: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item at its place in a list.

    ``why`` it is there, ``about`` which item of the history (empty: none), and the ``chance`` with which whoever made
    the list puts it at this very place for this user; ``source`` is what proposed it first.
    """

    item: str
    score: float
    why: Why
    about: str = ""
    source: str = ""
    chance: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A list that was shown; ``arm`` is the ranker of an experiment, ``version`` the model's digest."""

    id: str
    user: str
    at: int
    items: tuple[Shown, ...]
    arm: str = ""
    version: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the log, in the order of ``turn``: just one of the four is set.

    ``event``: somebody did something. ``item``: it is new, or says something else now. ``gone``: this item is shown no
    more. ``forgotten``: the user whom the log knows as this digest is to be unknown everywhere.
    """

    turn: int
    event: Event | None = None
    item: Item | None = None
    gone: str = ""
    forgotten: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of events: new ones, ones that were there already, and refused ones by reason with an example."""

    new: int
    again: int
    refused: Mapping[str, int] = field(default_factory=dict)


class RecommendLog(Protocol):
    """The durable log of a recommender, of which every serving process keeps a state in memory by following it.

    Futures are done when what was written is committed. Writing an event or item again changes nothing.
    """

    def hear(self, events: Sequence[Event]) -> "Future[Heard]":
        """Keep events; those of forgotten users come as new users' (what was before stays forgotten)."""
        ...

    def put(self, items: Sequence[Item]) -> "Future[int]":
        """Keep items, new or changed ones; how many changed anything."""
        ...

    def remove(self, items: Sequence[str]) -> "Future[int]":
        """Show these no more; how many were there."""
        ...

    def show(self, lists: Sequence[Recommendation]) -> "Future[None]":
        """Keep what was shown, with its chances."""
        ...

    def after(self, turn: int, most: int) -> Sequence[Change]:
        """Changes behind a turn, in order."""
        ...

    def history(self, user: str, most: int) -> Sequence[Event]:
        """A user's last events, oldest first."""
        ...

    def forget(self, user: str, by: str) -> "Future[Mapping[str, int]]":
        """Remove events, lists and all else of a user; how much of what. Old files bring nothing of it back."""
        ...
