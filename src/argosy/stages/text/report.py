"""Stage *report* of a language model: one record of everything that was measured, shaped as every project's."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.report.text_verdict import KIND, MODEL
from argosy.stages import origin, results
from argosy.stages.data.figures import of_rows
from argosy.stages.site import Site
from argosy.stages.text import base, baselines, evaluate, quantise, samples, train


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats."""

    name: str
    task: str
    size: str
    languages: tuple[str, ...]
    seed: int
    dialogue: bool
    settings: dict[str, Any]
    licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    recipe = asdict(train.stage(project, site).params.recipe)
    settings = {name: recipe[name] for name in ("epochs", "batch_size", "learning_rate", "max_length", "trains")}
    params = Params(
        name=project.name,
        task=project.task,
        size=project.size,
        languages=tuple(project.languages),
        seed=project.seed,
        dialogue=project.data.answer is not None,
        settings=settings,
        licence=project.data.licence,
    )
    inputs = ("read", "clean", "dedupe", "split", "base", "baselines", "train", "quantise", "evaluate", "samples")
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    figures = json.loads((inputs["evaluate"] / evaluate.FIGURES).read_text(encoding="utf-8"))
    chosen = baselines.facts(inputs["baselines"])
    trained = train.outcome(inputs["train"])
    sampled = samples.read(inputs["samples"])
    began = origin.read(inputs["base"])
    measured = {
        "kind": KIND,
        **({"base": began} if began else {}),
        "shape": base.facts(inputs["base"]),
        "training": trained,
        "choice": _choice(chosen, figures["serving"]["engine"]),
        **figures,
        "engines": {
            name: {**engine, "size_mb": _size(inputs["train"]) if name == MODEL else None}
            for name, engine in figures["engines"].items()
        }
        | quantise.read(inputs["quantise"])["engines"],
        "rungs": [
            {"name": name, "seconds": trained["seconds"] if name == MODEL else chosen["seconds"].get(name)}
            for name in figures["baselines"]
        ],
        "samples": sampled,
    }
    results.write(out, params, inputs, of_rows(inputs), measured)


def _choice(chosen: dict[str, Any], engine: str) -> dict[str, Any]:
    """The trained model is what writes, whatever the baselines say: they cannot."""
    return {
        "served": MODEL,
        "engine": engine,
        "reason": "trained",
        "margin": 0.0,
        "metric": baselines.METRIC,
        "lower": True,
        "difference": None,
        "best_baseline": chosen["best"],
        "validation": chosen["validation"],
    }


def _size(folder: Path) -> float:
    """Megabytes of the model's weights."""
    files = (folder / train.CHECKPOINT).glob("*.safetensors")
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)
