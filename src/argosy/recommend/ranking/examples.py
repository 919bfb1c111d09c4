"""The lists that a ranker learns from: what would have been ranked in the past, and what was chosen then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from argosy.core.recommend import Cut
from argosy.recommend.interactions import Catalogue, History, Interactions, Ints
from argosy.recommend.ranking.features import names
from argosy.recommend.ranking.learning import Lists, histories
from argosy.recommend.ranking.looking import Looking, look
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.scorer import Scorer

Make = Callable[[Interactions], Scorer]
"""Fits one model, settings and catalogue included, on what happened before a cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Where the past is cut to learn from.

    By ``time``: at ``cuts`` moments, the first behind the share ``first`` of the events; what was chosen is looked up
    in the next share ``horizon`` of them, which is what a test of a fifth is to that which is before it. By the
    ``last`` item: each user's last ``lasts`` successes are what was chosen. At most ``lists`` are made at a cut, those
    of users drawn by ``seed``.
    """

    cut: Cut = "time"
    cuts: int = 11
    lasts: int = 3
    first: float = 0.25
    horizon: float = 0.25
    lists: int = 2_000
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened, with the items, the models to fit, and how a list is looked at."""

    events: Interactions
    catalogue: Catalogue
    makes: Mapping[str, Make]
    how: Looking

    def lists(self, learning: Learning) -> list[Lists]:
        """The lists of each cut, in order."""
        if not len(self.events):
            return [_joined([], len(names(tuple(self.makes))), 0, 0)]
        if learning.cut == "last":
            return self._by_last(learning)
        return [self._at(start, end, learning) for start, end in _moments(self.events.times, learning)]

    def _at(self, start: int, end: int, learning: Learning) -> Lists:
        """What would have been ranked at ``start``, by models of what was before, and what was chosen until ``end``."""
        events = self.events
        before, after = (
            events.before(start),
            events.where((events.times >= start) & (events.times < end) & events.success),
        )
        scorers = {name: make(before) for name, make in self.makes.items()}
        standing = Standing.of(before, self.catalogue)
        users = _some(np.unique(after.users), learning)
        made = [
            _ranked(scorers, self.how, history, standing, after.items[after.users == user], int(user))
            for user, history in zip(users, histories(before, users, start), strict=True)
        ]
        return _joined(made, len(names(tuple(self.makes))), start, end)

    def _by_last(self, learning: Learning) -> list[Lists]:
        """What would have been ranked just before each of the last successes of each user.

        The models are of what was before the first of these; users with fewer successes are not in them.
        """
        events, depth, rows = self.events, _depths(self.events), np.arange(len(self.events))
        ends = np.zeros(len(events.people), np.int64)
        ends[events.users[depth == learning.lasts]] = rows[depth == learning.lasts]
        before = events.where(rows < ends[events.users])
        scorers = {name: make(before) for name, make in self.makes.items()}
        users = _some(np.unique(before.users), learning)
        whole = dict(zip(users.tolist(), histories(events, users, int(events.times[-1]) + 1), strict=True))
        position = _positions(events.users)
        standing, made = Standing.of(events.where(rows < 0), self.catalogue), {}
        success = events.success
        for row, (user, item, at) in enumerate(zip(events.users, events.items, events.times, strict=True)):
            if 0 < depth[row] <= learning.lasts and user in whole:
                history = _until(whole[user], int(position[row]), int(at))
                made[row] = _ranked(scorers, self.how, history, standing, events.items[row : row + 1], int(user))
            standing.hear(int(item), int(at), success=bool(success[row]))
        columns = len(names(tuple(self.makes)))
        return [
            _joined([one for row, one in made.items() if depth[row] == back], columns, -back, 1 - back)
            for back in range(learning.lasts, 0, -1)
        ]


def _ranked(
    scorers: Mapping[str, Scorer], how: Looking, history: History, standing: Standing, chosen: Ints, user: int
) -> Lists | None:
    """One list; none where nothing that was chosen is among the candidates."""
    wanted = np.unique(chosen) if how.repeat else np.setdiff1d(chosen, history.items)
    found, matrix = look(scorers, how, history, standing)
    success = np.isin(found.items, wanted).astype(np.float32)
    if not success.any():
        return None
    sizes, ideal, users = (np.array([number], np.int32) for number in (len(success), len(wanted), user))
    return Lists(matrix=matrix, success=success, sizes=sizes, ideal=ideal, users=users)


def _joined(made: list[Lists | None], columns: int, start: int, end: int) -> Lists:
    empty = np.empty(0, np.int32)
    none = Lists(
        matrix=np.empty((0, columns), np.float32),
        success=np.empty(0, np.float32),
        sizes=empty,
        ideal=empty,
        users=empty,
    )
    return replace(Lists.joined([none, *(one for one in made if one is not None)]), start=start, end=end)


def _moments(times: NDArray[np.int64], learning: Learning) -> list[tuple[int, int]]:
    """The cuts, and where what follows each ends."""
    found = []
    for share in np.linspace(learning.first, 1 - learning.horizon, learning.cuts):
        start = int(times[int(share * len(times))])
        end = min(int((share + learning.horizon) * len(times) + 0.5), len(times))
        found.append((start, int(times[end]) if end < len(times) else int(times[-1]) + 1))
    return found


def _some(users: NDArray[np.int32], learning: Learning) -> NDArray[np.int32]:
    if len(users) <= learning.lists:
        return users
    return np.sort(np.random.default_rng(learning.seed).choice(users, learning.lists, replace=False))


def _depths(events: Interactions) -> NDArray[np.int64]:
    """Which from the end among its user's successes each event is, 1 the last; 0 of what is no success."""
    depth = np.zeros(len(events), np.int64)
    seen: dict[int, int] = {}
    for row in np.flatnonzero(events.success)[::-1].tolist():
        user = int(events.users[row])
        depth[row] = seen[user] = seen.get(user, 0) + 1
    return depth


def _positions(users: Ints) -> NDArray[np.int64]:
    """How many events of its user are before each event."""
    order = np.argsort(users, kind="stable")
    found = np.empty(len(users), np.int64)
    found[order] = np.arange(len(users)) - np.searchsorted(users[order], users[order])
    return found


def _until(history: History, stop: int, now: int) -> History:
    """Its first ``stop`` events."""
    return History(
        items=history.items[:stop],
        times=history.times[:stop],
        strength=history.strength[:stop],
        success=history.success[:stop],
        now=now,
    )
