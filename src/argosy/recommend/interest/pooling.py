"""What of a history counts how much: later events more than earlier ones, stronger ones more than weaker."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History

LONGEST = 300
"""The last events of a history that are looked at."""
_DAY = 86_400_000_000


def features(later: NDArray[Any], ago: NDArray[Any], success: NDArray[np.bool_]) -> Floats:
    """Float32 [..., 3] of arrays of one shape: log2(1 + later events), log2(1 + days ago), 1 where it was no success.

    ``ago`` are microseconds; an event from the future is as old as now.
    """
    columns = (np.log2(1.0 + later), np.log2(1.0 + np.maximum(ago, 0) / _DAY), ~success)
    return np.stack(columns, axis=-1).astype(np.float32)


def recent(history: History) -> History:
    """The last events of it that tell of a taste, LONGEST at most."""
    kept = np.flatnonzero(history.strength > 0)[-LONGEST:]
    return History(
        items=history.items[kept],
        times=history.times[kept],
        strength=history.strength[kept],
        success=history.success[kept],
        now=history.now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """An event weighs its strength times exp(features · slopes); the weights of a history sum to 1."""

    slopes: tuple[float, ...] = (-0.3, 0.0, -1.0)

    def weights(self, history: History) -> Floats:
        """Float32 [events], of a ``recent`` history."""
        later = np.arange(len(history))[::-1]
        known = features(later, history.now - history.times, history.success)
        told = known @ np.asarray(self.slopes, np.float32) + np.log(history.strength)
        weights = np.exp(told - told.max(initial=-np.inf))
        return np.asarray(weights / weights.sum(), np.float32)
