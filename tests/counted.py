"""Counts with a day and a week in them, drawn for tests of surges."""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import DAY, HOUR, Counted

MONDAY = 19_996 * DAY


def usual(hours: int, level: float, *, series: int = 1) -> NDArray[np.float64]:
    """The expected counts [series, hours]: more by day than by night, fewer at weekends."""
    clock = np.arange(hours)
    course = np.exp(0.6 * np.sin(2 * np.pi * (clock - 8) / 24)) * np.where(clock // 24 % 7 >= 5, 0.7, 1.0)
    return np.tile(course / course.mean() * level, (series, 1))


def drawn(mean: NDArray[np.float64], *, seed: int, size: float = 5.0) -> NDArray[np.float64]:
    """Negative binomial counts of that mean."""
    return np.random.default_rng(seed).negative_binomial(size, size / (size + mean)).astype(float)


def counted(counts: NDArray[np.float64], *, exposure: NDArray[np.float64] | None = None, name: str = "a") -> Counted:
    """Hourly counts from a Monday on."""
    whole = np.ones(len(counts)) if exposure is None else exposure
    return Counted(name=name, starts=MONDAY + np.arange(len(counts)) * HOUR, counts=counts, exposure=whole)
