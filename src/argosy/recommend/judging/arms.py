"""Rankers side by side before real users: who sees which, and what became of the lists they saw.

Users are divided, not requests: one who sees two rankers by turns carries what one of them showed to the other. Each
user counts once, whatever they do: with the share of lists acted on, among the first lists within a time that begins
with their first one. How many lists a user asks for may hang on the ranker, so nobody is left out for having few; and
since the time is set beforehand, a user counts when it is over, not when they have clicked.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.core.errors import ProjectError
from argosy.core.recommend import Event, Recommendation

_UNITS = 2**64
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The rankers of an experiment by name, each with its share of the users; the first is the one to beat.

    ``salt`` is what divides the users: the same one divides them the same way in every process and at any time, another
    anew. Raises ProjectError for shares that do not sum to 1.
    """

    salt: str
    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse what divides nobody."""
        total = sum(self.shares.values())
        if abs(total - 1) > _CLOSE or min(self.shares.values(), default=0.0) <= 0:
            raise ProjectError(
                "The shares of the rankers are {shares}; each is above 0 and together they are 1.",
                mend="Give two rankers a half each, or one of them what the other leaves.",
                shares=", ".join(f"{name} {share:g}" for name, share in self.shares.items()),
            )

    def of(self, user: str) -> str:
        """The arm of a user."""
        digest = hashlib.blake2b(f"{self.salt} {user}".encode(), digest_size=8).digest()
        left = int.from_bytes(digest, "big") / _UNITS
        for name, share in self.shares.items():
            left -= share
            if left < 0:
                return name
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What counts; times are microseconds.

    Of each user the first ``most`` lists within ``span`` of the first one. A list is good where one of its items was
    ``acted`` on, by kinds of events such as ``click``, within ``patience`` of being shown, by an event that names it.
    """

    acted: frozenset[str]
    most: int = 20
    span: int = 7 * 86_400_000_000
    patience: int = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What a user has shown: of so many ``lists`` by an ``arm`` so many were ``good``, known ``at`` a time."""

    user: str
    arm: str
    at: int
    lists: int
    good: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """Users whose time is over, in the order of that; how many wait, and how many were left out for what reason.

    ``nobody``: lists without a user; ``machine``: users that are machines; ``several``: users who saw several arms.
    """

    judges: Sequence[Judge]
    waiting: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def outcomes(
    lists: Iterable[Recommendation],
    events: Iterable[Event],
    counting: Counting,
    *,
    now: int,
    machines: Container[str] = frozenset(),
) -> Shows:
    """What users showed until ``now``; lists and events in any order, events that name no list count for nothing.

    Lists of no arm are none of the experiment's. The same lists and events and more, later, show the same and more.
    """
    mine: dict[str, list[Recommendation]] = {}
    nobody = 0
    for one in lists:
        if one.arm and one.user:
            mine.setdefault(one.user, []).append(one)
        else:
            nobody += bool(one.arm)
    acted: dict[str, list[Event]] = {}
    for event in events:
        if event.shown and event.kind in counting.acted and event.user in mine:
            acted.setdefault(event.shown, []).append(event)
    judges, left_out, waiting = [], {"nobody": nobody, "machine": 0, "several": 0}, 0
    for user, own in mine.items():
        own.sort(key=lambda one: (one.at, one.id))
        known = own[0].at + counting.span + counting.patience
        counted = [one for one in own if one.at < own[0].at + counting.span]
        if user in machines:
            left_out["machine"] += 1
        elif len({one.arm for one in counted}) > 1:
            left_out["several"] += 1
        elif now < known:
            waiting += 1
        else:
            first = counted[: counting.most]
            good = sum(_good(one, acted.get(one.id, ()), counting.patience) for one in first)
            judges.append(Judge(user=user, arm=first[0].arm, at=known, lists=len(first), good=good))
    return Shows(judges=sorted(judges, key=lambda one: (one.at, one.user)), waiting=waiting, left_out=left_out)


def _good(one: Recommendation, acted: Iterable[Event], patience: int) -> bool:
    items = {place.item for place in one.items}
    return any(event.user == one.user and event.item in items and 0 <= event.at - one.at <= patience for event in acted)
