"""Simulated months of a service whose signals keep to their usual course, or leave it by a stated size.

Requests come by day and night, fewer at weekends, and scatter more than Poisson's law; a hundredth of the periods and a
stretch of up to thirty hours are missing. Everything else hangs on the requests of the period.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.baseline import DAY, HOUR
from argosy.monitor.series import Law, Series

Floats = NDArray[np.float64]
LAWS: Mapping[str, Law] = {
    "traffic": "count",
    "errors": "share",
    "label": "share",
    "latency": "amount",
    "confidence": "level",
}
FIRST = 20_000 * DAY
_BURSTS = 20.0  # shape of the gamma law that requests are over-dispersed by
_ECHO = 0.6  # autocorrelation of the latency from hour to hour


def months(runs: int, periods: int, rng: np.random.Generator, step: int = HOUR) -> dict[str, list[Series]]:
    """Every signal of each run, nothing having changed."""
    starts = FIRST + np.arange(periods, dtype=np.int64) * step
    hour, busy = starts / HOUR % 24, 80 * step / HOUR
    shape = np.exp(0.8 * np.sin(2 * np.pi * (hour - 9) / 24) + 0.3 * np.sin(4 * np.pi * (hour - 7) / 24))
    shape = np.where((starts // DAY + 3) % 7 >= 5, 0.5, 1.0) * (shape if step < DAY else 1.0)  # noqa: PLR2004
    usual = busy * shape * rng.lognormal(0, 0.7, size=(runs, 1))
    requests = rng.poisson(usual * rng.gamma(_BURSTS, 1 / _BURSTS, size=usual.shape)).astype(np.float64)
    missing = rng.random(requests.shape) < 0.01  # noqa: PLR2004
    for run in range(runs):
        begin = rng.integers(periods)
        missing[run, begin : begin + rng.integers(1, 2 + 30 * HOUR // step)] = True
    requests[missing] = np.nan
    return {
        name: [one(name, run, starts, values[run], requests[run]) for run in range(runs)]
        for name, values in _signals(requests, hour, rng).items()
    }


def one(name: str, run: int, starts: NDArray[np.int64], values: Floats, requests: Floats) -> Series:
    """A signal of a run; what is not a count is missing where there was no request."""
    law = LAWS[name]
    weights = np.where(np.isnan(values), 0.0, 1.0 if law == "count" else np.nan_to_num(requests))
    return Series(signal=name, slice=str(run), starts=starts, values=values, weights=weights, law=law)


def _signals(requests: Floats, hour: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    some = np.where(requests > 0, requests, np.nan)
    count = np.nan_to_num(some).astype(np.int64)
    label = 0.2 + 0.05 * np.sin(2 * np.pi * (hour - 12) / 24)
    labels = rng.beta(60 * label, 60 * (1 - label), size=some.shape)  # shares scatter more than a binomial's
    echo, noise = np.zeros_like(some), rng.normal(0, 0.8, size=some.shape)
    for period in range(1, some.shape[1]):
        echo[:, period] = _ECHO * echo[:, period - 1] + noise[:, period]
    few = 1 / np.sqrt(some)
    return {
        "traffic": requests,
        "errors": rng.binomial(count, 0.01) / some,
        "label": rng.binomial(count, labels) / some,
        "latency": np.exp(3 + 0.2 * echo + 0.5 * few * rng.normal(size=some.shape)),
        "confidence": 0.85 + 0.15 * few * rng.normal(size=some.shape) + 0.005 * rng.standard_t(4, size=some.shape),
    }
