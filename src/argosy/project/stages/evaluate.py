"""Stage *evaluate*: the test rows are opened, once; everything was chosen before."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.ladder import Figures, measure, measure_slices, plain
from argosy.evaluate.metrics import Integers
from argosy.evaluate.paired import compare
from argosy.infer.load import FP32, LINEAR, load
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import baselines, quantise, select, split

FIGURES = "figures.json"
PREDICTIONS = "predictions.jsonl"
MODEL = "model"  # the Transformer in fp32
ENGINE = "engine"  # the same behind the engine that compression chose


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric of the comparison, and the seed of the bootstrap."""

    metric: str
    seed: int


def stage(project: Project) -> Stage[Params]:
    """The stage; it waits for the parity gate, so that only what passed is measured."""
    params = Params(metric=project.metric, seed=project.seed)
    inputs = ("split", "baselines", "quantise", "select", "pack", "parity")
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=("numpy", "scipy"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Metrics with intervals for every rung, whole and by language, and the paired test against the best baseline."""
    labels = split.labels(inputs["split"])
    examples = split.load_test(inputs["split"])
    texts, columns = rows.as_arrays(examples, labels)
    truth, classes = np.array(columns), len(labels)
    predicted = _predict(inputs, texts, labels, tell)
    best = select.best_baseline(inputs["select"])
    languages = [str(example.meta["language"]) for example in examples]
    whole = {rung: measure(truth, said, classes, seed=params.seed) for rung, said in predicted.items()}
    parts = {
        rung: measure_slices(truth, said, languages, classes, seed=params.seed) for rung, said in predicted.items()
    }
    versus = compare(params.metric, truth, predicted[ENGINE], predicted[best], classes, seed=params.seed)
    figures = {
        **_shape(whole),
        "versus_best_baseline": {"baseline": best, "metric": params.metric, **asdict(versus)},
        "slices": {
            language: {"rows": count, **_shape({rung: slices[language] for rung, slices in parts.items()})}
            for language, count in sorted(Counter(languages).items())
        },
    }
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    _store(examples, predicted, labels, out / PREDICTIONS)


def _shape(rungs: Mapping[str, Figures]) -> dict[str, Any]:
    """The Transformer as its engine answers, the baselines, and the Transformer before compression."""
    return {
        "metrics": plain(rungs[ENGINE]),
        "baselines": {name: plain(rungs[name]) for name in select.BASELINES},
        "model": plain(rungs[MODEL]),
    }


def _predict(inputs: Inputs, texts: Sequence[str], labels: Sequence[str], tell: Tell) -> dict[str, Integers]:
    """Label numbers [rows] of each rung; the texts are clean already, and cleaning twice changes nothing."""
    predicted = {select.MAJORITY: np.full(len(texts), labels.index(baselines.majority_label(inputs["baselines"])))}
    chosen = quantise.chosen(inputs["quantise"]).name
    for share, (rung, engine) in enumerate(((LINEAR, LINEAR), (MODEL, FP32), (ENGINE, chosen)), start=1):
        known = predicted[MODEL] if rung == ENGINE and engine == FP32 else None
        predicted[rung] = load(inputs["pack"], engine).logits(texts).argmax(axis=1) if known is None else known
        tell(share / 3, engine)
    return predicted


def _store(examples: Sequence[Example], predicted: Mapping[str, Integers], labels: Sequence[str], path: Path) -> None:
    """One line a test row with what each rung said, for whoever wants to read the errors."""
    with path.open("w", encoding="utf-8") as file:
        for index, example in enumerate(examples):
            said = {rung: labels[int(columns[index])] for rung, columns in predicted.items()}
            row = {"id": example.id, "label": example.label, **said, "text": example.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
