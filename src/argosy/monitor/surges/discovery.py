"""Which of many open surges stand, so that few of those that are told of in a month are false.

The p-value of a series is the chance that its statistic, while nothing surges, comes as high within 30 days as it did
in the last 30. The rule of Benjamini and Hochberg (1995) at the share that is accepted, over all series that are
watched, gives a bound each period; an open surge stands once its own p-value is within. So of the series that have a
surge as strong as that in these 30 days, the expected share of those in which nothing surges is that share at most,
where series are independent or move together in the same direction (Benjamini and Yekutieli 2001). Nothing is promised
of series of which some rise because others fall, nor beyond the law that is expected of the counts.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import Floats


def p_values(evidence: Floats, periods: float) -> Floats:
    """Chances that ``evidence``, periods of calm in which it comes up once, comes up within so many ``periods``."""
    return np.asarray(-np.expm1(-periods / np.maximum(evidence, 1e-9)))


def standing(evidence: Floats, periods: int, share: float) -> NDArray[np.bool_]:
    """Where the evidence [series, times] stands at its time, ``periods`` being a month; nan is not watched."""
    from scipy.ndimage import maximum_filter1d

    if not evidence.size:
        return np.zeros(evidence.shape, dtype=bool)
    watched = ~np.isnan(evidence)
    known = np.where(watched, evidence, 0.0)
    before = np.pad(known, ((0, 0), (periods - 1, 0)))
    highest = maximum_filter1d(before, periods, axis=1, origin=(periods - 1) - periods // 2)[:, periods - 1 :]
    chances = np.sort(p_values(highest, periods), axis=0)
    bounds = share * np.arange(1, len(chances) + 1)[:, None] / np.maximum((highest > 0).sum(axis=0), 1)
    most = np.where(chances <= bounds, chances, -1.0).max(axis=0)
    return np.asarray(watched & (p_values(known, periods) <= most))
