"""What a look found, as JSON for people's screens: each signal with its usual band and its last points."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.baseline import Course, warm_up

Floats = NDArray[np.float64]
_BAND = (0.025, 0.975)
_DIGITS = 5


def signal(course: Course, points: int) -> dict[str, Any]:
    """A signal now: its last ``value``, what is ``usual`` then, and between ``low`` and ``high`` 95 of 100 periods.

    ``to_go`` is how many periods with a value it lacks until it can alarm; ``points`` are start, value, usual, low and
    high of the last periods.
    """
    series = course.series
    step = int(series.starts[1] - series.starts[0]) if len(series.starts) > 1 else 1
    to_go = max(0, warm_up(step) - int(np.sum(~np.isnan(series.values))))
    low, high = _band(course)
    columns = (series.values, course.usual, low, high)
    last = np.flatnonzero(~np.isnan(series.values))[-1:]
    now = [_told(column[last[0]]) if len(last) else None for column in columns]
    shown = range(max(0, len(series.starts) - points), len(series.starts))
    return {
        "signal": series.signal,
        "slice": series.slice,
        "law": series.law,
        **dict(zip(("value", "usual", "low", "high"), now, strict=True)),
        "at": int(series.starts[last[0]]) if len(last) else None,
        "weight": _told(series.weights[last[0]]) if len(last) else 0,
        "to_go": to_go,
        "points": [[int(series.starts[at]), *(_told(column[at]) for column in columns)] for at in shown],
    }


def _band(course: Course) -> tuple[Floats, Floats]:
    """The band around the usual values in which 95 of 100 of the periods without an alarm lay."""
    values, usual = course.series.values, course.usual
    calm = ~np.isnan(values) & ~np.isnan(course.scores)
    for one in course.episodes:
        calm[one.since : one.closed if one.closed is not None else len(calm)] = False
    if not calm.any():
        return np.full_like(usual, np.nan), np.full_like(usual, np.nan)
    if course.series.law == "count":
        low, high = np.quantile(np.log((values[calm] + 0.5) / (usual[calm] + 0.5)), _BAND)
        return np.maximum((usual + 0.5) * np.exp(low) - 0.5, 0.0), (usual + 0.5) * np.exp(high) - 0.5
    low, high = np.quantile(values[calm] - usual[calm], _BAND)
    ends = usual + low, usual + high
    return (np.clip(ends[0], 0, 1), np.clip(ends[1], 0, 1)) if course.series.law == "share" else ends


def plain(value: Any) -> Any:
    """The same as JSON: no tuples, no numpy, and None for what is no finite number."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _told(value: float) -> float | None:
    """A figure to so many digits; None of a missing one."""
    return None if np.isnan(value) else float(f"{value:.{_DIGITS}g}")
