"""Linear regressions of many signals at once, updated period by period, and what their errors scatter by."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST = 1e-6
"""Of a signal's spread, squared: no variance becomes less."""
_CAREFUL = 10.0  # periods that the first guess of the noise weighs


class Regression:
    """Bayesian linear regressions whose past fades: recursive least squares.

    Coefficients are expected around 0 with standard deviations ``sizes`` [inputs]. A period counts e times less after
    ``memory`` others.
    """

    def __init__(self, signals: int, sizes: Floats, memory: int) -> None:
        self.doubt = np.zeros(signals)
        self._coefficients = np.zeros((signals, len(sizes)))
        self._spread = np.tile(np.diag(sizes**2), (signals, 1, 1))
        self._pull = np.zeros((signals, len(sizes)))
        self._fade = 1 - 1 / memory

    def predict(self, inputs: Floats) -> Floats:
        """The means [signals] at ``inputs`` [signals, inputs]; ``doubt`` is their variance then."""
        self._pull = np.einsum("sij,sj->si", self._spread, inputs)
        self.doubt = (inputs * self._pull).sum(axis=1)
        return np.asarray((inputs * self._coefficients).sum(axis=1))

    def renew(self, which: int, size: float) -> None:
        """Know one coefficient no better than to ``size`` standard deviations."""
        self._spread[:, which, which] += size**2

    def learn(self, where: NDArray[np.bool_], error: Floats, total: Floats) -> None:
        """Take in the errors of what was predicted last, ``total`` being noise and doubt together."""
        ratio = np.where(where, 1 / total, 0.0)[:, None] * self._pull
        self._coefficients += ratio * error[:, None]
        self._spread -= ratio[:, :, None] * self._pull[:, None, :]
        self._spread /= np.where(where, self._fade, 1.0)[:, None, None]


class Noise:
    """The variance of periods: that of the signal, and a factor on what its few observations leave.

    Least squares of squared errors on both, weighted by the inverse square of the variance. ``guess`` [signals] is what
    the variance may be, half of it by either.
    """

    def __init__(self, guess: Floats, memory: int) -> None:
        signals = len(guess)
        self._moments = np.tile(np.eye(2) * _CAREFUL, (signals, 1, 1))
        self._squares = np.tile(_CAREFUL * guess[:, None] / 2, (1, 2))
        self._kinds = np.ones((signals, 2))
        self._noise = np.ones(signals)
        self._fade = 1 - 1 / memory

    def predict(self, sampling: Floats) -> Floats:
        """The variances [signals] where few observations leave ``sampling``."""
        self._kinds = np.stack([np.ones(len(sampling)), sampling], axis=1)
        factors = _not_negative(self._moments, self._squares)
        self._noise = np.maximum((self._kinds * factors).sum(axis=1), LEAST)
        return self._noise

    def learn(self, where: NDArray[np.bool_], error: Floats, doubt: Floats) -> None:
        """Take in errors of that doubt; the noise's part of their squares is what is expected of it given the error."""
        total = self._noise + doubt
        share = self._noise / total
        square = (share * error) ** 2 + share * doubt
        fade = np.where(where, self._fade, 1.0)
        kinds = np.where(where[:, None], self._kinds / total[:, None], 0.0)
        self._moments = self._moments * fade[:, None, None] + kinds[:, :, None] * kinds[:, None, :]
        self._squares = self._squares * fade[:, None] + kinds * (square / total)[:, None]


def _not_negative(moments: Floats, squares: Floats) -> Floats:
    """The least-squares solution [signals, 2] of two equations, no part of it below 0."""
    a, b, d = moments[:, 0, 0], moments[:, 0, 1], moments[:, 1, 1]
    determinant = np.maximum(a * d - b * b, LEAST * a * d)
    first = (d * squares[:, 0] - b * squares[:, 1]) / determinant
    second = (a * squares[:, 1] - b * squares[:, 0]) / determinant
    alone = squares / np.stack([a, d], axis=1)
    return np.stack(
        [
            np.where(second < 0, alone[:, 0], np.maximum(first, 0.0)),
            np.where(first < 0, alone[:, 1], np.maximum(second, 0.0)),
        ],
        axis=1,
    )
