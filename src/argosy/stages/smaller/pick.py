"""Stage *pick*: the model that ``[target]`` picks of the frontier, or the tuned one where nothing is asked of it.

Its folder looks the same either way, and all stages after it take the model to serve from here: ``checkpoint``, the
fp32 graph, the served graph where it is another, and the served engine's logits of the validation rows.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Cost, Project, Target
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.frontier import Wish, misses
from argosy.evaluate.paired import compare
from argosy.infer.folder import ONNXRUNTIME, files_of
from argosy.infer.load import FP32, LINEAR
from argosy.report import record
from argosy.stages.classify import export, quantise, train
from argosy.stages.data import rows, split
from argosy.stages.links import link, link_tree
from argosy.stages.site import Site
from argosy.stages.smaller import exploring, frontier
from argosy.stages.smaller.students import TUNED

TABLE = "table.json"
CHECKPOINT, GRAPH = exploring.CHECKPOINT, exploring.GRAPH
FRONTIER = "frontier.json"
VALIDATION = "validation.npy"  # logits [validation rows, labels] of the chosen engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What is asked for (None: nothing), the prices, the metric that decides, and the seed of its tests."""

    target: Mapping[str, Any] | None
    cost: Mapping[str, Any]
    metric: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The engine that serves: ``file`` is its graph, None that of fp32; ``torch`` loads the checkpoint where true.

    ``model`` is ``tuned`` or the name of a smaller one; ``linear`` says what is asked of the linear model: it is picked
    ("picked"), must not serve since it misses the target ("out"), or may serve by the usual rule ("").
    """

    model: str
    name: str
    file: str | None
    runtime: str
    torch: bool
    linear: str


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    target = project.target.model_dump() if project.target else None
    params = Params(target=target, cost=project.cost.model_dump(), metric=project.metric, seed=project.seed)
    inputs = ("split", "train", "export", "quantise", "frontier")
    return Stage(name="pick", params=params, run=run, inputs=inputs, packages=("numpy", "scipy"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Pick, link the files of what was picked, and store why."""
    explored = frontier.read(inputs["frontier"])
    untold = same(inputs["split"], inputs["frontier"], metric=params.metric, seed=params.seed)
    target = None if params.target is None else Target(**params.target)
    found = record.told(explored, target, Cost(**params.cost), untold)
    (out / FRONTIER).write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    picked = (found["pick"] or {}).get("name")
    point = None if picked is None else record.point(found, picked)
    if point is None or point["engine"] == LINEAR:
        chosen = _tuned(inputs, out)
    else:
        chosen = _point(inputs["frontier"] / frontier.MODELS / point["folder"], point, out)
    table = {**chosen, "linear": _of_linear(found, picked)}
    (out / TABLE).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")


def chosen(folder: Path) -> Chosen:
    """What was chosen."""
    return Chosen(**json.loads((folder / TABLE).read_text(encoding="utf-8")))


def read(folder: Path) -> dict[str, Any]:
    """The record ``frontier`` of the results."""
    return dict(json.loads((folder / FRONTIER).read_text(encoding="utf-8")))


def same(parted: Path, explored: Path, *, metric: str, seed: int) -> Callable[[str, str], bool]:
    """Whether the validation rows leave two points by name untold apart: their paired interval reaches 0.

    ``parted`` and ``explored`` are the artifacts of the stages *split* and *frontier*.
    """
    labels = split.labels(parted)
    _, columns = rows.as_arrays(split.load(parted)["validation"], labels)
    truth, points = np.array(columns), {point["name"]: point for point in frontier.read(explored)["points"]}

    def untold(one: str, other: str) -> bool:
        a, b = (frontier.logits(explored, points[name]).argmax(axis=1) for name in (one, other))
        found = compare(metric, truth, a, b, len(labels), seed=seed)
        return found.low <= 0 <= found.high

    return untold


def _tuned(inputs: Inputs, out: Path) -> dict[str, Any]:
    """What training, export and quantisation made."""
    link_tree(inputs["train"] / train.CHECKPOINT, out / CHECKPOINT)
    link(inputs["export"] / export.GRAPH, out / GRAPH)
    link(inputs["quantise"] / quantise.VALIDATION, out / VALIDATION)
    kept = quantise.chosen(inputs["quantise"])
    if kept.file is not None:
        link(inputs["quantise"] / kept.file, out / kept.file)
    return {"model": TUNED, **asdict(kept), "runtime": ONNXRUNTIME, "torch": True}


def _point(folder: Path, point: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """What the frontier made of a model."""
    link_tree(folder / CHECKPOINT, out / CHECKPOINT)
    link(folder / GRAPH, out / GRAPH)
    link(folder / f"{point['engine']}.npy", out / VALIDATION)
    smaller = point["engine"] != FP32
    if smaller:
        for file in files_of(folder / point["file"]):
            link(file, out / file.name)
    return {
        "model": point["model"],
        "name": point["engine"],
        "file": point["file"] if smaller else None,
        "runtime": point["runtime"],
        "torch": point["torch"],
    }


def _of_linear(found: Mapping[str, Any], picked: str | None) -> str:
    if picked is None:
        return ""
    if picked == LINEAR:
        return "picked"
    wish = {name: found["target"][name] for name in ("p99_ms", "size_mb")}
    return "out" if misses(record.measured(record.point(found, LINEAR)), Wish(**wish)) else ""
