"""A shop that is drawn by a seed, whose truth is known: users with tastes, items with words, lists, clicks.

- ``shown`` draws lists, place by place, as a service does that explores, for rankers that know the tastes more or less
  well. Who clicks follows from the user's mood, the item's pull, how well both fit, and the place.
- ``happened`` draws a year of events: few users do most, tastes lie in a few of many groups of items and drift, in each
  group few items have most, new ones come all the time, and nothing is bought before it is there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
_DIM = 8
_PLACES = np.array([1.0, 0.7, 0.5, 0.4, 0.33])  # how many look at each place
_SECOND = 1_000_000
DAY = 86_400 * _SECOND
START = 19_000 * DAY
_YEAR = 365 * DAY
_AT_ONCE = 10_000  # users
_THERE = 0.6  # share of the items that are there on the first day
_ANYTHING, _BOUGHT, _NEWER = 0.1, 0.15, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What was shown, shapes (lists, places) but for ``users`` (lists,), ``features`` and ``scores`` (lists, items, …).

    ``old`` and ``new`` are the chances of what was shown under both rankers; ``worth`` the true chance of a click
    there, given that the list stands as it does; ``items`` number those of a list's own few.
    """

    users: Ints
    items: Ints
    old: Doubles
    new: Doubles
    worth: Doubles
    options: Doubles  # (lists, places, items): the new ranker's chances given what stands before
    features: Doubles  # (lists, items, features): what is known of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How lists come about: two rankers that know tastes with so much ``noise``, and explore with a chance.

    Each list chooses among ``items``; with the chance ``explore`` a place shows one of the ``pool`` best of either
    ranker, all alike likely. ``apart`` is how unlike users are in how much they click.
    """

    items: int = 12
    pool: int = 12
    explore: float = 0.2
    places: int = 1
    noise: tuple[float, float] = (1.5, 0.4)
    apart: float = 1.0
    level: float = -2.0


def shown(service: Service, users: int, each: float, rng: np.random.Generator, *, by_new: bool = False) -> Lists:
    """Lists of new users, of whom each has ``1 + Poisson(each - 1)``; made by the old ranker, or ``by_new``."""
    count = 1 + rng.poisson(each - 1, users)
    whose = np.repeat(np.arange(users), count)
    taste = rng.standard_normal((users, _DIM))
    guessed = [taste + noise * rng.standard_normal((users, _DIM)) for noise in service.noise]
    mood = service.level + service.apart * rng.standard_normal(users)
    about = rng.standard_normal((len(whose), service.items, _DIM)) / np.sqrt(_DIM)
    pull = 0.5 * rng.standard_normal((len(whose), service.items))
    fit = np.einsum("lid,ld->li", about, taste[whose]) + pull
    scores = [np.einsum("lid,ld->li", about, one[whose]) + pull for one in guessed]
    pool = np.maximum(*[(-one).argsort(axis=1).argsort(axis=1) < service.pool for one in scores]).astype(bool)
    columns = _placed(service, scores, pool, rng, by_new=by_new)
    chance = 1 / (1 + np.exp(-(mood[whose][:, None] + fit)))
    worth = np.take_along_axis(chance, columns["items"], axis=1) * _PLACES[: service.places]
    return Lists(users=whose, worth=worth, features=np.stack([*scores, pull], axis=2), **columns)


def _placed(
    service: Service, scores: list[Doubles], pool: NDArray[np.bool_], rng: np.random.Generator, *, by_new: bool
) -> dict[str, NDArray[np.float64]]:
    """Fills the places from the first on."""
    lists, rows = len(pool), np.arange(len(pool))
    free = np.ones_like(pool)
    found: dict[str, list[NDArray[np.float64]]] = {"items": [], "old": [], "new": [], "options": []}
    for _ in range(service.places):
        left = pool & free
        drawn = service.explore * left / np.maximum(left.sum(axis=1, keepdims=True), 1)
        chances = []
        for score in scores:
            best = np.where(free, score, -np.inf).argmax(axis=1)
            one = np.where(left.any(axis=1, keepdims=True), drawn, 0.0)
            one[rows, best] += 1 - one.sum(axis=1)
            chances.append(one)
        by = chances[1 if by_new else 0]
        picked = np.minimum((by.cumsum(axis=1) < rng.random((lists, 1))).sum(axis=1), service.items - 1)
        free[rows, picked] = False
        for name, column in zip(found, (picked, *(one[rows, picked] for one in chances), chances[1]), strict=True):
            found[name].append(column)
    return {name: np.stack(columns, axis=1) for name, columns in found.items()}


def truth(service: Service, users: int, each: float, seed: int) -> tuple[float, float]:
    """Clicks per list that the old and the new ranker truly earn, on average of many users: the same for both."""
    sums, count = np.zeros(2), 0
    for part in range(0, users, _AT_ONCE):
        for new in (0, 1):
            lists = shown(
                service, min(_AT_ONCE, users - part), each, np.random.default_rng((seed, 1, part)), by_new=bool(new)
            )
            sums[new] += lists.worth.sum()
        count += len(lists.users)
    return float(sums[0] / count), float(sums[1] / count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year of a shop: items [items] with their groups and when they were added, and events in the order of time.

    ``kinds`` are 0 for a click and 1 for a purchase. ``tastes`` (users, 2, 4) are each user's groups, before and after
    the moment ``turned`` (users,); what is not by taste (one event in ten) is of any group.
    """

    group: NDArray[np.int32]
    added: Ints
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    times: Ints
    kinds: NDArray[np.int8]
    tastes: NDArray[np.int32]
    turned: Ints


def happened(items: int, events: int, users: int, seed: int) -> Year:
    """A year by a seed; 10 million events of a million items take about 15 seconds and 1.5 GB."""
    rng = np.random.default_rng((seed, items, events, users))
    groups = max(20, items // 500)
    group = np.sort(_rising(groups, rng.random(items), 1.5)).astype(np.int32)
    added = START + np.where(rng.random(items) < _THERE, 0, rng.random(items) * _YEAR).astype(np.int64)
    order = np.lexsort((added, group))
    added = added[order]
    times = START + np.sort((rng.random(events) * _YEAR).astype(np.int64))
    busy = np.cumsum(rng.pareto(1.8, users) + 0.3)
    who = np.searchsorted(busy, rng.random(events) * busy[-1]).astype(np.int32)
    tastes = _rising(groups, rng.random((users, 2, 4)), 1.5).astype(np.int32)
    tastes[:, 1, 1:] = tastes[:, 0, 1:]  # one taste of four is lost
    turned = START + (rng.random(users) * _YEAR).astype(np.int64)
    slot = np.searchsorted([0.5, 0.75, 0.9], rng.random(events), side="right")
    wanted = tastes[who, (times >= turned[who]).astype(np.int64), slot]
    wanted = np.where(rng.random(events) < _ANYTHING, _rising(groups, rng.random(events), 1.5), wanted)
    picked = _one_of(group, added, wanted, times, rng)
    names = rng.permutation(items)  # so that no position says anything
    found_group, found_added = np.empty_like(group), np.empty_like(added)
    found_group[names], found_added[names] = group, added
    return Year(
        group=found_group,
        added=found_added,
        users=who,
        items=names[picked].astype(np.int32),
        times=times,
        kinds=(rng.random(events) < _BOUGHT).astype(np.int8),
        tastes=tastes,
        turned=turned,
    )


def vectors(year: Year, seed: int, width: int = 128) -> NDArray[np.float32]:
    """What an encoder would say of the items' words: those of a group lie near each other; length 1."""
    rng = np.random.default_rng((seed, width))
    centres = rng.standard_normal((int(year.group.max()) + 1, width), dtype=np.float32)
    made = rng.standard_normal((len(year.group), width), dtype=np.float32)
    made += centres[year.group]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def words(year: Year, seed: int) -> tuple[list[str], list[str]]:
    """Titles and tags of the items: words of their group's own, some of everybody's, and the group as a tag."""
    rng = np.random.default_rng((seed, 3))
    own = year.group[:, None] * 7 + rng.integers(0, 40, (len(year.group), 3))
    any_word = rng.integers(0, 500, len(year.group))
    titles = [f"w{a} w{b} w{c} v{d}" for (a, b, c), d in zip(own.tolist(), any_word.tolist(), strict=True)]
    return titles, [f"g{one}" for one in year.group.tolist()]


def _one_of(
    group: NDArray[np.int32], added: Ints, wanted: NDArray[np.int32], times: Ints, rng: np.random.Generator
) -> Ints:
    """An item of a group that is there already: half of the time a newer one, else one of those that always sell."""
    key = group.astype(np.int64) * (2 * _YEAR) + (added - START)
    end = np.searchsorted(key, wanted.astype(np.int64) * (2 * _YEAR) + (times - START), side="right")
    begin = np.searchsorted(group, wanted)
    there = np.maximum(end - begin, 1)
    rank = np.minimum((there * rng.random(len(times)) ** 4).astype(np.int64), there - 1)
    picked = np.where(rng.random(len(times)) < _NEWER, begin + there - 1 - rank, begin + rank)
    return np.asarray(np.minimum(picked, len(group) - 1))


def _rising(count: int, drawn: Doubles, steep: float) -> Ints:
    """Numbers below ``count``, the small ones far more often."""
    return np.minimum((count * drawn**steep).astype(np.int64), count - 1)
