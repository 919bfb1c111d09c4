"""Pruning by importance against pruning by magnitude and against fewer layers, before and after the same recovery.

    make demo
    python -m benchmarks.compression.pruning [--quick] [PROJECT]

PROJECT is a built project (examples/reviews by default), whose model is cut in three ways: half of its heads and
feed-forward units by first-order Taylor importance, the same by the norm of their weights, and half of its layers. Each
then learns what the model says of the same training rows in as many epochs. Accuracy is measured on the test rows; the
differences are paired.
"""

import csv
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.compress.layers import depth, opened, shallow, spread
from argosy.compress.material import Material
from argosy.compress.prune import thin
from argosy.compress.recover import recover
from argosy.data.clean import clean_text
from argosy.evaluate.intervals import interval
from argosy.evaluate.paired import compare
from argosy.infer.folder import Description, describe
from argosy.infer.load import FP32, load
from argosy.infer.processor import multiplies_bf16
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.feed import Fed, outputs
from argosy.train.objectives.reader import Reader

SHARE = 0.5
SEED = 7
WAYS: tuple[Literal["taylor", "magnitude"], ...] = ("taylor", "magnitude")
Rows = Sequence[tuple[str, str]]
Numbers = NDArray[np.int64]


def rows_of(path: Path, model: Description, count: int) -> list[tuple[str, str]]:
    """The first rows of a CSV file, cleaned as the model's texts are."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(clean_text(row["text"], model.text_steps), row["label"]) for row in csv.DictReader(file)]
    return [row for row in rows if row[0]][:count]


def predicted(folder: Path, model: Description, rows: Rows, *, bf16: bool) -> Numbers:
    """The label number that a transformers folder gives each row."""
    reader = Reader.load(folder, max_length=model.max_length)
    aim = Classify(labels=model.labels)
    fed = Fed(aim=aim, items=aim.items(rows, reader, held_out=True), batch_size=1, pad=reader.pad, seed=SEED)
    said: Numbers = np.stack(outputs(opened(folder).model.train(mode=False), fed, bf16=bf16)).argmax(axis=1)
    return said


def students(model: Path, material: Material) -> dict[str, Callable[[Path], None]]:
    """What cuts the model, by name."""
    cuts: dict[str, Callable[[Path], None]] = {
        by: lambda out, by=by: thin(model, SHARE, by, material, out)  # type: ignore[misc]  # a default, not an argument
        for by in WAYS
    }
    layers = depth(model)
    return {**cuts, "layers": lambda out: shallow(model, spread(layers, layers // 2), out)}


def main(project: Path, *, count: int, tested: int, epochs: int) -> None:
    """Cut, measure, recover, measure."""
    model = describe(project / "model")
    learnt, tests = (
        rows_of(project / name, model, most) for name, most in (("train.csv", count), ("test.csv", tested))
    )
    bf16 = multiplies_bf16()
    teacher = load(model.path, FP32)
    held = len(learnt) // 10
    material = Material(
        labels=model.labels,
        teach=teacher.logits,
        train=learnt[held:],
        validation=learnt[:held],
        max_length=model.max_length,
        seed=SEED,
        bf16=bf16,
    )
    truth = np.array([model.labels.index(label) for _, label in tests])
    found = {"whole": teacher.logits([text for text, _ in tests]).argmax(axis=1)}
    seconds = {}
    with tempfile.TemporaryDirectory() as place:
        for name, cut in students(model.path, material).items():
            note(f"cutting by {name}")
            before, after = Path(place) / name, Path(place) / f"{name}-recovered"
            cut(before)
            found[f"{name}, cut"] = predicted(before, model, tests, bf16=bf16)
            start = time.perf_counter()
            recover(before, material, after, lambda _share, _note: None, epochs=epochs)
            seconds[name] = round(time.perf_counter() - start, 1)
            found[f"{name}, recovered"] = predicted(after, model, tests, bf16=bf16)
            note(f"{name}: {np.mean(found[f'{name}, recovered'] == truth):.3f}")
    tell("pruning", told(truth, found, seconds, len(model.labels)), packages=("torch", "transformers", "onnxruntime"))


def told(truth: Numbers, found: dict[str, Numbers], seconds: dict[str, float], labels: int) -> dict[str, Any]:
    """The figures."""
    table = {
        name: {
            "accuracy": asdict(interval("accuracy", truth, one, labels, seed=SEED)),
            "against_whole": asdict(compare("accuracy", truth, one, found["whole"], labels, seed=SEED)),
        }
        for name, one in found.items()
    }
    errors = {by: float(np.mean(found[f"{by}, recovered"] != truth)) for by in WAYS}
    first, second = (found[f"{by}, recovered"] for by in WAYS)
    return {
        "ratio": round(errors["magnitude"] / errors["taylor"], 3),
        "quality": table["taylor, recovered"]["accuracy"],
        "taylor_less_magnitude": asdict(compare("accuracy", truth, first, second, labels, seed=SEED)),
        "rows": len(truth),
        "recovery_s": seconds,
        "models": table,
    }


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    quick = chosen.quick
    main(chosen.project, count=200 if quick else 1_500, tested=200 if quick else 2_000, epochs=1 if quick else 2)
