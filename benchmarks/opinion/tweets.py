"""Alarms for real mentions of companies, with windows in which people saw something happen.

    python -m benchmarks.opinion.tweets FOLDER

FOLDER holds a table ``NAME.csv`` (timestamp, value) for each company and ``windows.json`` (Numenta Anomaly Benchmark,
realTweets). The records of five minutes are added up by the hour, which is what the monitor watches. A window is found
where an alarm fires in it; an alarm outside the windows counts as false although nobody says that nothing happened
there. Alarms count once 15 % of a series is over, and windows before that are told of apart. The limits behind a
contract come from simulation alone; the contracts are what is accepted by default, a tenth of it, and a ten-millionth,
which is nearly as much evidence as can be asked for. How evidence of bursts is tempered was written with these series
in sight, so the figures say what the method can do rather than what it will do elsewhere.
``three_sigma`` is mean + 3 standard deviations of the same hour of the day in the week before.
"""

import argparse
import csv
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell

from argosy.monitor.surges.series import DAY, HOUR, Counted
from argosy.monitor.surges.watch import surges

RECORDED = HOUR // 12
CONTRACTS = {"default": 1.0, "tenth": 0.1, "strict": 1e-7}
PROBATION = 0.15


def main() -> None:
    """All series by each contract, and the line with the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    windows = {
        name: [(_microseconds(first), _microseconds(last)) for first, last in spans]
        for name, spans in json.loads((given.folder / "windows.json").read_text(encoding="utf-8")).items()
    }
    series = [hours(given.folder / f"{name}.csv") for name in sorted(windows)]
    by: dict[str, Any] = {}
    for contract, false_alarms in CONTRACTS.items():
        note(contract)
        fired = [
            [surge.fired for surge in surges([one], false_alarms=false_alarms, false_share=0.2)[0].surges]
            for one in series
        ]
        by[contract] = {"false_alarms": false_alarms, **held(series, fired, windows)}
    by["three_sigma"] = held(series, [three_sigma(one) for one in series], windows)
    tell("tweets", {"by": by, "step": "1 hour", "probation": PROBATION}, packages=("numpy", "scipy"))


def hours(path: Path) -> Counted:
    """The mentions of each hour, and what part of it was recorded."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(_microseconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    place = np.array([time // HOUR for time, _ in rows])
    first, place = int(place.min()), place - place.min()
    recorded = np.bincount(place) * RECORDED / HOUR
    counts = np.where(recorded > 0, np.bincount(place, [value for _, value in rows]), np.nan)
    starts = (first + np.arange(len(counts), dtype=np.int64)) * HOUR
    return Counted(name=path.stem, starts=starts, counts=counts, exposure=np.minimum(recorded, 1.0))


def three_sigma(one: Counted) -> list[int]:
    """Hours that come to be above three standard deviations of the same hours of the week before."""
    over = np.zeros(len(one.counts), dtype=bool)
    for hour in range(168, len(over)):
        past = one.counts[hour - 168 : hour : 24]
        over[hour] = one.counts[hour] > np.nanmean(past) + 3 * np.nanstd(past)
    return [int(hour) for hour in np.flatnonzero(np.diff(over.astype(int), prepend=0) > 0)]


def held(
    series: Sequence[Counted], alarms: Sequence[Sequence[int]], windows: dict[str, list[tuple[int, int]]]
) -> dict[str, Any]:
    """Recall of the windows, of those that end after the warm-up, and false alarms a day and series."""
    found: list[bool] = []
    heard: list[bool] = []
    false, days = 0, 0.0
    for one, fired in zip(series, alarms, strict=True):
        begin = round(PROBATION * len(one.starts))
        ends = [int(one.starts[hour]) + HOUR - 1 for hour in fired if hour >= begin]
        spans = windows[one.name]
        false += sum(not any(first <= end <= last for first, last in spans) for end in ends)
        days += (len(one.starts) - begin) * HOUR / DAY
        own = [any(first <= end <= last for end in ends) for first, last in spans]
        found += own
        heard += [hit for hit, (_, last) in zip(own, spans, strict=True) if last >= one.starts[begin]]
    return {
        "recall": round(float(np.mean(found)), 4),
        "windows": len(found),
        "recall_after_warm_up": round(float(np.mean(heard)), 4),
        "windows_after_warm_up": len(heard),
        "false": false,
        "false_a_day": round(false / days, 4),
    }


def _microseconds(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1_000_000)


if __name__ == "__main__":
    main()
