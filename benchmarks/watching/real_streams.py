"""False alarms and detection on real streams: mentions of companies, with windows in which people saw something happen.

    python -m benchmarks.watching.real_streams FOLDER

FOLDER holds a table ``NAME.csv`` (timestamp, value) for each stream and ``windows.json`` (Numenta Anomaly Benchmark,
realTweets). An alarm outside the windows counts as false although nobody says that nothing happened there. Nothing is
tuned to the windows.
"""

import argparse
import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell

from argosy.monitor.baseline import HOUR, Course, courses
from argosy.monitor.contract import share_out
from argosy.monitor.series import Series

MINUTE = HOUR // 60
RECORDED = 5 * MINUTE
CONTRACTS = (1.0, 4.0)


def main() -> None:
    """All streams by several lengths of period, and the line with the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="hours alone")
    given = parser.parse_args()
    windows = json.loads((given.folder / "windows.json").read_text(encoding="utf-8"))
    told = {}
    for minutes in (60,) if given.quick else (60, 30, 10):
        note(f"periods of {minutes} minutes")
        streams = [stream(given.folder / f"{name}.csv", minutes * MINUTE) for name in sorted(windows)]
        for contract in CONTRACTS:
            told[f"{minutes} minutes, {contract:g}"] = _held(streams, windows, contract, minutes)
    tell("real_streams", {"settings": told}, packages=("numpy", "scipy"))


def stream(path: Path, step: int) -> Series:
    """The mentions of each whole period, of a whole one where records are missing."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(_microseconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    times, values = np.array([time for time, _ in rows]), np.array([value for _, value in rows])
    first, last = int(times.min() // step) + 1, int(times.max() // step)
    place = times // step - first
    inside = (place >= 0) & (place < last - first)
    total = np.bincount(place[inside], values[inside], minlength=last - first)
    watched = np.bincount(place[inside], minlength=last - first) * RECORDED / step
    mean = np.divide(total, watched, out=np.full_like(total, np.nan), where=watched > 0)
    starts = np.arange(first, last, dtype=np.int64) * step
    return Series(signal=path.stem, slice="", starts=starts, values=mean, weights=watched, law="count")


def _held(streams: list[Series], windows: dict[str, Any], contract: float, minutes: int) -> dict[str, Any]:
    """Alarms outside the windows against the contract, and what was found within."""
    rate = share_out(contract, len(streams), 30 * 24 * 60 / minutes)
    false, expected, delays = 0, 0.0, []
    for course in (courses([one], rate=rate)[0] for one in streams):
        starts, spans = course.series.starts, [list(map(_microseconds, span)) for span in windows[course.series.signal]]
        inside = np.any([(starts >= first) & (starts <= last) for first, last in spans], axis=0)
        scored = np.isfinite(course.scores)
        false += sum(not inside[episode.fired] for episode in course.episodes)
        expected += float((scored & ~inside).sum() * rate)
        delays += [_delay(course, *span) for span in spans if scored[(starts >= span[0]) & (starts <= span[1])].any()]
    found = [delay for delay in delays if delay is not None]
    return {
        "false": false,
        "expected": expected,
        "ratio": false / expected,
        "windows": len(delays),
        "found": len(found),
        "hours_into_a_window": float(np.median(found)) if found else None,
    }


def _delay(course: Course, first: int, last: int) -> float | None:
    """Hours from the beginning of a window to the first alarm in it; none where there was none."""
    starts = course.series.starts
    fired = [int(starts[one.fired]) for one in course.episodes if first <= starts[one.fired] <= last]
    return (fired[0] - first) / HOUR if fired else None


def _microseconds(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1_000_000)


if __name__ == "__main__":
    main()
