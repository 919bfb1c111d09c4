"""Which of many open surges stand, so that few of those that are told of are false.

The p-value of a series in a period is the chance that its statistic, while nothing surges, comes as high within a day.
The rule of Benjamini and Hochberg (1995) at the share that is accepted, over all series that are watched in the period,
says which of the open ones stand. Of those that stand in a period the expected share of false ones is that at most
where series are independent or move together in the same direction (Benjamini and Yekutieli 2001); nothing is promised
of series of which some rise because others fall.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import Floats


def p_values(statistic: Floats, kept: Floats, periods: float) -> Floats:
    """Chances that the statistic passes such a height within so many ``periods`` (those of a day)."""
    return np.asarray(-np.expm1(-periods * kept / np.maximum(statistic, 1e-9)))


def standing(chances: Floats, share: float) -> NDArray[np.bool_]:
    """Where p-values [series, periods] are low enough in their period; nan is not watched."""
    watched = ~np.isnan(chances)
    ordered = np.sort(np.where(watched, chances, np.inf), axis=0)
    ranks = np.arange(1, len(chances) + 1)[:, None]
    bounds = share * ranks / np.maximum(watched.sum(axis=0), 1)
    low = ordered <= bounds
    most = np.where(low, ordered, -np.inf).max(axis=0, initial=-np.inf)
    return np.asarray(watched & (chances <= most))
