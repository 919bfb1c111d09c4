"""A table distilled from the tuned Transformer: texts a second, size and quality beside its teacher and a linear model.

    make demo
    python -m benchmarks.compression.static [--quick] [PROJECT]

PROJECT is examples/reviews, built. The teacher is the engine that it serves. Tables and linear models learn from 1,000
and from all training rows, the tables with and without unlabelled texts of the same sources too; validation rows choose
among tables, and all are asked about further rows of the sources that neither of the project's files holds. Each round
times every engine from raw text in turn; a ratio is the median over the rounds. The fp32 Transformer gets fewer texts.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.unseen_rows import split_of, unseen
from numpy.typing import NDArray

import argosy
from argosy.compress.material import Material
from argosy.compress.static import GRAPH, reference, static
from argosy.evaluate.paired import compare
from argosy.evaluate.rivals.baselines import export_linear, fit_linear
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.folder import Description, describe
from argosy.infer.load import FP32
from argosy.infer.tokens import Tokenizer

FEW = 1_000
SEED = 7
SLOW = 200  # texts for the Transformer in a round
Logits = NDArray[np.float32]
Answer = Callable[[Sequence[str]], Logits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A built model, its rows (text, label), further texts, and what the teacher ``said`` of all of them."""

    model: Description
    train: Sequence[tuple[str, str]]
    validation: Sequence[tuple[str, str]]
    unlabelled: Sequence[str]
    asked: Sequence[str]
    truth: NDArray[np.int64]
    said: Mapping[str, Logits]

    def teach(self, texts: Sequence[str]) -> Logits:
        """The teacher's logits [texts, labels]."""
        return np.stack([self.said[text] for text in texts])


def gather(project: Path, each: int, more: int) -> Given:
    """Read the rows and let the teacher label them."""
    model = describe(project / "model")
    parts = {name: [(row.text, str(row.label)) for row in rows] for name, rows in split_of(project, model).items()}
    rows = unseen(project, model, each + more)
    asked, unlabelled = (
        [row for start in (0, each + more) for row in rows[start + first : start + last]]
        for first, last in ((0, each), (each, each + more))
    )
    texts = [*(text for text, _ in parts["train"]), *(row[0] for row in (*asked, *unlabelled))]
    note(f"the teacher reads {len(texts)} texts")
    return Given(
        model=model,
        train=parts["train"],
        validation=parts["validation"],
        unlabelled=[row[0] for row in unlabelled],
        asked=[row[0] for row in asked],
        truth=np.array([model.labels.index(row[1]) for row in asked]),
        said=dict(zip(texts, argosy.load(project).engine.logits(texts), strict=True)),
    )


def quality(given: Given, said: Logits, others: Mapping[str, Logits]) -> dict[str, Any]:
    """The share right, and how much that is above each of the others with its interval."""
    label = said.argmax(axis=1)
    return {"accuracy": float(np.mean(label == given.truth))} | {
        f"less_{name}": asdict(compare("accuracy", given.truth, label, other.argmax(axis=1), said.shape[1], seed=SEED))
        for name, other in others.items()
    }


def learn(given: Given, count: int, unlabelled: Sequence[str], linear: Logits, folder: Path) -> dict[str, Any]:
    """A table from so many rows, and what is to be said of it."""
    model = given.model
    material = Material(
        labels=model.labels,
        teach=given.teach,
        train=given.train[:count],
        validation=given.validation,
        unlabelled=unlabelled,
        languages=("zh", "en"),
        max_length=model.max_length,
    )
    start = time.perf_counter()
    static(model.path, material, folder, lambda _share, line: note(line))
    took = time.perf_counter() - start
    said, whole = opened(folder, model).logits(given.asked), reference(folder, max_length=model.max_length)(given.asked)
    taught = given.teach(given.asked)
    return {
        "model": "static",
        "rows": count,
        "unlabelled": len(unlabelled),
        **quality(given, said, {"teacher": taught, "linear": linear}),
        "agreement_with_teacher": float(np.mean(said.argmax(axis=1) == taught.argmax(axis=1))),
        "agreement_with_fp32": float(np.mean(said.argmax(axis=1) == whole.argmax(axis=1))),
        "largest_gap": float(np.abs(said - whole).max()),
        "graph_mb": (folder / GRAPH).stat().st_size / 1e6,
        "size_mb": sum((folder / name).stat().st_size for name in (GRAPH, "tokenizer.json")) / 1e6,
        "learnt_in_s": round(took, 1),
    }


def opened(folder: Path, model: Description) -> TransformerClassifier:
    """The table behind the engine that serves it, reading as the project's model does."""
    return open_onnx(
        folder / GRAPH,
        name="static",
        tokenizer=Tokenizer.load(folder, max_length=model.max_length),
        labels=model.labels,
        text_steps=model.text_steps,
    )


def rate(answer: Answer, texts: Sequence[str]) -> tuple[float, float]:
    """Texts a second, and a second of one core's work."""
    start, worked = time.perf_counter(), time.process_time()
    answer(texts)
    return len(texts) / (time.perf_counter() - start), len(texts) / (time.process_time() - worked)


def main(project: Path, *, rounds: int, each: int, more: int) -> None:
    """Label, learn, ask, then alternate."""
    given = gather(project, each, more)
    model, taught, table = given.model, given.teach(given.asked), []
    with tempfile.TemporaryDirectory() as place:
        for count in (FEW, len(given.train)):
            numbers = np.array([model.labels.index(label) for _, label in given.train[:count]])
            fitted = fit_linear([text for text, _ in given.train[:count]], numbers, model.labels, seed=SEED)
            linear = fitted.logits(given.asked)
            table.append({"model": "linear", "rows": count, **quality(given, linear, {"teacher": taught})})
            for unlabelled in ((), given.unlabelled):
                folder = Path(place) / f"{count}-{len(unlabelled)}"
                table.append(learn(given, count, unlabelled, linear, folder))
        file = Path(place) / "linear.onnx"
        export_linear(fitted, file)
        engines: dict[str, Answer] = {
            "static": opened(folder, model).logits,
            "linear": LinearClassifier(file, text_steps=model.text_steps).logits,
            FP32: argosy.load(project, FP32).engine.logits,
        }
        step = -(-len(given.asked) // SLOW)
        texts = {name: given.asked[:: step if name == FP32 else 1] for name in engines}
        speeds = [{name: rate(answer, texts[name]) for name, answer in engines.items()} for _ in range(rounds + 1)]
        report(given, table, speeds[1:], linear_mb=file.stat().st_size / 1e6)  # the first round warms up


def report(
    given: Given, table: list[dict[str, Any]], speeds: Sequence[Mapping[str, tuple[float, float]]], *, linear_mb: float
) -> None:
    """Print what came of it."""
    for line in table:
        note(str(line))
    best = table[-1]
    tell(
        "static",
        {
            "ratio": round(statistics.median(one["static"][0] / one[FP32][0] for one in speeds), 1),
            "ratio_to_linear": round(statistics.median(one["static"][0] / one["linear"][0] for one in speeds), 2),
            "texts_per_s": {name: round(statistics.median(one[name][0] for one in speeds)) for name in speeds[0]},
            "texts_per_s_a_core": round(statistics.median(one["static"][1] for one in speeds)),
            "quality": {name: best[name] for name in ("accuracy", "less_teacher", "less_linear")},
            "teacher_accuracy": float(np.mean(given.teach(given.asked).argmax(axis=1) == given.truth)),
            "size_mb": best["size_mb"],
            "linear_mb": linear_mb,
            "texts": len(given.asked),
            "table": table,
        },
        packages=("onnxruntime", "tokenizers", "scipy", "scikit-learn"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    if chosen.quick:
        main(chosen.project, rounds=1, each=500, more=1_000)
    else:
        main(chosen.project, rounds=3, each=2_500, more=9_000)
