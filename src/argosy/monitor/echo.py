"""What the errors before let expect of the next one: its mean, and how much it will scatter.

Both are regressed on means over the last period and its doubles, up to a day: after Corsi's heterogeneous
autoregression (2009), which follows short and long memory with few coefficients, and Engle's conditional variance
(1982), since bursts come in storms: without it three large errors in a row, which a storm makes likely, look like a
change.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.regression import Regression

Floats = NDArray[np.float64]
_SIZE = 0.25  # standard deviation of a coefficient, before any is known: four in a day's sum to an echo of 1/2
_CALM = 0.25  # of the usual variance: no lull counts as calmer


class Echo:
    """The echoes of many signals at once; ``most`` is where an error begins to count as that much."""

    def __init__(self, signals: int, periods: int, *, longest: int, memory: int, most: float) -> None:
        self._spans = [2**power for power in range(longest.bit_length())]
        sizes = np.full(1 + len(self._spans), _SIZE)
        self._mean, self._storm = Regression(signals, sizes, memory), Regression(signals, sizes, memory)
        self._errors, self._squares = np.zeros((signals, periods)), np.zeros((signals, periods))
        self._most = most
        self._left = self._excess = self._off = np.zeros(signals)
        self._variance = np.ones(signals)

    def remove(self, period: int, error: Floats, here: NDArray[np.bool_]) -> Floats:
        """What is new in standardised errors [signals], standardised again; where nothing is ``here`` no echo stays."""
        self._left = error - self._mean.predict(self._before(self._errors, period))
        expected = self._storm.predict(self._before(self._squares, period))
        self._excess = np.minimum(self._left**2, self._most**2) - 1
        self._off = self._excess - expected
        self._variance = np.maximum(1 + expected, _CALM)
        self._errors[:, period] = np.where(here, np.clip(error, -self._most, self._most), 0.0)
        self._squares[:, period] = np.where(here, self._excess, 0.0)
        return np.asarray(self._left / np.sqrt(self._variance + self._mean.doubt))

    def learn(self, where: NDArray[np.bool_]) -> None:
        """Take in the period whose echo was removed last."""
        total = self._variance + self._mean.doubt
        most = self._most * np.sqrt(total)
        self._mean.learn(where, np.clip(self._left, -most, most), total)
        self._storm.learn(where, self._off, 2 * self._variance**2 + self._storm.doubt)  # of a normal error's square

    def _before(self, past: Floats, period: int) -> Floats:
        means = [past[:, max(period - span, 0) : period].sum(axis=1) / span for span in self._spans]
        return np.stack([np.ones(len(past)), *means], axis=1)
