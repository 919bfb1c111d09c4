"""Stage *report*: one record of everything that was measured, behind the table, the page, ``--json`` and the card."""

import json
import platform
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from argosy import __version__
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer.folder import NAME
from argosy.project import rows
from argosy.project.file import Project, Settings, resolve
from argosy.project.plan import instruction_set
from argosy.project.stages import (
    augment,
    base,
    curve,
    evaluate,
    explain,
    parity,
    quantise,
    select,
    split,
    stress,
    suspects,
    train,
)

RESULTS = "results.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats; ``settings`` are the resolved ones."""

    name: str
    task: str
    size: str
    languages: tuple[str, ...]
    seed: int
    licence: str | None
    settings: dict[str, Any]


def stage(project: Project) -> Stage[Params]:
    """The stage."""
    settings: Settings = resolve(project)
    params = Params(
        name=project.name,
        task=project.task,
        size=project.size,
        languages=tuple(project.languages),
        seed=project.seed,
        licence=project.data.licence,
        settings=settings.model_dump(),
    )
    inputs = (
        *("read", "clean", "dedupe", "split", "suspects", "augment", "base", "train", "quantise", "select", "pack"),
        *("parity", "evaluate", "stress", "explain", "curve"),
    )
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    figures = _json(inputs["evaluate"] / evaluate.FIGURES)
    compression = _json(inputs["quantise"] / quantise.TABLE)
    served = _json(inputs["pack"] / NAME)["served"]
    parities = _json(inputs["parity"] / parity.FACTS)
    results = {
        "argosy": __version__,
        **{key: value for key, value in asdict(params).items() if key != "licence"},
        "machine": machine(),
        "data": {**data_figures(inputs), "licence": params.licence},
        "suspects": suspects.read(inputs["suspects"]),
        "augmentation": augment.read(inputs["augment"]),
        "base": _json(inputs["base"] / base.ORIGIN),
        "training": _json(inputs["train"] / train.OUTCOME),
        "choice": _choice(_json(inputs["select"] / select.CHOICE), served),
        **figures,
        **stress.read(inputs["stress"]),
        "explanations": explain.read(inputs["explain"]),
        "curve": curve.read(inputs["curve"]),
        "engines": parities.pop("engines"),
        "candidates": compression["candidates"],
        "parity": parities,
        "lineage": {name: path.name for name, path in sorted(inputs.items())},
    }
    (out / RESULTS).write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """The record that ``run`` wrote."""
    return dict(_json(folder / RESULTS))


def data_figures(inputs: Inputs) -> dict[str, Any]:
    """Rows read, kept and dropped by reason, and how they were split."""
    dropped = rows.reasons(*(inputs[name] / rows.DROPPED for name in ("read", "clean", "dedupe", "split")))
    facts = _json(inputs["split"] / split.FACTS)
    kept = sum(facts["rows"].values())
    pool = [example.label for part in split.load(inputs["split"]).values() for example in part]
    labels = Counter(pool) + Counter(example.label for example in split.load_test(inputs["split"]))
    return {
        "read": kept + sum(dropped.values()),
        "kept": kept,
        "dropped": dropped,
        "splits": facts["rows"],
        "languages": facts["languages"],
        "labels": {str(label): count for label, count in labels.most_common()},
        "association": facts["association"],
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": len(psutil.Process().cpu_affinity() or []),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "instructions": instruction_set(),
        "system": platform.platform(terse=True),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _choice(choice: dict[str, Any], served: str) -> dict[str, Any]:
    return {
        "served": choice["name"],
        "engine": served,
        "reason": choice["reason"],
        "margin": choice["margin"],
        "metric": choice["metric"],
        "difference": choice["difference"],
        "best_baseline": choice["best_baseline"],
        "validation": choice["validation"],
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
