"""The cost of 1,000 requests that Argosy predicts for a shape of load, against what it comes to when that load comes.

    make demo
    python -m benchmarks.venture.compute_cost [--quick] [PROJECT]

The load curve of the project's served model is measured once, as ``argosy compute measure`` does. From it and a price
(1 an hour) follow, for each shape of a day, the load that one machine is planned for, 80 % of what it answers within
the bound at the highest moment, and the cost of 1,000 requests at it, idle hours included. Then the same server is
asked by that shape, a day in ``DAY`` seconds, by chance; the actual cost is the price of that time over the requests
that were answered within the bound. ``busy`` is the processor's time of the server, predicted from the curve point by
point, against that of the run. The generator shares the processors with the server, in the curve as in the runs.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import arguments, note, tell

from argosy.config.places import find_model
from argosy.project.selling.aside import serving
from argosy.project.using.profiling import texts_of
from argosy.project.venturing.loads import asking, measure, processor_seconds
from argosy.venture.compute.curve import Point, capacity
from argosy.venture.compute.shapes import SHAPES, Shape

BOUND_MS, DAY, ROUNDS = 100.0, 48.0, 3
_BURST = 0.1  # of each hour's time
_PLANNED = 0.8  # as [compute.serving] has it by default
_PLAN = {"loop": "open", "connections": 32, "patience": 2.0}


def main(project: Path, *, quick: bool) -> None:
    """Measure the curve, predict, and ask."""
    seconds, day, rounds = (2.0, 12.0, 1) if quick else (8.0, DAY, ROUNDS)
    texts = texts_of(project, None, "text", 2_000)
    load = measure(
        project, texts, datetime.now(UTC).date(), seconds, lambda one: note(f"{one.offered:.0f}: {one.percentile(99)}")
    )
    most = capacity(load.points, BOUND_MS)
    found = {}
    with serving(find_model(project)) as address:
        for name in ("steady", "wave", "bursts"):
            shape = SHAPES[name]
            rate = _PLANNED * most.rate / float(shape.peak)
            predicted = 1000 / (3600 * rate)
            runs = [_run(address, texts, list(steps(shape, rate, day)), seed) for seed in range(rounds)]
            actual = [one["seconds"] / 3600 / one["within"] * 1000 for one in runs]
            busy = predicted_busy(load.points, list(steps(shape, rate, day)))
            found[name] = {
                "rate": rate,
                "predicted": predicted,
                "actual": median(actual),
                "actual_rounds": actual,
                "error": abs(median(actual) / predicted - 1),
                "within": median(one["within"] / one["came"] for one in runs),
                "busy_predicted": busy,
                "busy": median(one["busy"] for one in runs),
                "busy_error": abs(busy / median(one["busy"] for one in runs) - 1),
            }
            note(f"{name}: {found[name]}")
    curve = [{"offered": one.offered, "p99_ms": one.percentile(99), "busy": one.busy} for one in load.points]
    capacity_told = {"rate": most.rate, "low": most.low, "high": most.high}
    tell(
        "compute_cost",
        {
            "bound_ms": BOUND_MS,
            "day_seconds": day,
            "engine": load.engine,
            "capacity": capacity_told,
            "curve": [{**one, "p99_ms": None if one["p99_ms"] == float("inf") else one["p99_ms"]} for one in curve],
            "shapes": found,
        },
    )


def _told(one: Point) -> None:
    note(f"{one.offered:.0f} a second: p99 {one.percentile(99):.1f} ms")


def steps(shape: Shape, rate: float, day: float) -> Iterator[list[float]]:
    """Seconds and a rate each: 24 hours in ``day`` seconds; bursts take a tenth of each, the rest what is left."""
    hour = day / len(shape.hours)
    for part in shape.hours:
        mean = rate * float(part * len(shape.hours))
        if shape.burst == Fraction(1):
            yield [hour, mean]
            continue
        burst = float(shape.burst)
        yield [hour * _BURST, mean * burst]
        yield [hour * (1 - _BURST), mean * (1 - burst * _BURST) / (1 - _BURST)]


def predicted_busy(points: Sequence[Point], parts: Sequence[Sequence[float]]) -> float:
    """Seconds of processor time for 1,000 requests: each step's by the curve, between its points by interpolation."""
    known = sorted((one.offered, one.busy) for one in points if one.busy is not None)

    def at(rate: float) -> float:
        below = [one for one in known if one[0] <= rate] or known[:1]
        above = [one for one in known if one[0] >= rate] or known[-1:]
        (low, before), (high, after) = below[-1], above[0]
        return before if high == low else before + (after - before) * (rate - low) / (high - low)

    came = sum(seconds * rate for seconds, rate in parts)
    return 1000 * sum(seconds * rate * at(rate) for seconds, rate in parts) / came


def _run(address: str, texts: Sequence[str], parts: Sequence[Sequence[float]], seed: int) -> dict[str, Any]:
    seconds = sum(one for one, _ in parts)
    before = processor_seconds(address)
    told = asking(address, texts, steps=list(parts), seconds=seconds, seed=seed, **_PLAN)
    spent = processor_seconds(address) - before
    within = sum(ms <= BOUND_MS for ms in told["ms"]) or 1
    return {
        "seconds": seconds,
        "came": len(told["ms"]) + told["failed"],
        "within": within,
        "busy": 1000 * spent / max(len(told["ms"]), 1),
    }


if __name__ == "__main__":
    given = arguments(__doc__, project=True)
    main(given.project, quick=given.quick)
