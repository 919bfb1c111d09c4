"""Lists to learn an order from: what was known at moments of the past, and what was chosen after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History, Interactions, Ints

_TOP = 10  # places that a list is measured by


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Lists one below the other.

    ``matrix`` [rows, columns] holds the features, ``success`` [rows] 1 for what was chosen later and 0 for the rest,
    ``sizes`` [lists] the rows of each, ``ideal`` [lists] how many were chosen, those that no source proposed too, and
    ``users`` [lists] whose each is.
    """

    matrix: Floats
    success: Floats
    sizes: Ints
    ideal: Ints
    users: Ints
    start: int = 0  # the moment at which they were made
    end: int = 0  # the one until which was looked at what was chosen

    @classmethod
    def joined(cls, lists: Sequence["Lists"]) -> Self:
        """Several in one."""
        return cls(
            matrix=np.concatenate([one.matrix for one in lists]),
            success=np.concatenate([one.success for one in lists]),
            sizes=np.concatenate([one.sizes for one in lists]),
            ideal=np.concatenate([one.ideal for one in lists]),
            users=np.concatenate([one.users for one in lists]),
        )

    def __len__(self) -> int:
        """The number of lists."""
        return len(self.sizes)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The first row of each."""
        return (np.cumsum(self.sizes) - self.sizes).astype(np.int64)

    def first(self, column: int) -> Floats:
        """What a column says in the first row of each list [lists]."""
        return self.matrix[self.starts, column] if len(self) else np.empty(0, np.float32)

    def where(self, kept: NDArray[np.bool_]) -> "Lists":
        """These lists [lists] alone."""
        rows = np.repeat(kept, self.sizes)
        return Lists(
            matrix=self.matrix[rows],
            success=self.success[rows],
            sizes=self.sizes[kept],
            ideal=self.ideal[kept],
            users=self.users[kept],
        )

    def ndcg(self, scores: Floats) -> Floats:
        """NDCG@10 of each list [lists] when its rows are ordered by scores [rows]."""
        discounts = 1 / np.log2(np.arange(2, _TOP + 2))
        ideals = np.concatenate([[1.0], np.cumsum(discounts)])
        found = np.zeros(len(self), np.float32)
        for number, (start, size) in enumerate(zip(self.starts, self.sizes, strict=True)):
            top = start + np.argsort(-scores[start : start + size], kind="stable")[:_TOP]
            found[number] = (self.success[top] * discounts[: len(top)]).sum()
        return np.asarray(found / ideals[np.clip(self.ideal, 1, _TOP)], np.float32)


def histories(events: Interactions, users: Sequence[int] | Ints, now: int) -> list[History]:
    """All that each of these users did before ``now``, oldest first."""
    past = events.before(now)
    order = np.argsort(past.users, kind="stable")
    strength, success = past.strength, past.success
    starts, stops = (np.searchsorted(past.users[order], users, side) for side in ("left", "right"))
    found = []
    for start, stop in zip(starts, stops, strict=True):
        rows = order[start:stop]
        found.append(
            History(
                items=past.items[rows],
                times=past.times[rows],
                strength=strength[rows],
                success=success[rows],
                now=now,
            )
        )
    return found


def recent(history: History, most: int) -> History:
    """The last ``most`` events of it."""
    if len(history) <= most:
        return history
    return History(
        items=history.items[-most:],
        times=history.times[-most:],
        strength=history.strength[-most:],
        success=history.success[-most:],
        now=history.now,
    )
