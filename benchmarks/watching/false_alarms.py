"""How many false alarms does a contract give? A thousand simulated projects in which nothing changes.

Five signals in hours and the same five in days, ten series that share one contract; each hour's and day's signals hang
on the same requests. Counted are alarms after the warm-up (in days: from a month after it on, since a sum of days takes
weeks to be as full as it will be), against the periods scored times the rate.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.watching.streams import LAWS, months

from argosy.monitor.baseline import DAY, HOUR, Course, courses, warm_up
from argosy.monitor.contract import share_out

CONTRACTS = (0.5, 1.0, 4.0)
MONTH = 30
AT_ONCE = 100  # projects that are simulated together: what they hold fits a processor's cache
STEPS = {"hours": HOUR, "days": DAY}


def main() -> None:
    """Every contract over all projects, and the line with the figures."""
    runs = 100 if arguments(__doc__).quick else 1_000
    told = realised(runs, seed=8)
    tell("false_alarms", {"runs": runs, "series": len(LAWS) * len(STEPS), **told}, packages=("numpy", "scipy"))


def realised(runs: int, *, seed: int) -> dict[str, Any]:
    """Alarms over their expectation, by contract, and by signal and period at all contracts."""
    counted = {contract: [] for contract in CONTRACTS}
    kinds: dict[str, list[tuple[float, float]]] = {}
    for first in range(0, runs, AT_ONCE):
        note(f"projects from {first} on")
        rng = np.random.default_rng([seed, first])
        here = min(AT_ONCE, runs - first)
        for contract, kind, pairs in _counted(here, rng):
            counted[contract].append(pairs)
            kinds.setdefault(kind, []).extend(map(tuple, pairs))
    by_run = {contract: _by_run(counted[contract]) for contract in CONTRACTS}
    return {
        "contracts": {f"{contract:g}": _ratio(pairs) for contract, pairs in by_run.items()},
        "kinds": {kind: _ratio(np.array(pairs)) for kind, pairs in kinds.items()},
    }


def _counted(runs: int, rng: np.random.Generator) -> Iterator[tuple[float, str, Any]]:
    """By contract, signal and period: alarms and expected ones [runs, 2]."""
    for name, step in STEPS.items():
        a_day = DAY // step
        settled = warm_up(step) + (MONTH if step == DAY else 0)
        signals = months(runs, settled + 3 + (MONTH if step < DAY else 3 * MONTH) * a_day, rng, step)
        for contract in CONTRACTS:
            rate = share_out(contract, len(LAWS) * len(STEPS), MONTH * a_day)
            for kind, some in signals.items():
                found = courses(some, rate=rate)
                yield contract, f"{kind}, {name}", np.array([_alarms(course, settled, rate) for course in found])


def _alarms(course: Course, settled: int, rate: float) -> tuple[float, float]:
    fired = sum(episode.fired >= settled for episode in course.episodes)
    return float(fired), float(np.isfinite(course.scores[settled:]).sum() * rate)


def _by_run(parts: list[Any]) -> Any:
    """Alarms and expected ones [runs, 2] over all series; parts of one size belong to the same projects."""
    each = len(LAWS) * len(STEPS)
    return np.concatenate([np.sum(parts[place : place + each], axis=0) for place in range(0, len(parts), each)])


def _ratio(pairs: Any) -> dict[str, float]:
    """Alarms over expected ones with the 95 % interval of a ratio whose projects are independent."""
    alarms, expected = pairs[:, 0], pairs[:, 1]
    value = alarms.sum() / expected.sum()
    error = np.sqrt(((alarms - value * expected) ** 2).sum()) / expected.sum()
    return {
        "value": float(value),
        "low": float(max(value - 1.96 * error, 0)),
        "high": float(value + 1.96 * error),
        "alarms": int(alarms.sum()),
    }


if __name__ == "__main__":
    main()
