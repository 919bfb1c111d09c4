"""A Bayesian network over ranges of numbers: exact inference from its tables, in numpy alone.

Every column but the target is known when the model is asked, so P(target | columns) needs only the tables that name
the target: its own, and those of its children (its Markov blanket; Pearl 1988). The sum over nothing else is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """P(node | parents): ``shares`` has an axis for each parent, in order, and the node's own last."""

    node: str
    parents: tuple[str, ...]
    shares: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """``cuts`` are the inner bounds of each column's ranges, columns in order; ``target`` has the labels as states."""

    target: str
    labels: tuple[str, ...]
    cuts: Mapping[str, tuple[float, ...]]
    tables: tuple[Table, ...]

    @property
    def edges(self) -> list[tuple[str, str]]:
        """From each parent to each child."""
        return [(parent, table.node) for table in self.tables for parent in table.parents]

    def ranges(self, numbers: Floats) -> Integers:
        """The number of the range that each number lies in [rows, columns]; a bound belongs to the range above it."""
        columns = [np.searchsorted(cuts, numbers[:, place], side="right") for place, cuts in enumerate(self._bounds())]
        return np.stack(columns, axis=1).astype(np.int64)

    def probabilities(self, numbers: Floats) -> Floats:
        """P(label | numbers) [rows, labels] for numbers [rows, columns]."""
        ranges = self.ranges(numbers)
        known = {column: ranges[:, place] for place, column in enumerate(self.cuts)}
        logs = np.zeros((len(numbers), len(self.labels)))
        for table in self.tables:
            if self.target in (table.node, *table.parents):
                logs += np.log(self._told(table, known, len(numbers)))
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def to_json(self) -> dict[str, Any]:
        """The network as plain values; a table's shares are nested lists, an axis a parent and the node's last."""
        return {
            "target": self.target,
            "labels": list(self.labels),
            "cuts": {column: list(cuts) for column, cuts in self.cuts.items()},
            "tables": [
                {"node": table.node, "parents": list(table.parents), "shares": table.shares.tolist()}
                for table in self.tables
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(
            target=str(kept["target"]),
            labels=tuple(kept["labels"]),
            cuts={column: tuple(cuts) for column, cuts in kept["cuts"].items()},
            tables=tuple(
                Table(node=one["node"], parents=tuple(one["parents"]), shares=np.array(one["shares"]))
                for one in kept["tables"]
            ),
        )

    def _bounds(self) -> Sequence[tuple[float, ...]]:
        return list(self.cuts.values())

    def _told(self, table: Table, known: Mapping[str, Integers], rows: int) -> Floats:
        """What a table says of each label [rows, labels], the other nodes being known."""
        every = np.arange(len(self.labels))
        axes = [every[None] if name == self.target else known[name][:, None] for name in (*table.parents, table.node)]
        return np.broadcast_to(table.shares[tuple(axes)], (rows, len(self.labels)))
