"""What a series did before tells how far its evidence strays without a surge: some come in bursts by their nature.

While counts follow the law that is expected of them, the logarithm of the statistic passes a base by an amount whose
law is exponential with mean 1. Counts that come in bursts make it stray further. The mean of how far it strayed, the
few furthest strays left out, since a topic may surge ``_SURGES`` times a week, says by what the evidence is tempered:
its logarithm beyond the base is divided by that mean. Chance alone rarely lets it look larger than 1.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import Floats

BASE = 10.0
"""Statistic from which on a stray is one; it is over below a third."""
_SURGES = 1.0
_PRIOR = 20.0  # strays of mean 1 that are taken as seen
_DOUBT = 1.5  # standard errors by which the mean must be off
_FAR = 25.0  # that a stray counts at most
_LEAST = 0.1  # of the evidence is left in any case


class Bursts:
    """The strays of many series."""

    def __init__(self, series: int) -> None:
        self._inside = np.zeros(series, dtype=bool)
        self._peaks = np.zeros(series)
        self._strays: list[list[float]] = [[] for _ in range(series)]

    def see(self, statistic: Floats, begun: NDArray[np.bool_]) -> None:
        """Take the statistics [series] of a period; those that have ``begun`` anew stray no more."""
        over = self._inside & ((statistic < BASE / 3) | begun)
        for series in np.flatnonzero(over):
            self._strays[series].append(min(float(np.log(self._peaks[series] / BASE)), _FAR))
        self._inside = (self._inside & ~over) | (statistic >= BASE)
        self._peaks = np.where(self._inside, np.maximum(np.where(over, 0.0, self._peaks), statistic), 0.0)

    def powers(self, weeks: float) -> Floats:
        """What part of the evidence [series] counts after so many weeks: 1, or less of what comes in bursts.

        The furthest strays count like the furthest of the others (type II censoring of an exponential law).
        """
        return np.array([_power(strays, int(np.ceil(weeks * _SURGES))) for strays in self._strays])


def tempered(statistic: Floats, powers: Floats) -> Floats:
    """The statistics whose strays have mean 1."""
    return np.where(statistic > BASE, BASE * (np.maximum(statistic, BASE) / BASE) ** powers, statistic)


def _power(strays: list[float], surges: int) -> float:
    kept = sorted(strays)[: max(len(strays) - surges, 0)]
    if not kept:
        return 1.0
    known = _PRIOR + len(kept)
    mean = (_PRIOR + sum(kept) + (len(strays) - len(kept)) * kept[-1]) / known
    return float(np.clip((1 + _DOUBT / np.sqrt(known)) / mean, _LEAST, 1.0))
