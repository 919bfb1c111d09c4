"""How soon a canary that hurts is rolled back, whom it reached, and how often a harmless one is accused.

    python -m benchmarks.serving.canary [--quick]

- Live: two real worker processes with a shared store, some 300 requests a second by chance, and the first share of the
  standard plan. The challenger answers 20 ms later, or fails one time in twenty (the faults stand in canary_fleet.py,
  not in the product). Told: seconds from the exposure until the last of its answers, and whom it reached.
- Harmless: whole canaries by the very decision code, a champion and a challenger alike, with loads and latencies that
  drift; beside them Fisher's exact test, looked at every second at the same 1 %.
- Hurtful: the same simulation with both faults, for the slowest of many rollbacks.
- Shadow: challengers 3 points worse, looked at after every 500 labelled rows, and how many leave the shadow; and how
  many as good as the champion do at the number of rows that was stated in advance.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import ROOT, arguments, note, program, tell
from benchmarks.serving.canary_fleet import FAILING, FAILS, MODEL, SLOW, Asked, ask
from scipy.stats import hypergeom

from argosy.evaluate.sequential import rows_needed
from argosy.project.selling.releasing import Shelf
from argosy.serve.releases import versions as releases
from argosy.serve.releases.evidence import QUANTILES, Evidence
from argosy.serve.releases.rollout import judge, quality
from argosy.serve.releases.versions import Line, Paired, Plan
from argosy.serve.running.workers import supervise
from argosy.serve.settings import Settings
from argosy.store.database import Database, sqlite_url
from argosy.store.releases import SqlReleases
from argosy.store.upgrade import upgrade

HERE = Path(__file__).parent
RATE, WORKERS = 300.0, 2
PLAN = Plan(mirror=0.0)
LAG = 3  # seconds that evidence takes on its way: the window, its grace, and two looks
WARM_S, REST_S, PATIENCE_S = 4.0, 2.0, 90.0
FAULTS = {SLOW: "20 ms slower", FAILS: "5 % errors"}
SECOND = 1_000_000
ALLOWED_S, LONGEST_S = 60, 600
LOOK = 500  # labelled rows between two looks


def main() -> None:
    """Measure all of it."""
    quick = arguments(__doc__).quick
    rounds, runs = (1, 100) if quick else (4, 2_000)
    live = {name: [lived(version) for _ in range(rounds)] for version, name in FAULTS.items()}
    harmless = simulated_harmless(runs, 30 if quick else 50)
    hurtful = {name: simulated_fault(version, runs) for version, name in FAULTS.items()}
    shadows = simulated_shadows(runs)
    slowest = max(one["seconds"] for some in live.values() for one in some)
    tell(
        "canary",
        {
            "ratio": round(ALLOWED_S / slowest, 1),
            "rate": RATE,
            "workers": WORKERS,
            "share": PLAN.shares[0],
            "live": live,
            "reached_share": {name: _pooled(some) for name, some in live.items()},
            "dropped": sum(one["dropped"] for some in live.values() for one in some),
            "harmless": harmless,
            "hurtful": hurtful,
            "shadow": shadows,
            "plan": asdict(PLAN),
        },
        packages=("numpy", "scipy", "sqlalchemy", "uvicorn"),
    )


def _pooled(rounds: list[dict[str, Any]]) -> float:
    """The share of the requests from exposure to rollback that met the challenger, over all rounds."""
    return round(sum(one["reached"] for one in rounds) / max(sum(one["requests"] for one in rounds), 1), 5)


def lived(version: int) -> dict[str, Any]:
    """One canary on a real service."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.db"
        database = Database(sqlite_url(store))
        upgrade(database)
        shelf = Shelf(SqlReleases(database))
        shelf.move(None, Line(model=MODEL, champion=1), "bench").result()
        with running(store) as port:
            found = asyncio.run(_exposed(shelf, port, version))
        database.close()
    note(f"{FAULTS[version]}: {found}")
    return found


@contextmanager
def running(store: Path) -> Iterator[int]:
    """A service of two workers in a process of its own, once it answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    command = program("serving.canary", "--serve", str(store), str(port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        try:
            if not (process.stdout and process.stdout.readline()):
                sys.exit("the service did not start")
            yield port
        finally:
            process.terminate()


def serve(store: str, port: str) -> None:
    """The parent of the workers."""
    settings = Settings(port=int(port))
    told = {"store": store, "every": 0.5, "settings": {"port": int(port)}}

    def command(number: int, figures: Path) -> list[str]:
        return [
            sys.executable,
            str(HERE / "canary_fleet.py"),
            json.dumps({**told, "socket": number, "figures": str(figures)}),
        ]

    supervise(command, WORKERS, settings, lambda address: print(address, flush=True))


async def _exposed(shelf: Shelf, port: int, version: int) -> dict[str, Any]:
    asked: list[Asked] = []
    over = asyncio.Event()
    load = asyncio.create_task(ask(port, RATE, over, asked))
    await asyncio.sleep(WARM_S)
    before = shelf.lines()[MODEL]
    shadow = releases.begin(before, version, PLAN, now=_now())
    shelf.move(before, shadow, "bench").result()
    await asyncio.sleep(2.0)  # loaded by now
    start = time.time()
    shelf.move(shadow, releases.expose(shadow, now=_now(), reason="bench"), "bench").result()
    line = await asyncio.to_thread(_ended, shelf, start + PATIENCE_S)
    await asyncio.sleep(REST_S)
    over.set()
    await load
    return _told(line, [one for one in asked if one.at >= start], start, version)


def _ended(shelf: Shelf, patience: float) -> Line:
    while (line := shelf.lines()[MODEL]).phase == "canary" and time.time() < patience:
        time.sleep(0.1)  # between two looks at a service whose time is measured
    return line


def _told(line: Line, asked: list[Asked], start: float, version: int) -> dict[str, Any]:
    reached = [one for one in asked if one.version == version]
    last = max((one.at + one.seconds for one in reached), default=start) - start
    during = [one for one in asked if one.at <= start + last]
    minute = RATE * ALLOWED_S
    return {
        "reason": line.reason,
        "seconds": round(last, 1),
        "requests": len(during),
        "reached": len(reached),
        "share": round(len(reached) / max(len(during), 1), 5),
        "share_of_a_minute": round(len(reached) / minute, 5),
        "failed": sum(one.status >= HTTPStatus.INTERNAL_SERVER_ERROR for one in asked),
        "dropped": sum(one.status == 0 for one in asked),
        "champion_failed": sum(one.status != HTTPStatus.OK and one.version != version for one in asked),
    }


def simulated_harmless(runs: int, hold: int) -> dict[str, Any]:
    """Whole canaries of a challenger like its champion; load, errors and the hits of each quantile drift."""
    plan = replace(PLAN, hold_seconds=hold, promote=True)
    reasons: dict[str, int] = {"errors": 0, "latency": 0, "held": 0}
    fisher = 0
    for run in range(runs):
        draw = np.random.default_rng([11, run])
        line, windows = _canary(plan), 0
        totals: list[tuple[int, int, int, int]] = []
        evidence = Evidence()
        while line.phase == "canary":
            step = line.step
            _window(draw, evidence, line.share, windows, totals)
            windows += 1
            after = judge(line, evidence, now=windows * SECOND)
            if after:
                line = after
                evidence = Evidence() if line.step != step or line.phase != "canary" else evidence
        reasons[line.reason] += 1
        fisher += _fisher(totals)
    rolled = reasons["errors"] + reasons["latency"]
    return {
        "runs": runs,
        "seconds": hold * len(plan.shares),
        "rolled_back": rolled,
        "share": rolled / runs,
        "reasons": reasons,
        "fisher_rolled_back": fisher,
        "fisher_share": fisher / runs,
    }


def _canary(plan: Plan) -> Line:
    shadow = releases.begin(Line(model=MODEL, champion=1), 2, plan, now=0)
    return releases.expose(shadow, now=0, reason="simulated")


def _window(
    draw: np.random.Generator, evidence: Evidence, share: float, at: int, totals: list[tuple[int, int, int, int]]
) -> None:
    rate = RATE * (0.6 + 0.4 * np.sin(at / 37))
    seen = (int(draw.poisson(rate * (1 - share))), int(draw.poisson(rate * share)))
    failing = 0.002 * (1 + np.sin(at / 53))
    slow = np.clip((1 - np.array(QUANTILES)) * draw.lognormal(0, 0.5), 0, 1)  # a crowded second is slow for both
    slow[::-1].sort()
    parts = np.diff(np.concatenate([[0.0], slow[::-1], [1.0]]))
    drawn = [draw.multinomial(count, parts)[:-1].cumsum()[::-1] for count in seen]
    failed = (int(draw.binomial(seen[0], failing)), int(draw.binomial(seen[1], failing)))
    evidence.count(seen, failed, [(int(one), int(other)) for one, other in zip(*drawn, strict=True)])
    totals.append((*seen, int(drawn[0][1]), int(drawn[1][1])))


def _fisher(totals: list[tuple[int, int, int, int]]) -> bool:
    """Whether the usual test of the counts so far was ever below 1 %."""
    first, second, slow, slow_second = np.cumsum(np.array(totals), axis=0).T
    p = hypergeom.sf(slow_second - 1, first + second, slow + slow_second, second)
    return bool(np.any(p < PLAN.false_alarm))


def simulated_fault(version: int, runs: int) -> dict[str, Any]:
    """Seconds until a hurtful canary is rolled back, the way of its evidence included."""
    times, reached, share = [], [], PLAN.shares[0]
    for run in range(runs):
        draw = np.random.default_rng([13, version, run])
        line, evidence, seconds, seen = _canary(replace(PLAN, hold_seconds=1e6)), Evidence(), 0, 0
        while line.phase == "canary" and seconds < LONGEST_S:
            counts = (int(draw.poisson(RATE * (1 - share))), int(draw.poisson(RATE * share)))
            failed = (0, int(draw.binomial(counts[1], FAILING if version == FAILS else 0.0)))
            slow = []
            for quantile in QUANTILES:
                chance = 1.0 if version == SLOW else 1 - quantile
                slow.append((int(draw.binomial(counts[0], 1 - quantile)), int(draw.binomial(counts[1], chance))))
            evidence.count(counts, failed, slow)
            seconds, seen = seconds + 1, seen + counts[1]
            line = judge(line, evidence, now=seconds * SECOND) or line
        times.append(seconds + LAG)
        reached.append((seen + LAG * RATE * share) / (RATE * (seconds + LAG)))
    return {
        "runs": runs,
        "median_s": float(np.median(times)),
        "p99_s": float(np.quantile(times, 0.99)),
        "within_60_s": float(np.mean(np.array(times) <= ALLOWED_S)),
        "mean_share_reached": round(float(np.mean(reached)), 5),
    }


def simulated_shadows(runs: int) -> dict[str, Any]:
    """Challengers that are worse, looked at again and again, and as good ones at the rows stated."""
    told: dict[str, Any] = {}
    for differing in (0.05, 0.1, 0.2):
        needed = rows_needed(margin=PLAN.margin, disagreement=differing, alpha=PLAN.false_pass / 2)
        draw = np.random.default_rng([17, int(100 * differing)])
        worse = sum(_ever_passes(draw, differing, 0.03, needed) for _ in range(runs))
        good = sum(_passes(draw.multinomial(needed, _chances(differing, 0.0))) for _ in range(runs))
        told[f"disagreeing {differing}"] = {
            "runs": runs,
            "rows_stated": needed,
            "three_points_worse_passed": worse,
            "as_good_passed_share": good / runs,
        }
    return told


def _chances(differing: float, loss: float) -> list[float]:
    return [(differing - loss) / 2, (differing + loss) / 2, 1 - differing]


def _ever_passes(draw: np.random.Generator, differing: float, loss: float, needed: int) -> bool:
    looks = np.cumsum(draw.multinomial(LOOK, _chances(differing, loss), size=2 * needed // LOOK), axis=0)
    return any(_passes(counts) for counts in looks)


def _passes(counts: Any) -> bool:
    won, lost, alike = map(int, counts)
    line = replace(_canary(PLAN), phase="shadow", replay=Paired(won=won, lost=lost, alike=alike))
    return quality(line, Evidence()).passed


def _now() -> int:
    return time.time_ns() // 1000


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(*sys.argv[2:])
    else:
        main()
