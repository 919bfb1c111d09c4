"""Lists that were shown, as columns, with the chances that an old and a new ranker have for what stands in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.core.recommend import Recommendation

Doubles = NDArray[np.float64]
Would = Callable[[Recommendation, int], Mapping[str, float]]
"""The chances with which the new ranker puts items at a place of a list, given the items before it; they sum to 1."""
Describe = Callable[[Recommendation, int, str], Sequence[float]]
"""What a model of clicks may know of an item at a place of a list: as many numbers for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a model of clicks reads: ``features`` (lists, places, features) of what was shown, and what could have been.

    Each row is an item that the new ranker could put at a place (``at``: list × places + place), with the ``chance``
    that it does given what stands before, and its features (``could``).
    """

    features: Doubles
    at: NDArray[np.int64]
    chance: Doubles
    could: Doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Lists that were shown, shapes (lists, places): ``users`` (lists,) says whose each is.

    ``old`` and ``new`` are the chances of the item that was shown, given what stands before it, under the ranker that
    was there and under the new one; ``good`` is 1 where it was clicked. Where a list was shorter both chances are 1
    and nothing is good.
    """

    users: NDArray[np.int64]
    old: Doubles
    new: Doubles
    good: Doubles
    described: Described | None = None


def logged(
    lists: Sequence[Recommendation],
    clicked: Container[tuple[str, str]],
    would: Would,
    *,
    places: int = 1,
    describe: Describe | None = None,
) -> Logged:
    """Columns of lists; ``clicked`` has (list, item) by their ids. A list without a user is one of its own.

    Raises DataError for a list whose chances cannot be ones.
    """
    shape = (len(lists), places)
    old, new, good = np.ones(shape), np.ones(shape), np.zeros(shape)
    number: dict[str, int] = {}
    shown: dict[int, Sequence[float]] = {}
    options: list[tuple[int, float, Sequence[float]]] = []
    for row, one in enumerate(lists):
        number.setdefault(_whose(one), len(number))
        for place, item in enumerate(one.items[:places]):
            if not 0 < item.chance <= 1:
                raise _impossible(one, item.chance)
            choices = would(one, place)
            old[row, place], new[row, place] = item.chance, choices.get(item.item, 0.0)
            good[row, place] = (one.id, item.item) in clicked
            if describe:
                at = row * places + place
                shown[at] = describe(one, place, item.item)
                options += [(at, chance, describe(one, place, name)) for name, chance in choices.items() if chance]
    users = np.array([number[_whose(one)] for one in lists], np.int64)
    described = _described(shown, options, shape) if shown and options else None
    return Logged(users=users, old=old, new=new, good=good, described=described)


def _whose(one: Recommendation) -> str:
    return f"user {one.user}" if one.user else f"list {one.id}"


def _described(
    shown: Mapping[int, Sequence[float]],
    options: Sequence[tuple[int, float, Sequence[float]]],
    shape: tuple[int, int],
) -> Described:
    features = np.zeros((shape[0] * shape[1], len(next(iter(shown.values())))))
    features[list(shown)] = list(shown.values())
    return Described(
        features=features.reshape(*shape, -1),
        at=np.array([at for at, _, _ in options], np.int64),
        chance=np.array([chance for _, chance, _ in options]),
        could=np.array([about for _, _, about in options], np.float64),
    )


def _impossible(one: Recommendation, chance: float) -> DataError:
    return DataError(
        "The list {list} says that an item stood at its place with a chance of {chance}.",
        mend="Judge by lists that were kept with chances above 0 and up to 1.",
        list=one.id,
        chance=chance,
    )
