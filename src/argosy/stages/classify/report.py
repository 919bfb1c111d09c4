"""Stage *report*: one record of everything that was measured, behind the table, the page, ``--json`` and the card."""

import json
import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from argosy.config.schema import Project, Settings, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.core.version import __version__
from argosy.infer.folder import told
from argosy.infer.processor import instruction_set
from argosy.stages.classify import (
    adapt,
    augment,
    base,
    beside,
    curve,
    evaluate,
    explain,
    forgetting,
    parity,
    quantise,
    select,
    stress,
    suspects,
    train,
)
from argosy.stages.data import rows, split
from argosy.stages.smaller import pick

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
        *("read", "clean", "dedupe", "split", "suspects", "beside", "base", "adapt", "augment", "train", "quantise"),
        *("pick", "select", "pack", "parity", "evaluate", "forgetting", "stress", "explain", "curve"),
    )
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    figures = _json(inputs["evaluate"] / evaluate.FIGURES)
    compression = _json(inputs["quantise"] / quantise.TABLE)
    served = told(inputs["pack"])["served"]
    parities = _json(inputs["parity"] / parity.FACTS)
    results = {
        "argosy": __version__,
        **{key: value for key, value in asdict(params).items() if key != "licence"},
        "machine": machine(),
        "data": {**data_figures(inputs), "licence": params.licence},
        "beside": beside.read(inputs["beside"]),
        "suspects": suspects.read(inputs["suspects"]),
        "augmentation": augment.read(inputs["augment"]),
        "base": _json(inputs["base"] / base.ORIGIN),
        "training": _json(inputs["train"] / train.OUTCOME),
        "choice": _choice(_json(inputs["select"] / select.CHOICE), served)
        | {"model": pick.chosen(inputs["pick"]).model},
        **figures,
        "adaptation": adapt.read(inputs["adapt"]),
        "forgetting": forgetting.read(inputs["forgetting"]),
        **stress.read(inputs["stress"]),
        "explanations": explain.read(inputs["explain"]),
        "curve": curve.read(inputs["curve"]),
        "engines": parities.pop("engines"),
        "candidates": compression["candidates"],
        "frontier": pick.read(inputs["pick"]),
        "parity": parities,
        "lineage": {name: path.name for name, path in sorted(inputs.items())},
    }
    (out / RESULTS).write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """The record that ``run`` wrote."""
    return dict(_json(folder / RESULTS))


def data_figures(inputs: Inputs) -> dict[str, Any]:
    """Rows read, kept and dropped by reason, how they were split, and what the data card tells of them."""
    dropped = rows.reasons(*(inputs[name] / rows.DROPPED for name in ("read", "clean", "dedupe", "split")))
    facts = _json(inputs["split"] / split.FACTS)
    kept = sum(facts["rows"].values())
    counts: Counter[str] = Counter()
    for part in facts["label_counts"].values():
        counts.update(part)
    card = ("languages", "association", "label_counts", "lengths", "groups", "times", "leaks", "in_order", "crossing")
    steps = facts["steps"]
    return {
        "read": kept + sum(dropped.values()),
        "kept": kept,
        "dropped": dropped,
        "splits": facts["rows"],
        "labels": dict(counts.most_common()),
        **{key: facts[key] for key in card},
        "redacted": _redacted(steps["read"]),
        "steps": {name: _step(steps[name]) for name in ("read", "clean", "dedupe")},
        "profile": facts.get("profile"),
    }


def _redacted(step: Mapping[str, Any]) -> dict[str, int]:
    """Finds of personal data by kind, over all files, most first."""
    found: Counter[str] = Counter()
    for role in step.values():
        found.update(role["redacted"])
    return dict(found.most_common())


def _step(step: Mapping[str, Any]) -> dict[str, int]:
    """Rows that a stage kept, over all files, and those it dropped."""
    dropped = sum(count for role in step.values() for count in role["dropped"].values())
    return {"kept": sum(role["kept"] for role in step.values()), "dropped": dropped}


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
