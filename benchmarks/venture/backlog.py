"""What 1,000 requests cost where bursts come faster than they are answered: foretold from a curve, and measured.

    make demo
    python -m benchmarks.venture.backlog [--quick] [PROJECT]

PROJECT is a built one (examples/reviews by default); its test rows, one a request, are what is asked. First the curve
of its server is measured, as ``argosy compute measure`` does, and how fast a backlog is drained. From these alone the
cost of 1,000 requests that are answered within 100 ms is foretold for three loads; then the server is asked so, in an
open loop, in several rounds of other arrivals. The machine costs the same at each moment, busy or not.

- Steady: 60 % of the capacity within the bound, all the time.
- Wave: a day of ``argosy.venture.compute.shapes`` in 36 seconds; its peak is at 90 % of the capacity.
- Bursts: over again 1.5 seconds at 1.4 times what the server can answer at all, then 6.5 seconds at 30 % of it.

Up to the highest measured rate that keeps up, the share within the bound is that of the curve. A backlog waits in one
line and is drained at the measured speed: a request behind n others waits n / speed longer. The load generator shares
the processors with the server, in the curve as in the loads; so does whatever else runs on the machine, which
``others_running`` tells (processes that run or wait to, of the minute before the start and before the end).
"""

import csv
import os
import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.measuring import arguments, note, tell

from argosy.config.places import find_model
from argosy.infer.folder import describe
from argosy.project.selling.aside import serving
from argosy.project.venturing.loads import asking, point
from argosy.venture.compute.curve import Point, capacity
from argosy.venture.compute.shapes import HOURS, SHAPES

HOURLY = 0.30  # what an hour of the machine costs; errors do not hang on it
BOUND_MS = 100.0
STEPS = (0.1, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of the speed at which a backlog is drained
CONNECTIONS = 32
WARM_S, PATIENCE_S = 5.0, 20.0
TICK_S = 0.01  # of the line's reckoning
Step = tuple[float, float]  # seconds, requests a second


def main(project: Path, *, quick: bool) -> None:
    """Measure the curve, foretell, measure the loads."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["text"].strip()][:1000]
    seconds, rounds = (4.0, 1) if quick else (8.0, 2)
    model, busy = find_model(project), os.getloadavg()[0]
    with serving(model) as address:
        asking(address, texts, loop="closed", connections=CONNECTIONS, warm=0.0, seconds=WARM_S)
        speed = drained(address, texts, seconds / 2)
        points = [point(address, texts, step * speed, seconds) for step in STEPS]
        found = capacity(points, BOUND_MS)
        note(f"drains {speed:.0f} a second; {found.rate:.0f} a second within the bound")
        shapes = {}
        for name, steps in loads(found.rate, speed).items():
            foretold = cost(steps, sum(expected(points, speed, steps)))
            actual = [measured(address, texts, steps, seed) for seed in range(2, 2 + rounds)]
            shapes[name] = told(foretold, actual, steps)
            note(f"{name}: {shapes[name]}")
        again = drained(address, texts, seconds / 2)
    figures = {
        "bound_ms": BOUND_MS,
        "hourly": HOURLY,
        "engine": describe(model).served,
        "others_running": {"before": busy, "after": os.getloadavg()[0]},
        "capacity_per_s": found.rate,
        "drained_per_s": {"before": speed, "after": again},
        "curve": [{"per_s": one.offered, "p50": one.percentile(50), "p99": one.percentile(99)} for one in points],
        "shapes": shapes,
        "largest_error": max(abs(one["error"]) for one in shapes.values()),
    }
    tell("backlog", figures, packages=("onnxruntime", "uvicorn"))


def loads(rate: float, speed: float) -> dict[str, list[Step]]:
    """The three shapes: steps of seconds and a rate."""
    wave = SHAPES["wave"]
    return {
        "steady": [(40.0, 0.6 * rate)],
        "wave": [(1.5, 0.9 * rate * float(part * HOURS / wave.peak)) for part in wave.hours],
        "bursts": [(1.5, 1.4 * speed), (6.5, 0.3 * speed)] * 5,
    }


def drained(address: str, texts: Sequence[str], seconds: float) -> float:
    """Requests a second of a server that always has a backlog, of which none is refused: 32 clients at once."""
    found = asking(address, texts, loop="closed", connections=CONNECTIONS, warm=1.0, seconds=seconds)
    return len(found["ms"]) / seconds


def expected(points: Sequence[Point], speed: float, steps: Sequence[Step]) -> Iterator[float]:
    """Requests of each moment that are answered within the bound, by the curve and the line before them."""
    line = 0.0
    for seconds, rate in steps:
        for _ in range(round(seconds / TICK_S)):
            late = 1000 * line / speed
            yield rate * TICK_S * within(points, min(rate, speed), BOUND_MS - late)
            line = max(line + (rate - speed) * TICK_S, 0.0)


def within(points: Sequence[Point], rate: float, bound: float) -> float:
    """The share within a bound at a rate: between measured rates by interpolation, beyond the last as at that."""
    ordered = sorted(points, key=lambda one: one.offered)
    for low, high in pairwise(ordered):
        if low.offered <= rate <= high.offered:
            step = (rate - low.offered) / (high.offered - low.offered)
            return low.within(bound) + step * (high.within(bound) - low.within(bound))
    return (ordered[0] if rate < ordered[0].offered else ordered[-1]).within(bound)


def measured(address: str, texts: Sequence[str], steps: Sequence[Step], seed: int) -> dict[str, float]:
    """A load as it was: requests that came, those answered within the bound, and what 1,000 of these cost."""
    length = sum(seconds for seconds, _ in steps)
    found = asking(
        address,
        texts,
        loop="open",
        connections=CONNECTIONS,
        steps=steps,
        seconds=length,
        patience=PATIENCE_S,
        seed=seed,
    )
    good = sum(ms <= BOUND_MS for ms in found["ms"])
    return {"came": len(found["ms"]) + found["failed"], "within": good, "cost": cost(steps, good)}


def cost(steps: Sequence[Step], within: float) -> float:
    """Of 1,000 requests answered within the bound: the machine's time, idle or not, over them."""
    return HOURLY * sum(seconds for seconds, _ in steps) / 3600 / within * 1000


def told(foretold: float, actual: Sequence[dict[str, float]], steps: Sequence[Step]) -> dict[str, Any]:
    """Foretold against the mean of the rounds; the error is relative to what was measured."""
    mean = statistics.mean(one["cost"] for one in actual)
    came = sum(seconds * rate for seconds, rate in steps)
    return {
        "predicted": foretold,
        "actual": mean,
        "error": foretold / mean - 1,
        "came_expected": came,
        "within_expected": cost(steps, 1) / foretold / came,
        "within_actual": sum(one["within"] for one in actual) / sum(one["came"] for one in actual),
        "rounds": list(actual),
    }


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, quick=chosen.quick)
