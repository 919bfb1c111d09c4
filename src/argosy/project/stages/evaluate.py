"""Stage *evaluate*: the test rows are opened, once; everything was chosen before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import interval
from argosy.evaluate.metrics import METRICS
from argosy.evaluate.paired import compare
from argosy.infer.folder import describe
from argosy.infer.load import LINEAR, load
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import baselines, split

FIGURES = "figures.json"
PREDICTIONS = "predictions.jsonl"
FP32 = "onnx-fp32"
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric of the comparison, and the seed of the bootstrap."""

    metric: str
    seed: int


def stage(project: Project) -> Stage[Params]:
    """The stage; it waits for the parity gate, so that only what passed is measured."""
    params = Params(metric=project.gate.metric, seed=project.seed)
    inputs = ("split", "baselines", "pack", "parity")
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=("numpy", "scipy"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Metrics with intervals for every rung, whole and by language, and the paired test against the best baseline."""
    labels = split.labels(inputs["split"])
    examples = split.load_test(inputs["split"])
    texts, columns = rows.as_arrays(examples, labels)
    truth = np.array(columns)
    predicted = _predict(inputs, texts, labels, tell)
    languages = np.array([str(example.meta["language"]) for example in examples])
    measure = _Measure(labels=labels, seed=params.seed)
    figures = measure.rungs(truth, predicted)
    figures["slices"] = {
        str(language): {"rows": int(mask.sum()), **measure.rungs(truth[mask], {k: v[mask] for k, v in predicted.items()})}
        for language in np.unique(languages)
        for mask in [languages == language]
    }
    best = max(("majority", "linear"), key=lambda name: METRICS[params.metric](truth, predicted[name], len(labels)))
    versus = compare(params.metric, truth, predicted["model"], predicted[best], len(labels), seed=params.seed)
    figures["versus_best_baseline"] = {"baseline": best, "metric": params.metric, **asdict(versus)}
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    _store(examples, predicted, labels, out / PREDICTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """Metrics with intervals over some rows."""

    labels: Sequence[str]
    seed: int

    def rungs(self, truth: Integers, predicted: Mapping[str, Integers]) -> dict[str, Any]:
        """The served engine, the baselines and the model before compression."""
        return {
            "metrics": self._metrics(truth, predicted["served"]),
            "baselines": {name: self._metrics(truth, predicted[name]) for name in ("majority", "linear")},
            "model": self._metrics(truth, predicted["model"]),
        }

    def _metrics(self, truth: Integers, predicted: Integers) -> dict[str, dict[str, float]]:
        classes = len(self.labels)
        return {name: asdict(interval(name, truth, predicted, classes, seed=self.seed)) for name in METRICS}


def _predict(inputs: Inputs, texts: Sequence[str], labels: Sequence[str], tell: Tell) -> dict[str, Integers]:
    """Label numbers [rows] of each rung; the texts are clean already, and cleaning twice changes nothing."""
    facts = json.loads((inputs["baselines"] / baselines.FACTS).read_text(encoding="utf-8"))
    served = describe(inputs["pack"]).served
    predicted = {"majority": np.full(len(texts), list(labels).index(facts["majority"]))}
    done = {}
    for share, (rung, engine) in enumerate((("linear", LINEAR), ("model", FP32), ("served", served)), start=1):
        if engine not in done:
            done[engine] = load(inputs["pack"], engine).logits(texts).argmax(axis=1)
        predicted[rung] = done[engine]
        tell(share / 3, rung)
    return predicted


def _store(examples: Sequence[Example], predicted: Mapping[str, Integers], labels: Sequence[str], path: Path) -> None:
    """One line a test row with what each rung said, for whoever wants to read the errors."""
    with path.open("w", encoding="utf-8") as file:
        for index, example in enumerate(examples):
            said = {rung: labels[int(columns[index])] for rung, columns in predicted.items()}
            row = {"id": example.id, "label": example.label, **said, "text": example.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
