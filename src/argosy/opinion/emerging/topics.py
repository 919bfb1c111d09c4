"""Topics that emerge among texts of no known topic: groups that keep their id from day to day, with names."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from argosy.core.opinion import HOUR
from argosy.data.words import features, words
from argosy.opinion.emerging.grouping import ALONE, grouped, nearness, vectors
from argosy.opinion.emerging.naming import named

LEAST = 8
"""Texts of a group, unless told otherwise."""
_DAY = 24 * HOUR
_OVERLAP = 0.4  # of the smaller group's texts: so many in common, and a group goes on
_CALM = 0.5  # texts a day that growth is never measured below


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of no known topic: the first of its story."""

    id: str
    text: str
    language: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Texts about one thing: their ids in ``members``, what shows it best first.

    ``first`` and ``last`` are the times of the earliest and the latest that were ever in it. ``growth`` is how many
    texts the last day had for each of a usual day before; above 1 it grows.
    """

    id: str
    name: str
    words: tuple[str, ...]
    language: str
    members: tuple[str, ...]
    first: int
    last: int
    growth: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Group":
        """What ``to_json`` told."""
        return cls(**{**told, "words": tuple(told["words"]), "members": tuple(told["members"])})


def emerging(
    texts: Sequence[Text],
    *,
    now: int,
    usual: Sequence[Text] = (),
    earlier: Sequence[Group] = (),
    least: int = LEAST,
) -> list[Group]:
    """The groups among the texts of some days before ``now``, each of one language, those that grow first.

    ``usual`` are texts of known topics (a few thousand): what these say tells nothing new apart. A group that shares
    its texts with one of the ``earlier`` ones has its id and its beginning.
    """
    found = [
        group
        for language in sorted({one.language for one in texts})
        for group in _of_language(
            [one for one in texts if one.language == language],
            [one for one in usual if one.language == language],
            now,
            least,
        )
    ]
    return sorted(_going_on(found, earlier), key=lambda one: (-one.growth * len(one.members), one.id))


def _of_language(texts: Sequence[Text], usual: Sequence[Text], now: int, least: int) -> list[Group]:
    ordered = sorted(texts, key=lambda one: (one.at, one.id))
    cut, known = ([words(one.text) for one in some] for some in (ordered, usual))
    rows = vectors([features(one) for one in cut], [features(one) for one in known])
    found = grouped(rows, least)
    near = nearness(rows, found)
    places = [np.flatnonzero(found == number) for number in range(found.max(initial=ALONE) + 1)]
    groups = [sorted(map(int, some), key=lambda at: (-near[at], at)) for some in places]
    return [
        _group([ordered[at] for at in members], name, telling, now)
        for members, (name, telling) in zip(groups, named(groups, cut, known), strict=True)
        if name
    ]


def _group(members: Sequence[Text], name: str, telling: tuple[str, ...], now: int) -> Group:
    times = np.array([one.at for one in members])
    days = max(1.0, (now - _DAY - times.min()) / _DAY)
    late = int(np.sum(times >= now - _DAY))
    usual = (len(members) - late) / days
    ids = tuple(one.id for one in members)
    return Group(
        id=hashlib.blake2b("\0".join(sorted(ids)).encode(), digest_size=8).hexdigest(),
        name=name,
        words=telling,
        language=members[0].language,
        members=ids,
        first=int(times.min()),
        last=int(times.max()),
        growth=round((late + _CALM) / (usual + _CALM), 3),
    )


def _going_on(groups: Sequence[Group], earlier: Sequence[Group]) -> list[Group]:
    """The groups with the ids of the earlier ones that they go on from; each goes on as one, the likest."""
    before = [set(one.members) for one in earlier]
    pairs = []
    for at, group in enumerate(groups):
        mine = set(group.members)
        for place, members in enumerate(before):
            common = len(mine & members)
            if common >= _OVERLAP * min(len(mine), len(members)) and common:
                pairs.append((-common, place, at))
    found, taken = list(groups), set()
    done: set[int] = set()
    for _, place, at in sorted(pairs):
        if place in taken or at in done:
            continue
        taken.add(place)
        done.add(at)
        old = earlier[place]
        found[at] = replace(groups[at], id=old.id, first=min(old.first, groups[at].first))
    return found
