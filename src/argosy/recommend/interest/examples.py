"""What the text model learns from and is judged by: next successes with the histories before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History, Interactions, Ints, Times
from argosy.recommend.interest.pooling import features

_DISCOUNT = 1 / np.log2(np.arange(2, 12))
_PLACES = len(_DISCOUNT)
_READ = 100  # last events of a history that are learnt from


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Events by user and time, and (start, stop, target) of each success behind a history that tells something.

    Example ``e``: whoever had ``items[start[e]:stop[e]]`` then wanted ``target[e]`` at ``now[e]``.
    """

    items: Ints
    times: Times
    strength: Floats
    success: NDArray[np.bool_]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    target: Ints
    now: Times

    @classmethod
    def of(cls, train: Interactions) -> Self:
        """All of them, in the order of users and times."""
        order = np.argsort(train.users, kind="stable")
        order = order[train.strength[order] > 0]
        users, items, success = train.users[order], train.items[order], train.success[order]
        begins = np.searchsorted(users, users)
        rows = np.flatnonzero(success & (np.arange(len(order)) > begins))
        return cls(
            items=items,
            times=train.times[order],
            strength=train.strength[order],
            success=success,
            start=begins[rows],
            stop=rows,
            target=items[rows],
            now=train.times[order][rows],
        )

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.target)

    def gather(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Some of them as arrays, the latest event first.

        ``items`` [rows, events], −1 where none stands, their ``features`` [rows, events, 3] and ``weights``
        [rows, events] (logarithms of strengths), and ``target`` [rows].
        """
        start, stop = np.maximum(self.start[rows], self.stop[rows] - _READ), self.stop[rows]
        later = np.arange(int((stop - start).max(initial=1)))
        place = stop[:, None] - 1 - later
        there = place >= start[:, None]
        place = np.where(there, place, 0)
        later = np.broadcast_to(later, place.shape)
        return {
            "items": np.where(there, self.items[place], -1).astype(np.int64),
            "features": features(later, self.now[rows][:, None] - self.times[place], self.success[place]),
            "weights": np.log(self.strength[place]),
            "target": self.target[rows].astype(np.int64),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """How well items are ranked that nobody touched: ``hidden`` ones, of which no event is in ``train``.

    Of some users the later half is left out of ``train``; ``wanted`` are the hidden items in it by user.
    """

    train: Interactions
    histories: Sequence[History]
    wanted: Sequence[Ints]
    hidden: Ints

    @classmethod
    def drawn(cls, train: Interactions, *, seed: int, parts: int = 5, most: int = 2_000) -> Self:
        """One item in ``parts`` is hidden, one user in two is judged, ``most`` of them at most."""
        rng = np.random.default_rng(seed)
        met, people = np.unique(train.items[train.success]), np.unique(train.users[train.success])
        hidden = np.sort(rng.permutation(met)[: len(met) // parts])
        judged = np.sort(rng.permutation(people)[: min(len(people) // 2, most)])
        away, order = np.isin(train.items, hidden), np.argsort(train.users, kind="stable")
        starts = np.searchsorted(train.users[order], judged, "left")
        stops = np.searchsorted(train.users[order], judged, "right")
        later, histories, wanted = np.zeros(len(train), bool), [], []
        for rows in (order[start:stop] for start, stop in zip(starts, stops, strict=True)):
            moment = int(train.times[rows[len(rows) // 2]])
            after = train.times[rows] >= moment
            later[rows[after]] = True
            known, found = rows[~after & ~away[rows]], rows[after & away[rows] & train.success[rows]]
            if len(known) and len(found):
                histories.append(history_of(train, known, moment))
                wanted.append(np.unique(train.items[found]))
        return cls(train=train.where(~away & ~later), histories=histories, wanted=wanted, hidden=hidden)

    def ndcg(self, scores: Floats) -> Floats:
        """NDCG@10 of each history among the hidden items, by scores [histories, items], all at once."""
        return ndcg(scores[:, self.hidden], [np.isin(self.hidden, items) for items in self.wanted])


def history_of(train: Interactions, rows: NDArray[np.int64], now: int) -> History:
    """Some events of one user, oldest first."""
    return History(
        items=train.items[rows],
        times=train.times[rows],
        strength=train.strength[rows],
        success=train.success[rows],
        now=now,
    )


def ndcg(scores: Floats, wanted: Sequence[NDArray[np.bool_]]) -> Floats:
    """NDCG@10 of each row of scores [rows, items]; the ideal list holds as many of the wanted as have room."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :_PLACES]
    found = [
        (told[places] * _DISCOUNT[: len(places)]).sum() / _DISCOUNT[: int(told.sum())].sum()
        for told, places in zip(wanted, best, strict=True)
    ]
    return np.asarray(found, np.float32)
