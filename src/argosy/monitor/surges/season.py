"""What counts are expected: a negative binomial regression on the clock, learned day by day, for many series at once.

The logarithm of the mean is a level that wanders slowly, waves of the week and of the day, others for the weekend, and
a holiday's factor. Each day is one step of a Bayesian filter: the coefficients that are likeliest given those of the
day before and the counts of the day, by Newton's method, with the curvature there as their precision (West, Harrison
and Migon 1985). The dispersion has a chance for each value of a grid, by the likelihood of the counts before. Every
series is learned alone, so that what is said of one does not hang on which others are watched.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import DAY, Floats

WARM_UP = 7
"""Days from the first count on that are learned from before anything is told: nothing is known of a weekend before."""
_LEVEL = 2.0  # standard deviation of the logarithm of the level about that of the first days
_WANDER = 0.02  # by which it moves in a day
_SEASON = 0.6  # of all waves together
_HOLIDAY = 0.7
_ANEW = 1.5  # of a level that begins anew
_MOST = 5.0  # standard deviations beyond which a count teaches no more
_STEP = 1.0  # by which a step of Newton's may move the logarithm of a mean
_GRID = np.geomspace(0.005, 2.0, 13)
_USUAL, _SPREAD = np.log(0.1), 1.2  # of the dispersion's logarithm before anything is known


class Season:
    """The expectations of many series over the periods of one calendar; all arrays begin with [series]."""

    def __init__(self, starts: NDArray[np.int64], step: int, holidays: Collection[tuple[int, int]]) -> None:
        self._inputs, self._sizes = calendar(starts, step, holidays)

    def begin(self, first: slice, counts: Floats, exposure: Floats) -> None:
        """Learn from the first days alone; counts are nan where there is none."""
        series = len(counts)
        self._centre = np.log((np.nansum(counts, axis=1) + 0.5) / (np.nansum(exposure, axis=1) + 0.5))
        self._prior = np.tile(np.diag(self._sizes**-2.0), (series, 1, 1))
        self._precision = self._prior.copy()
        self._coefficients = np.zeros((series, len(self._sizes)))
        self._chances = np.tile(-0.5 * ((np.log(_GRID) - _USUAL) / _SPREAD) ** 2, (series, 1))
        for _ in range(3):  # the dispersion hangs on the course, and the course on the dispersion
            self.dispersion = self._expected_dispersion()
            self._fit(self._inputs[first], counts, exposure, rounds=4)
            mean, doubt = self._mean(first)
            likelihood = self._likelihood(counts, mean * exposure, -doubt)  # what was fitted scatters less
        self._chances += likelihood
        self._settle(self._inputs[first], counts, exposure)

    def predict(self, day: slice) -> tuple[Floats, Floats]:
        """Means of a whole exposure, and the variance of the doubt about their logarithms, [series, periods] each."""
        return self._mean(day)

    def learn(self, day: slice, counts: Floats, exposure: Floats, anew: NDArray[np.bool_]) -> None:
        """Take in a day; ``anew`` are the series whose level may be any from this day on."""
        mean, doubt = self._mean(day)
        expected = mean * exposure
        most = expected + _MOST * np.sqrt(expected + (self.dispersion[:, None] + doubt) * expected**2) + 1
        counts = np.where(anew[:, None], counts, np.minimum(counts, most))  # nan stays nan
        self._chances += np.where(anew, 0.0, 1.0)[:, None] * self._likelihood(counts, expected, doubt)
        wander = np.where(anew, _ANEW, _WANDER) ** 2
        first = self._precision[:, :, 0]
        shrink = wander / (1 + wander * first[:, 0])
        self._precision -= shrink[:, None, None] * first[:, :, None] * first[:, None, :]
        self._fit(self._inputs[day], counts, exposure, rounds=2)
        self._settle(self._inputs[day], counts, exposure)

    def _mean(self, day: slice) -> tuple[Floats, Floats]:
        inputs = self._inputs[day]
        line = self._coefficients @ inputs.T + self._centre[:, None]
        doubt = np.einsum("ti,sti->st", inputs, inputs @ np.linalg.inv(self._precision))
        return np.exp(np.clip(line, -20, 20)), np.minimum(doubt, 4.0)

    def _fit(self, inputs: Floats, counts: Floats, exposure: Floats, rounds: int) -> None:
        """The likeliest coefficients given those before and these counts."""
        before = self._coefficients
        for _ in range(rounds):
            expected = self._expected(inputs, exposure)
            scatter = 1 + self.dispersion[:, None] * expected
            error = np.where(np.isnan(counts), 0.0, (counts - expected) / scatter)
            pull = error @ inputs - np.einsum("sij,sj->si", self._precision, self._coefficients - before)
            move = np.linalg.solve(self._curvature(inputs, counts, exposure), pull[:, :, None])[:, :, 0]
            most = np.abs(move @ inputs.T).max(axis=1, keepdims=True)
            self._coefficients = self._coefficients + move * np.minimum(1.0, _STEP / np.maximum(most, 1e-12))

    def _settle(self, inputs: Floats, counts: Floats, exposure: Floats) -> None:
        self._precision = self._curvature(inputs, counts, exposure)
        self.dispersion = self._expected_dispersion()

    def _curvature(self, inputs: Floats, counts: Floats, exposure: Floats) -> Floats:
        expected = self._expected(inputs, exposure)
        weights = np.where(np.isnan(counts), 0.0, expected / (1 + self.dispersion[:, None] * expected))
        squares = (inputs[:, :, None] * inputs[:, None, :]).reshape(len(inputs), -1)
        return self._precision + (weights @ squares).reshape(self._precision.shape)

    def _expected(self, inputs: Floats, exposure: Floats) -> Floats:
        line = self._coefficients @ inputs.T + self._centre[:, None]
        return np.asarray(np.exp(np.clip(line, -20, 20)) * exposure)

    def _expected_dispersion(self) -> Floats:
        """By the parabola through the likeliest value of the grid and its neighbours."""
        best = np.clip(self._chances.argmax(axis=1), 1, len(_GRID) - 2)
        rows = np.arange(len(best))
        below, middle, above = (self._chances[rows, best + by] for by in (-1, 0, 1))
        bend = np.maximum(2 * middle - below - above, 1e-9)
        place = np.clip((above - below) / (2 * bend), -1, 1)
        wide = np.log(_GRID[1] / _GRID[0])
        return np.asarray(np.exp(np.log(_GRID[best]) + wide * place + np.minimum(wide**2 / bend, 1.0) / 2))

    def _likelihood(self, counts: Floats, expected: Floats, doubt: Floats) -> Floats:
        """The log-likelihood [series, grid] of the counts by each dispersion."""
        from scipy.special import gammaln

        size = 1 / np.maximum(_GRID + doubt[:, :, None], _GRID[0])
        number = np.where(np.isnan(counts), 0.0, counts)[:, :, None]
        mean = np.maximum(expected, 1e-12)[:, :, None]
        found = gammaln(number + size) - gammaln(size) + size * np.log(size / (size + mean))
        found += number * np.log(mean / (size + mean))
        return np.asarray(np.where(np.isnan(counts)[:, :, None], 0.0, found).sum(axis=1))


def calendar(starts: NDArray[np.int64], step: int, holidays: Collection[tuple[int, int]]) -> tuple[Floats, Floats]:
    """What the clock says of each period [periods, inputs], and the size of coefficient that is expected [inputs].

    The finer a wave the smaller, as 1 over its number.
    """
    days = starts / DAY
    weekend = np.isin((starts // DAY + 3) % 7, (5, 6)).astype(float)  # the epoch began on a Thursday
    columns, sizes = [weekend], [1.0]
    for number in range(1, 4):
        columns += _wave(days * number / 7)
        sizes += [1 / number] * 2
    for number in range(1, min(6, DAY // step // 2) + 1):
        columns += _wave(days * number)
        sizes += [1 / number] * 2
    for number in range(1, min(2, DAY // step // 2) + 1):
        columns += [weekend * wave for wave in _wave(days * number)]
        sizes += [0.5 / number] * 2
    waves = np.array(sizes) * _SEASON
    off = np.zeros(len(starts))
    for begin, end in holidays:
        off[(starts >= begin) & (starts < end)] = 1.0
    return np.stack([np.ones(len(starts)), *columns, off], axis=1), np.array([_LEVEL, *waves, _HOLIDAY])


def _wave(turns: Floats) -> list[Floats]:
    return [np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)]
