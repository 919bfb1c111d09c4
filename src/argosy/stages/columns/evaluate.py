"""Stage *evaluate* of a project over columns: the test rows are opened, once; everything was chosen before."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.calibration import calibration
from argosy.evaluate.doubts.selective import CAVEAT, answered, curve
from argosy.evaluate.metrics import Floats
from argosy.evaluate.rivals.tabular import Rows
from argosy.evaluate.tasks.measure import Sheet, measure, plain
from argosy.infer.answers import softmax
from argosy.infer.engines.tabular import TabularModel, logs_of
from argosy.stages.columns import rungs, select, split
from argosy.stages.site import Site

FIGURES = "figures.json"
PREDICTIONS = "predictions.jsonl"
_TIMED = 2_000  # rows at most
_SINGLE = 200  # rows asked for one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What is measured, the metric that decides, and the seed of the bootstrap and the permutations."""

    task: str
    metric: str
    text: bool
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(task=project.task, metric=project.metric, text=project.data.text is not None, seed=project.seed)
    packages = ("numpy", "scipy", "onnxruntime")
    inputs = ("split", "rungs", "select")
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Every metric of every rung with its interval and its paired test against the best baseline, and the speeds."""
    examples, rows = split.load_test(inputs["split"], texts=params.text)
    fitted, choice = rungs.facts(inputs["rungs"])["rungs"], select.choice(inputs["select"])
    said = rungs.answers(inputs["rungs"], fitted, rows)
    truth = rows.truth.astype(np.int64) if rows.labels else rows.truth
    if rows.labels:
        said = {name: softmax(logs_of(one), select.temperature(choice, name)) for name, one in said.items()}
    best = choice["best_baseline"]
    sheets = measure(params.task, truth, said, best=best, seed=params.seed, more=[params.metric])
    figures = {
        **_shape(sheets, choice),
        "engines": {
            name: {**_speed(inputs["rungs"], name, rows), "size_mb": fitted[name]["size_mb"]} for name in fitted
        },
        "slices": {},
        **(_certainty(said[choice["served"]], truth, choice, params.seed) if rows.labels else {}),
    }
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    _store(examples, said, rows.labels, out / PREDICTIONS)


def _shape(sheets: Mapping[str, Sheet], choice: Mapping[str, Any]) -> dict[str, Any]:
    """The served rung's figures, every rung's, and the comparison of one rung with the best baseline.

    That rung is the served one, or, where the best baseline itself is served, the most complex of the others.
    """
    served, best, metric = sheets[choice["served"]], choice["best_baseline"], choice["metric"]
    rung = choice["served"] if choice["served"] != best else [name for name in sheets if name != best][-1]
    versus = sheets[rung].figures[metric].versus if metric in sheets[rung].figures else None
    return {
        "metrics": plain(served),
        "baselines": {name: plain(sheet) for name, sheet in sheets.items()},
        "detectable": dict(sheets[rung].detectable),
        "undefined": dict(served.undefined),
        "versus_best_baseline": {"rung": rung, "metric": metric, **(asdict(versus) if versus else {})},
    }


def _certainty(shares: Floats, truth: Any, choice: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Whether the served probabilities are true, and what the threshold that validation gave does on the test rows."""
    warmth = select.temperature(choice, choice["served"])
    points = [asdict(point) for point in curve(shares, truth)]
    selective = {**choice["selective"], "curve": points, "caveat": CAVEAT}
    if selective["threshold"] is not None:
        covered, wrong = answered(shares, truth, selective["threshold"])
        selective["test"] = {"coverage": asdict(covered), "error": asdict(wrong) if wrong else None}
    found = calibration(logs_of(shares) * warmth, truth, warmth, seed=seed)
    return {"calibration": found.to_json(), "selective": selective}


def _speed(folder: Path, name: str, rows: Rows) -> dict[str, float]:
    """Rows a second in one call, and the latency of single rows in milliseconds; one thread."""
    model = TabularModel(folder / f"{name}.json", threads=1)
    some = rows.first(_TIMED)
    model.answers(some.numbers, some.texts)
    start = time.perf_counter()
    model.answers(some.numbers, some.texts)
    seconds = time.perf_counter() - start
    spent = []
    for at in range(min(len(some.numbers), _SINGLE)):
        begun = time.perf_counter()
        model.answers(some.numbers[at : at + 1], some.texts[at : at + 1])
        spent.append(1000 * (time.perf_counter() - begun))
    return {
        "texts_per_s": len(some.numbers) / seconds,
        "p50_ms": float(np.quantile(spent, 0.5)),
        "p99_ms": float(np.quantile(spent, 0.99)),
    }


def _store(examples: Sequence[Example], said: Mapping[str, Floats], labels: Sequence[str], path: Path) -> None:
    """One line a test row with what each rung said, for whoever wants to read the errors."""
    with path.open("w", encoding="utf-8") as file:
        for index, example in enumerate(examples):
            told = {
                rung: labels[int(answers[index].argmax())] if labels else float(answers[index])
                for rung, answers in said.items()
            }
            row = {"id": example.id, "label": example.label, **told, "numeric": example.meta.get("numeric", [])}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
