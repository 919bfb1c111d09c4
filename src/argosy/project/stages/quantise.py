"""Stage *quantise*: smaller graphs are tried, fastest first, until one passes its gates; else fp32 serves.

The gates and the choice use validation rows (and training texts where more texts are needed), never the test.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import Interval, interval, wilson
from argosy.evaluate.metrics import METRICS, Integers
from argosy.evaluate.parity import company, quantised
from argosy.infer.load import FP32
from argosy.infer.onnx import open_onnx
from argosy.infer.tokens import Tokenizer
from argosy.infer.transformer import TransformerClassifier
from argosy.project import rows
from argosy.project.schema import Project, resolve
from argosy.project.stages import clean, export, split, train

TABLE = "table.json"
VALIDATION = "validation.npy"  # logits [validation rows, labels] of the chosen engine
_COMPANY = 300  # texts asked alone, by length and in random company
_CALIBRATION = 500  # training texts

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The gate's wishes, the longest text in tokens, what is done to a text, and the seed of all that is drawn."""

    agreement: float
    tolerance: float
    texts: int
    max_length: int
    text_steps: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The engine that serves the Transformer; fp32 needs no file of this stage."""

    name: str
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """What came of one candidate, and its logits of all texts."""

    name: str
    path: Path
    logits: Floats
    texts_per_s: float
    size_mb: float
    agreement: Interval
    problems: tuple[ArgosyError, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "passed": not self.problems,
            "agreement": asdict(self.agreement),
            "texts_per_s": self.texts_per_s,
            "size_mb": self.size_mb,
            "reasons": [problem.to_json() for problem in self.problems],
        }


def stage(project: Project) -> Stage[Params]:
    """The stage."""
    gate = project.gate
    params = Params(
        agreement=gate.agreement,
        tolerance=gate.tolerance,
        texts=gate.texts,
        max_length=resolve(project).max_length,
        text_steps=clean.steps(project),
        seed=project.seed,
    )
    packages = ("onnx", "onnxruntime", "tokenizers", "numpy")
    return Stage(
        name="quantise", params=params, run=run, inputs=("split", "train", "export"), packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Build the candidates in turn, hold each against fp32, keep the first that passes where it is faster."""
    from argosy.compress.quantise import CANDIDATES, Calibration  # onnx, which an install that only serves has not

    known = _Known.load(params, inputs)
    fp32 = known.ask(FP32, inputs["export"] / export.GRAPH, reference=None)
    tries = [fp32]
    calibration = Calibration(inputs["train"] / train.CHECKPOINT, known.calibration, max_length=params.max_length)
    for number, (name, build) in enumerate(CANDIDATES.items(), start=1):
        tell(number / (len(CANDIDATES) + 1), name)
        path = out / f"{name}.onnx"
        build(inputs["export"] / export.GRAPH, calibration, path)
        tries.append(known.ask(name, path, reference=fp32.logits))
        if not tries[-1].problems:
            break
    best = max((one for one in tries if not one.problems), key=lambda one: one.texts_per_s)
    for one in tries:
        if one.path.parent == out and one is not best:
            one.path.unlink()
    np.save(out / VALIDATION, best.logits[: len(known.truth)])
    ranked = sorted(tries, key=lambda one: -one.texts_per_s)
    chosen_file = best.path.name if best is not fp32 else None
    table = {"chosen": {"name": best.name, "file": chosen_file}, "candidates": [one.to_json() for one in ranked]}
    (out / TABLE).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")


def chosen(folder: Path) -> Chosen:
    """The engine that the stage chose."""
    return Chosen(**json.loads((folder / TABLE).read_text(encoding="utf-8"))["chosen"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What every candidate is judged on: validation texts first (``truth`` is theirs), then training texts."""

    params: Params
    tokenizer: Tokenizer
    labels: Sequence[str]
    texts: Sequence[str]
    truth: Integers
    calibration: Sequence[str]

    @classmethod
    def load(cls, params: Params, inputs: Inputs) -> "_Known":
        labels = split.labels(inputs["split"])
        parts = split.load(inputs["split"])
        texts, columns = rows.as_arrays(parts["validation"], labels)
        training = [example.text for example in parts["train"]]
        return cls(
            params=params,
            tokenizer=Tokenizer.load(inputs["train"] / train.CHECKPOINT, max_length=params.max_length),
            labels=labels,
            texts=[*texts, *training[: max(0, params.texts - len(texts))]],
            truth=np.array(columns),
            calibration=training[-_CALIBRATION:],
        )

    def ask(self, name: str, path: Path, *, reference: Floats | None) -> _Try:
        """Answers, speed and, against the reference's logits, the gates of one graph."""
        engine = open_onnx(
            path, name=name, tokenizer=self.tokenizer, labels=self.labels, text_steps=self.params.text_steps
        )
        engine.logits(self.texts[:64])
        start = time.perf_counter()
        logits = engine.logits(self.texts)
        speed = len(self.texts) / (time.perf_counter() - start)
        problems = () if reference is None else self._problems(engine, reference, logits)
        same = np.ones(len(logits)) if reference is None else logits.argmax(axis=1) == reference.argmax(axis=1)
        size = path.stat().st_size / 1e6
        return _Try(
            name=name,
            path=path,
            logits=logits,
            texts_per_s=speed,
            size_mb=size,
            agreement=wilson(int(np.sum(same)), len(same)),
            problems=problems,
        )

    def _problems(self, engine: TransformerClassifier, reference: Floats, logits: Floats) -> tuple[ArgosyError, ...]:
        gate = quantised(
            self.texts,
            reference,
            logits,
            gate=engine.name,
            intervals=self._intervals(reference),
            figures=self._figures(logits),
            least=self.params.agreement,
        )
        some = self.texts[:_COMPANY]
        alone = company(engine.logits, some, gate=engine.name, seed=self.params.seed, tolerance=self.params.tolerance)
        return (*gate.problems, *alone.problems)

    def _intervals(self, logits: Floats) -> Mapping[str, Interval]:
        said, labels, seed = self._said(logits), len(self.labels), self.params.seed
        return {name: interval(name, self.truth, said, labels, seed=seed) for name in METRICS}

    def _said(self, logits: Floats) -> Integers:
        return np.asarray(logits[: len(self.truth)].argmax(axis=1))

    def _figures(self, logits: Floats) -> Mapping[str, float]:
        said = self._said(logits)
        return {name: metric(self.truth, said, len(self.labels)) for name, metric in METRICS.items()}
