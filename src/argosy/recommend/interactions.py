"""What users did, as columns, and the histories that are cut from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int32]
Times = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """Events in the order of time: row ``r`` says that ``people[users[r]]`` did ``kinds[kind[r]]`` with an item.

    ``items`` are positions in the catalogue that the models share (0 … ``size``−1). ``times`` are microseconds since
    the epoch, not falling. ``weights`` (kind → weight) says how much a kind tells of a taste; ``wanted`` are the kinds
    that count as success, which are predicted.
    """

    users: Ints
    items: Ints
    times: Times
    kind: NDArray[np.int8]
    kinds: tuple[str, ...]
    weights: Mapping[str, float]
    wanted: frozenset[str]
    people: tuple[str, ...]
    size: int

    def __len__(self) -> int:
        """The number of events."""
        return len(self.users)

    @property
    def strength(self) -> Floats:
        """Each event's weight, shape (events,)."""
        table = np.array([self.weights.get(name, 1.0) for name in self.kinds] or [1.0], np.float32)
        return table[self.kind.astype(np.intp)]

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether each event is one of those that are predicted, shape (events,)."""
        table = np.array([name in self.wanted for name in self.kinds] or [False], bool)
        return table[self.kind.astype(np.intp)]

    def where(self, mask: NDArray[np.bool_]) -> "Interactions":
        """These rows alone; people and items keep their positions."""
        return Interactions(
            users=self.users[mask],
            items=self.items[mask],
            times=self.times[mask],
            kind=self.kind[mask],
            kinds=self.kinds,
            weights=self.weights,
            wanted=self.wanted,
            people=self.people,
            size=self.size,
        )

    def before(self, moment: int) -> "Interactions":
        """What happened before a moment."""
        return self.where(self.times < moment)

    def matrix(self, *, successes: bool = True) -> sparse.csr_matrix:
        """People × items, each the largest weight of what a person did with it; of successes alone unless said."""
        kept = self.where(self.success) if successes else self
        shape = (len(self.people), self.size)
        strength = kept.strength
        pairs = kept.users.astype(np.int64) * self.size + kept.items
        order = np.argsort(pairs, kind="stable")
        pairs, strength = pairs[order], strength[order]
        starts = np.flatnonzero(np.diff(pairs, prepend=-1))
        largest = np.maximum.reduceat(strength, starts) if len(starts) else strength
        rows, columns = np.divmod(pairs[starts], max(self.size, 1))
        return sparse.csr_matrix((largest, (rows, columns)), shape=shape, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one user did until ``now``, oldest first: positions of items, times, and weights; ``success`` by event."""

    items: Ints
    times: Times
    strength: Floats
    success: NDArray[np.bool_]
    now: int

    def __len__(self) -> int:
        """The number of events."""
        return len(self.items)

    @classmethod
    def none(cls, now: int) -> Self:
        """That of somebody who is not known."""
        return cls(
            items=np.empty(0, np.int32),
            times=np.empty(0, np.int64),
            strength=np.empty(0, np.float32),
            success=np.empty(0, bool),
            now=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The items by position, as columns that models read; ``tags`` are positions in ``words`` by item."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]  # what an encoder reads
    tags: tuple[tuple[int, ...], ...]
    words: tuple[str, ...]
    prices: Floats  # NaN where there is none
    added: Times  # the smallest number where nobody said when
    gone: NDArray[np.bool_]
    places: Mapping[str, int] = field(repr=False)

    def __len__(self) -> int:
        """The number of items, gone ones too."""
        return len(self.ids)
