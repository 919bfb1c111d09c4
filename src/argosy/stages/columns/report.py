"""Stage *report* of a project over columns: one record of everything that was measured, shaped as every project's."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer.engines.network import Network
from argosy.infer.engines.tabular import read_card
from argosy.stages import results
from argosy.stages.columns import evaluate, rungs, select, split
from argosy.stages.data import rows
from argosy.stages.data.parting import PARTS
from argosy.stages.site import Site

CAUSE_MESSAGES = MappingProxyType(
    {
        "caveat": "An edge says that two columns are associated given the others. It says that one causes the other "
        "only if no common cause was left out, the rows were not chosen by what is in them, and the ranges hide "
        "nothing."
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats."""

    name: str
    task: str
    languages: tuple[str, ...]
    target: str
    text: str | None
    numeric: tuple[str, ...]
    seed: int
    licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        name=project.name,
        task=project.task,
        languages=tuple(project.languages),
        target=project.data.label,
        text=project.data.text,
        numeric=tuple(project.data.numeric),
        seed=project.seed,
        licence=project.data.licence,
    )
    inputs = ("read", "clean", "split", "rungs", "select", "evaluate")
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    told = rungs.facts(inputs["rungs"])
    figures = json.loads((inputs["evaluate"] / evaluate.FIGURES).read_text(encoding="utf-8"))
    measured = {
        "kind": "tabular",
        "choice": select.choice(inputs["select"]),
        **figures,
        "rungs": [_rung(name, facts, figures["engines"][name]) for name, facts in told["rungs"].items()],
        "skipped": told["skipped"],
        "causes": _causes(told["rungs"], inputs["rungs"]),
    }
    results.write(out, params, inputs, data_figures(inputs), measured)


def _rung(name: str, facts: Mapping[str, Any], engine: Mapping[str, float]) -> dict[str, Any]:
    """What a step up the ladder costs: seconds to fit, rows a second, milliseconds a row, megabytes; and its gate."""
    settings = {key: facts[key] for key in ("strength", "trials", "epochs", "held_out", "columns") if key in facts}
    return {
        "name": name,
        "seconds": facts["seconds"],
        "rows_per_s": engine["texts_per_s"],
        **{key: engine[key] for key in ("p50_ms", "p99_ms", "size_mb")},
        "parity": {"gap": facts["gap"], "gap_alone": facts["gap_alone"]},
        "settings": settings,
    }


def data_figures(inputs: Inputs) -> dict[str, Any]:
    """Rows read, kept and dropped by reason, how they were split, and what the target is like."""
    dropped = rows.reasons(*(inputs[name] / rows.DROPPED for name in ("read", "clean", "split")))
    facts = split.facts(inputs["split"])
    kept = sum(facts["rows"].values())
    truth = [row.label or "" for name in PARTS for row in rows.stream(inputs["split"] / name)]
    return {
        "read": kept + sum(dropped.values()),
        "kept": kept,
        "dropped": dropped,
        "splits": facts["rows"],
        "columns": facts["columns"],
        "repeats_by_chance": facts["repeats_by_chance"],
        "labels": dict(Counter(truth).most_common()) if facts["labels"] else {},
        "target": None if facts["labels"] else _summary(np.array(truth, dtype=np.float64)),
    }


def _summary(values: Any) -> dict[str, float]:
    """Least, quartiles, largest, mean and standard deviation."""
    least, low, median, high, largest = np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist()
    return {
        "min": least,
        "q1": low,
        "median": median,
        "q3": high,
        "max": largest,
        "mean": float(values.mean()),
        "sd": float(values.std()),
    }


def _causes(fitted: Mapping[str, Any], folder: Path) -> dict[str, Any] | None:
    """The network's edges with their support, and its tables with the ranges that their axes stand for."""
    if "network" not in fitted:
        return None
    network = read_card(folder / "network.json").network
    if network is None:
        return None
    tables = [
        {
            "node": table.node,
            "parents": list(table.parents),
            "states": {name: _states(network, name) for name in (*table.parents, table.node)},
            "shares": table.shares.tolist(),
        }
        for table in network.tables
    ]
    return {
        **fitted["network"]["causes"],
        "target": network.target,
        "caveat": CAUSE_MESSAGES["caveat"],
        "tables": tables,
    }


def _states(network: Network, name: str) -> list[str]:
    """The labels of the target, or the ranges of a column; a range holds its lower bound."""
    if name == network.target:
        return list(network.labels)
    cuts = [f"{cut:.6g}" for cut in network.cuts[name]]
    if not cuts:
        return ["…"]
    between = [f"{low} … {high}" for low, high in pairwise(cuts)]
    return [f"< {cuts[0]}", *between, f"≥ {cuts[-1]}"]
