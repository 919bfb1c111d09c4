"""How long until a lasting shift is found? Shifts of three sizes, beside a fixed rule of so many standard deviations.

Requests per hour, and the mean confidence of an hour with heavy tails, move for good after a month by half, one and two
standard deviations of an hour; ten series share a contract of one false alarm a month. The fixed rule alarms where a
value is further than three standard deviations from the mean of the two weeks of warm-up, and again with as many
standard deviations as give it the false alarms that were realised here: on the values, and, to be fair to it, on what a
mean for each hour of the day leaves of them.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.watching.streams import Floats, months

from argosy.monitor.baseline import HOUR, courses, warm_up
from argosy.monitor.contract import share_out
from argosy.monitor.series import Series

SIZES = (0.5, 1.0, 2.0)
RATE = share_out(1.0, 10, 720)
WEEK = 168
BEGIN = warm_up(HOUR) + 360  # the period in which the shift begins
LENGTH = BEGIN + 2 * WEEK
RULE = 3.0


def main() -> None:
    """Both signals at all sizes, and the line with the figures."""
    runs = 40 if arguments(__doc__).quick else 400
    told = {name: _signal(name, runs) for name in ("traffic", "confidence")}
    tell("detection_delay", {"runs": runs, "signals": told}, packages=("numpy", "scipy"))


def _signal(name: str, runs: int) -> dict[str, Any]:
    note(f"{name}: nothing changes")
    still = months(runs, LENGTH, np.random.default_rng(5))[name]
    free = [sum(one.fired >= warm_up(HOUR) for one in course.episodes) for course in courses(still, rate=RATE)]
    values, flat = _line(still), _flattened(_line(still))
    scored = runs * (LENGTH - warm_up(HOUR))
    return {
        "false_alarms_a_month": float(np.sum(free)) / scored * 720,
        "sizes": {f"{size:g}": _size(still, size, np.sum(free)) for size in SIZES},
        "rules": {
            what: {"limit": limit, "false_alarms_a_month": float(_runs_beyond(given, limit).sum()) / scored * 720}
            for what, given, limit in (("fixed", values, RULE), ("fixed, by hour", flat, RULE))
        },
    }


def _size(still: list[Series], size: float, free: int) -> dict[str, Any]:
    note(f"a shift of {size} standard deviations")
    moved = [replace(one, values=_moved(one, size)) for one in still]
    delays = [
        next((float(one.fired - BEGIN + 1) for one in course.episodes if one.fired >= BEGIN), np.inf)
        for course in courses(moved, rate=RATE)
    ]
    before, after = _line(still), _line(moved)
    rules = {"fixed": (before, after), "fixed, by hour": (_flattened(before), _flattened(after))}
    told = {"argosy": _told(np.array(delays))}
    for name, (quiet, shifted) in rules.items():
        told[f"{name}, 3 sd"] = _told(_first_beyond(shifted, RULE))
        told[f"{name}, as many false alarms"] = _told(_first_beyond(shifted, _equal(quiet, free)))
    return told


def _moved(one: Series, size: float) -> Floats:
    """The values with a shift, in standard deviations of an hour: of its logarithm, or of its mean."""
    later = np.arange(LENGTH) >= BEGIN
    if one.law == "count":
        usual = np.maximum(np.nanmean(one.values), 1.0)
        return np.where(later, np.round(one.values * np.exp(size * np.sqrt(1 / 20 + 1 / usual))), one.values)
    spread = np.sqrt(0.15**2 / np.maximum(one.weights, 1) + 2 * 0.005**2)  # of a mean of so many, and of Student's t
    return np.where(later, one.values + size * spread, one.values)


def _line(some: list[Series]) -> Floats:
    values = np.stack([one.values for one in some])
    return np.log(values + 0.5) if some[0].law == "count" else values


def _flattened(values: Floats) -> Floats:
    """Less the mean of the hour of the day, by the warm-up."""
    days = values[:, : warm_up(HOUR)].reshape(len(values), -1, 24)
    return values - np.tile(np.nanmean(days, axis=1), (1, values.shape[1] // 24))


def _beyond(values: Floats, limit: float) -> Any:
    """Whether a value [runs, periods after the warm-up] is further from the warm-up's mean than the limit."""
    early = values[:, : warm_up(HOUR)]
    off = values - np.nanmean(early, axis=1, keepdims=True)
    return np.abs(off / np.nanstd(early, axis=1, keepdims=True)) > limit


def _runs_beyond(values: Floats, limit: float) -> Any:
    """How often [runs] the rule alarms after the warm-up: values beyond the limit in a row are one alarm."""
    beyond = _beyond(values, limit)[:, warm_up(HOUR) - 1 :]
    return (beyond[:, 1:] & ~beyond[:, :-1]).sum(axis=1)


def _first_beyond(values: Floats, limit: float) -> Floats:
    beyond = _beyond(values, limit)[:, BEGIN:]
    return np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1.0, np.inf)


def _equal(quiet: Floats, alarms: int) -> float:
    """The limit at which the rule has at most so many false alarms."""
    return next(limit for limit in np.arange(2, 50, 0.05) if _runs_beyond(quiet, limit).sum() <= alarms)


def _told(delays: Floats) -> dict[str, float | None]:
    """Hours, none where the quantile was not found in two weeks."""
    middle, late = (float(np.quantile(delays, q, method="higher")) for q in (0.5, 0.9))
    return {
        "median": middle if np.isfinite(middle) else None,
        "late": late if np.isfinite(late) else None,
        "in_a_week": float((delays <= WEEK).mean()),
    }


if __name__ == "__main__":
    main()
