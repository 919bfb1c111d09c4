"""Stage *quantise*: smaller graphs are tried, fastest first, until one passes its gates; else fp32 serves.

The gates and the choice use validation rows (and training texts where more texts are needed), never the test.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.load import FP32
from argosy.infer.tokens import Tokenizer
from argosy.stages.classify import export, train
from argosy.stages.data import clean
from argosy.stages.site import Site
from argosy.stages.smaller.judging import Floats, Gates, Judge, Judged

TABLE = "table.json"
VALIDATION = "validation.npy"  # logits [validation rows, labels] of the chosen engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The gates, the longest text in tokens, and what is done to a text."""

    gates: Gates
    max_length: int
    text_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The engine that serves the Transformer; fp32 needs no file of this stage."""

    name: str
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One candidate and what came of it."""

    name: str
    path: Path
    judged: Judged

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "passed": not self.judged.problems,
            "agreement": asdict(self.judged.agreement),
            "texts_per_s": self.judged.texts_per_s,
            "size_mb": self.path.stat().st_size / 1e6,
            "reasons": [problem.to_json() for problem in self.judged.problems],
        }


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(gates=gates(project), max_length=resolve(project).max_length, text_steps=clean.steps(project))
    packages = ("onnx", "onnxruntime", "tokenizers", "numpy")
    return Stage(
        name="quantise", params=params, run=run, inputs=("split", "train", "export"), packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Build the candidates in turn, hold each against fp32, keep the first that passes where it is faster."""
    from argosy.compress.quantise import CANDIDATES, Calibration  # onnx, which an install that only serves has not

    judge = Judge.load(inputs["split"], params.gates)
    tokenizer = Tokenizer.load(inputs["train"] / train.CHECKPOINT, max_length=params.max_length)

    def ask(name: str, path: Path, reference: Floats | None = None) -> _Try:
        engine = open_onnx(path, name=name, tokenizer=tokenizer, labels=judge.labels, text_steps=params.text_steps)
        return _Try(name=name, path=path, judged=judge.ask(engine, reference=reference))

    fp32 = ask(FP32, inputs["export"] / export.GRAPH)
    tries = [fp32]
    calibration = Calibration(inputs["train"] / train.CHECKPOINT, judge.calibration, max_length=params.max_length)
    for number, (name, build) in enumerate(CANDIDATES.items(), start=1):
        tell(number / (len(CANDIDATES) + 1), name)
        path = out / f"{name}.onnx"
        build(inputs["export"] / export.GRAPH, calibration, path)
        tries.append(ask(name, path, fp32.judged.logits))
        if not tries[-1].judged.problems:
            break
    best = max((one for one in tries if not one.judged.problems), key=lambda one: one.judged.texts_per_s)
    ranked = sorted(tries, key=lambda one: -one.judged.texts_per_s)
    told = [one.to_json() for one in ranked]
    for one in tries:
        if one.path.parent == out and one is not best:
            one.path.unlink()
    np.save(out / VALIDATION, judge.of_validation(best.judged.logits))
    chosen_file = best.path.name if best is not fp32 else None
    table = {"chosen": {"name": best.name, "file": chosen_file}, "candidates": told}
    (out / TABLE).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")


def gates(project: Project) -> Gates:
    """What every smaller graph must pass."""
    gate = project.gate
    return Gates(agreement=gate.agreement, tolerance=gate.tolerance, texts=gate.texts, seed=project.seed)


def chosen(folder: Path) -> Chosen:
    """The engine that the stage chose."""
    return Chosen(**json.loads((folder / TABLE).read_text(encoding="utf-8"))["chosen"])
