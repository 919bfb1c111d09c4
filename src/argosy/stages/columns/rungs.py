"""Stage *rungs* of a project over columns: every model that can be, simple to complex, fitted and exported.

Each exported rung must answer as the library that fitted it, and alike whatever rows stand beside a row.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.errors import GateError, MissingError, raise_all
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import Floats
from argosy.evaluate.rivals.network import fit_network
from argosy.evaluate.rivals.ngrams import wording_of
from argosy.evaluate.rivals.tabular import Fitted, Rows, fit_constant, fit_feedforward, fit_linear
from argosy.infer.engines.tabular import TabularModel
from argosy.stages.columns import split
from argosy.stages.data import clean
from argosy.stages.site import Site

FACTS = "rungs.json"
MAJORITY = "majority"
BASELINES = (MAJORITY, "mean", "logistic", "ridge")
_COMPARED = 200  # rows, of those that have a slow reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The column to predict, how a text beside the numbers is read, and the gate for what is exported."""

    target: str
    text: str | None
    text_steps: tuple[str, ...]
    stop_words: bool
    stem: bool
    seed: int
    tolerance: float


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        target=project.data.label,
        text=project.data.text,
        text_steps=clean.steps(project),
        stop_words=project.baselines.stop_words,
        stem=project.baselines.stem,
        seed=project.seed,
        tolerance=project.gate.tolerance,
    )
    packages = ("numpy", "scikit-learn", "skl2onnx", "onnx", "pgmpy")
    return Stage(name="rungs", params=params, run=run, inputs=("split",), packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit every rung, export it, and hold the export against the fit; a rung whose package is absent is left out."""
    train, validation = split.load(inputs["split"], texts=params.text is not None)
    told: dict[str, Any] = {}
    skipped: dict[str, Any] = {}
    problems = []
    fits = _fits(train, params)
    for share, (name, fit) in enumerate(fits.items()):
        tell(share / len(fits), name)
        start = time.perf_counter()
        try:
            fitted = fit()
        except MissingError as error:
            skipped[name] = error.to_json()
            continue
        seconds = time.perf_counter() - start
        fitted.export(out / f"{name}.json")
        gap, alone = _gaps(fitted, out / f"{name}.json", validation, train)
        problems += _gate(name, gap, alone, params.tolerance)
        told[name] = {"seconds": round(seconds, 3), "gap": gap, "gap_alone": alone, **_sizes(out, name), **fitted.facts}
    raise_all(problems)
    (out / FACTS).write_text(json.dumps({"rungs": told, "skipped": skipped}, indent=1), encoding="utf-8")


def facts(folder: Path) -> dict[str, Any]:
    """What ``run`` told of each rung (simple to complex), and of those left out."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def answers(folder: Path, rungs: Mapping[str, Any], rows: Rows) -> dict[str, Floats]:
    """What each exported rung says of some rows, as metrics take it: scores [rows, labels], or numbers [rows]."""
    said = {name: TabularModel(folder / f"{name}.json").answers(rows.numbers, rows.texts) for name in rungs}
    return said if rows.labels else {name: found[:, 0] for name, found in said.items()}


def _fits(train: Rows, params: Params) -> dict[str, Callable[[], Fitted]]:
    """How each rung is fitted, cheapest first; the net needs columns, the Bayesian network labels too."""
    wording = wording_of(stop_words=params.stop_words, stem=params.stem)
    linear = "logistic" if train.labels else "ridge"
    fits: dict[str, Callable[[], Fitted]] = {
        MAJORITY if train.labels else "mean": lambda: fit_constant(train),
        linear: lambda: fit_linear(train, seed=params.seed, wording=wording, text_steps=params.text_steps),
    }
    if train.columns:
        fits["feedforward"] = lambda: fit_feedforward(train, seed=params.seed)
    if train.columns and train.labels:
        fits["network"] = lambda: fit_network(train, target=params.target, seed=params.seed)
    return fits


def _gaps(fitted: Fitted, file: Path, *parts: Rows) -> tuple[float, float]:
    """The largest gap between export and fit, and between a row alone and among others: probabilities, or spreads."""
    model = TabularModel(file, threads=1)
    unit = fitted.card.target.spreads[0] if fitted.card.target else 1.0
    gap = alone = 0.0
    for part in parts:
        some = part.first(_COMPARED)
        found = model.answers(some.numbers, some.texts)
        singly = np.concatenate(
            [model.answers(some.numbers[at : at + 1], some.texts[at : at + 1]) for at in range(len(found))]
        )
        gap = max(gap, float(np.abs(found - fitted.reference(some)).max()) / unit)
        alone = max(alone, float(np.abs(found - singly).max()) / unit)
    return gap, alone


def _gate(name: str, gap: float, alone: float, tolerance: float) -> list[GateError]:
    problems = []
    if not gap <= tolerance:
        problems.append(
            GateError(
                "The exported model answers otherwise than the fitted one, by up to {gap:.2g} where {tolerance:g} is "
                "allowed.",
                where=name,
                mend="Look for columns of extreme values, or allow more: [gate] tolerance.",
                gap=gap,
                tolerance=tolerance,
            )
        )
    if not alone <= tolerance:
        problems.append(
            GateError(
                "A row's answer changes with the rows beside it, by up to {gap:.2g}.",
                where=name,
                gap=alone,
            )
        )
    return problems


def _sizes(folder: Path, name: str) -> dict[str, float]:
    """Megabytes (10⁶ bytes) of the rung's files."""
    return {"size_mb": sum(path.stat().st_size for path in folder.glob(f"{name}.*")) / 1e6}
