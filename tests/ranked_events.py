"""A small shop of made-up events, for tests of ranking."""

from collections.abc import Sequence

import numpy as np

from argosy.recommend.interactions import Catalogue, Floats, History, Interactions, Ints

DAY = 86_400_000_000
UNSAID = np.iinfo(np.int64).min


def events(rows: Sequence[tuple[int, int, int, str]], *, size: int, people: int | None = None) -> Interactions:
    """From (user, item, microseconds, kind) in any order; ``buy`` is what is wanted."""
    rows = sorted(rows, key=lambda row: row[2])
    users, items, times, kinds = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    return Interactions(
        users=np.array(users, np.int32),
        items=np.array(items, np.int32),
        times=np.array(times, np.int64),
        kind=np.array([kind == "buy" for kind in kinds], np.int8),
        kinds=("look", "buy"),
        weights={"look": 0.3, "buy": 1.0},
        wanted=frozenset({"buy"}),
        people=tuple(f"u{number}" for number in range(people or max(users, default=-1) + 1)),
        size=size,
    )


def catalogue(size: int, *, tags: Sequence[Sequence[int]] = (), prices: Sequence[float] = ()) -> Catalogue:
    """Items ``i0`` … with tags ``t0`` …; nothing is gone."""
    words = max((tag for own in tags for tag in own), default=-1) + 1
    ids = tuple(f"i{number}" for number in range(size))
    return Catalogue(
        ids=ids,
        titles=ids,
        texts=ids,
        tags=tuple(tuple(own) for own in tags) or ((),) * size,
        words=tuple(f"t{number}" for number in range(words)),
        prices=np.array(prices or [np.nan] * size, np.float32),
        added=np.full(size, UNSAID),
        gone=np.zeros(size, bool),
        places={name: place for place, name in enumerate(ids)},
    )


def history(items: Sequence[int], *, now: int = 10 * DAY, every: int = DAY // 24) -> History:
    """Purchases one after the other, the last one an ``every`` before now."""
    number = len(items)
    return History(
        items=np.array(items, np.int32),
        times=np.array([now - every * (number - place) for place in range(number)], np.int64),
        strength=np.ones(number, np.float32),
        success=np.ones(number, bool),
        now=now,
    )


def shop(*, users: int = 40, size: int = 30, seed: int = 0) -> Interactions:
    """Two kinds of users, each with a half of the items, who buy on forty days; odd users like odd items."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        mine = np.arange(user % 2, size, 2)
        for item in rng.permutation(mine)[: rng.integers(6, len(mine))]:
            rows.append((user, int(item), int(rng.integers(0, 40 * DAY)), "buy" if rng.random() < 0.8 else "look"))  # noqa: PERF401 - four in five
    return events(rows, size=size)


class Known:
    """A model that says the same of everybody, but that each item of a history speaks for its neighbours."""

    name = "known"

    def __init__(self, matrix: Floats) -> None:
        self.matrix = matrix

    def scores(self, histories: Sequence[History]) -> Floats:
        """The sums of the rows."""
        return np.stack([self.matrix[one.items].sum(axis=0) for one in histories]).astype(np.float32)

    def between(self, history: Ints, items: Ints) -> Floats:
        """The cells."""
        return self.matrix[np.ix_(history, items)]
