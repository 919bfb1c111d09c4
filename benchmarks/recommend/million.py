"""What a recommender costs as its catalogue grows: 10 thousand, 100 thousand and a million items, ten events an item.

    python -m benchmarks.recommend.million [--quick]

A year of a shop is drawn by a seed and written as the two files of a project; each size is measured in a process of its
own, step by step: reading and tidying, counting, fitting what grows with the events and not with the square of the
items, and making lists of ten for users by all of it, one after the other. Every event counts as a success. Vectors of
texts are drawn too (an encoder's work grows with the items), 128 numbers each; they are compared with a history's one
by one, and put into a graph (usearch, HNSW) beside it. EASE is left out: it inverts a matrix of items by items, which
has 40 GB for 100,000 items in float32. One thread, but for the graph. Peaks are of the process's memory in each step;
``held`` is what it had before.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from benchmarks.measuring import ROOT, note, program, tell
from benchmarks.recommend.simulated import Year, happened, vectors, words
from usearch.index import Index

from argosy.recommend.interactions import Catalogue, Floats, History, Interactions
from argosy.recommend.interest.model import Interest, untrained
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.features import names
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System
from argosy.recommend.reading import items_of, read_events, read_items
from argosy.recommend.scorer import Scorer
from argosy.recommend.tidy import Meaning, tidy
from argosy.recommend.tuning import FITS

SEED = 11
SIZES = (10_000, 100_000, 1_000_000)
_EVENTS, _USERS = 10, 5  # events an item; items a user
_LISTS, _KEPT, _NEAR = 300, 200, 100
_FITTED = {
    "popularity": {"half_life": 30.0},
    "covisits": {"steps": 5.0, "hours": 24.0 * 30},
    "neighbours": {"shrink": 20.0, "nearest": 50.0},
    "ials": {"factors": 64.0, "alpha": 5.0, "penalty": 1.0},
}


class Steps:
    """What each step took: seconds by the clock and of the cores, the peak of memory, and what was held before (MB)."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a block."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        held, begun, used = _memory("VmRSS"), time.perf_counter(), time.process_time()
        yield
        self.told[name] = {
            "seconds": round(time.perf_counter() - begun, 2),
            "core": round(time.process_time() - used, 2),
            "peak": round(_memory("VmHWM")),
            "held": round(held),
        }
        note(f"  {name}: {self.told[name]}")


def main(sizes: tuple[int, ...]) -> None:
    """Each size in its own process, then the result."""
    told: dict[str, Any] = {}
    for size in sizes:
        note(f"{size:,} items")
        done = subprocess.run(
            program("recommend.million", "--size", str(size)), stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
        )
        told[str(size)] = json.loads(done.stdout.strip().splitlines()[-1])
    figures = {"seed": SEED, "events_per_item": _EVENTS, "items_per_user": _USERS, "sizes": told}
    tell("million", figures, packages=("numpy", "scipy", "polars", "implicit", "usearch"))


def measured(size: int) -> dict[str, Any]:
    """The steps of one size."""
    year, steps = happened(size, _EVENTS * size, size // _USERS, SEED), Steps()
    texts = vectors(year, SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files(year, folder)
        del year
        weight = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        columns = {"kind": "type"}
        with steps.step("read"):
            items = items_of(read_items([folder / "items.csv"], columns))
            rows = read_events([folder / "events.csv"], columns)
    with steps.step("tidy"):
        tidied = tidy(items, (), rows, Meaning(weights={}), time.time_ns() // 1_000)
    del items, rows
    catalogue, events = tidied.catalogue, tidied.events
    with steps.step("count"):
        standing = Standing.of(events, catalogue)
    scorers: dict[str, Scorer] = {}
    for name, settings in _FITTED.items():
        with steps.step(name):
            scorers[name] = FITS[name](events, catalogue, settings)
    order = np.array([int(one[1:]) for one in catalogue.ids])
    text = scorers["text"] = untrained(texts[order])
    with steps.step("graph"):
        graph = Index(ndim=texts.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_add=64)
        graph.add(np.arange(size, dtype=np.uint64), text.vectors, threads=2)
    made = lists(scorers, standing, events, catalogue)
    return {
        "files_mb": round(weight),
        "events": len(events),
        "left_out": dict(tidied.left_out),
        "steps": steps.told,
        "seconds": round(sum(one["seconds"] for one in steps.told.values()), 1),
        "peak": max(one["peak"] for one in steps.told.values()),
        "lists": made,
        "graph": nearest(graph, text, events),
    }


def lists(
    scorers: dict[str, Scorer], standing: Standing, events: Interactions, catalogue: Catalogue
) -> dict[str, float]:
    """Milliseconds of a list of ten, by all models together and a blend of their scores."""
    shown = {name: one for name, one in scorers.items() if name != "popularity"}
    weights = {f"{name}_z": 1.0 for name in shown}
    system = System(scorers=shown, ranker=Blend(names=names(tuple(shown)), known=weights, strangers=weights))
    took = []
    for history in some(events, _LISTS + 10):
        begun = time.perf_counter()
        found = system.best(history, standing, 10)
        took.append((time.perf_counter() - begun) * 1_000)
        assert len(found.items) == min(10, len(catalogue))  # noqa: S101 - a list that is cut short is no list
    return {"p50": round(float(np.percentile(took[10:], 50)), 2), "p99": round(float(np.percentile(took[10:], 99)), 2)}


def nearest(graph: Index, text: Interest, events: Interactions) -> dict[str, float]:
    """Milliseconds of the nearest hundred by the graph and by comparing all, and the share that the graph finds."""
    took: dict[str, list[float]] = {"graph": [], "all": []}
    found = 0
    histories = some(events, 50)
    for history in histories:
        asked = text.user_vector(history)
        begun = time.perf_counter()
        by_graph = graph.search(asked, _NEAR, threads=1).keys
        middle = time.perf_counter()
        scores: Floats = text.vectors @ asked
        by_all = np.argpartition(-scores, _NEAR)[:_NEAR]
        took["graph"].append((middle - begun) * 1_000)
        took["all"].append((time.perf_counter() - middle) * 1_000)
        found += len(np.intersect1d(by_graph, by_all))
    return {
        **{name: round(float(np.median(some_ms)), 2) for name, some_ms in took.items()},
        "found": round(found / (_NEAR * len(histories)), 3),
    }


def some(events: Interactions, count: int) -> list[History]:
    """Histories of users who are drawn by their events: those who come often."""
    rng = np.random.default_rng(SEED)
    users = events.users[rng.integers(0, len(events), count)]
    strength, success, now = events.strength, events.success, int(events.times[-1]) + 1
    made = []
    for user in users:
        rows = np.flatnonzero(events.users == user)[-_KEPT:]
        made.append(
            History(
                items=events.items[rows],
                times=events.times[rows],
                strength=strength[rows],
                success=success[rows],
                now=now,
            )
        )
    return made


def files(year: Year, folder: Path) -> None:
    """The two files of a project."""
    titles, tags = words(year, SEED)
    ids = pl.Series("item", np.arange(len(titles))).cast(pl.String)
    added = pl.Series("added", year.added).cast(pl.Datetime("us"))
    pl.DataFrame({"item": "i" + ids, "title": titles, "tags": tags, "added": added}).write_csv(folder / "items.csv")
    pl.DataFrame({"user": year.users, "item": year.items, "type": year.kinds, "time": year.times}).select(
        pl.format("u{}", "user").alias("user"),
        pl.format("i{}", "item").alias("item"),
        pl.col("type").replace_strict({0: "click", 1: "purchase"}, return_dtype=pl.String),
        pl.col("time").cast(pl.Datetime("us")),
    ).write_csv(folder / "events.csv")


def _memory(name: str) -> float:
    """Megabytes that the kernel tells of this process by a name."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the two smaller sizes")
    parser.add_argument("--size", type=int, help="one size alone, in this process")
    given = parser.parse_args()
    if given.size:
        sys.stdout.write(json.dumps(measured(given.size)) + "\n")
    else:
        main(SIZES[:2] if given.quick else SIZES)
