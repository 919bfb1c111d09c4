"""Kinds of users of a test, by what is known of them and by what they wanted."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.protocol.cutting import Parts

_NEW = 5  # events before the test below which an item is new
_HEAD, _TAIL = 1 / 3, 2 / 3  # of all successes, those with the most popular items and those with the least


def slices(parts: Parts, warm: NDArray[np.bool_]) -> Mapping[str, NDArray[np.bool_]]:
    """Masks of the cases by name: with a past or without, with few or many events, wanting new or rare items.

    A case belongs to the rarest kind of item that it wanted; ``short`` is the half with the fewest events.
    """
    counts = np.bincount(parts.train.items, minlength=parts.train.size)
    wins = np.bincount(parts.train.items[parts.train.success], minlength=parts.train.size)
    order = np.argsort(-wins, kind="stable")
    share = np.empty(len(order))
    share[order] = np.cumsum(wins[order]) / max(wins.sum(), 1)
    lengths = np.array([len(case.history) for case in parts.cases])
    middle = np.median(lengths[warm]) if warm.any() else 0
    rarest = np.array([share[case.wanted].max() for case in parts.cases])
    new = np.array([counts[case.wanted].min() < _NEW for case in parts.cases], bool)
    return {
        "cold_users": ~warm,
        "short": warm & (lengths <= middle),
        "long": warm & (lengths > middle),
        "cold_items": warm & new,
        "head": warm & ~new & (rarest <= _HEAD),
        "middle": warm & ~new & (rarest > _HEAD) & (rarest <= _TAIL),
        "tail": warm & ~new & (rarest > _TAIL),
    }
