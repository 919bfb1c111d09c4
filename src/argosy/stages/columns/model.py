"""Stage *model* of a project over columns: the finished artifact: every rung, ``argosy.json`` and a model card."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.engines.tabular import TabularModel
from argosy.models.licence import judge
from argosy.report import card, data_card
from argosy.stages.columns import select
from argosy.stages.data import clean
from argosy.stages.links import link
from argosy.stages.results import load as load_results
from argosy.stages.site import Site

FOLDER = "tabular"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The names of the text steps, whose extensions the model names."""

    text_steps: tuple[str, ...]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(text_steps=clean.steps(project))
    inputs, packages = ("rungs", "report"), ("onnxruntime", "jinja2")
    return Stage(name="model", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link the rungs, describe them, and write the cards."""
    results = load_results(inputs["report"])
    (out / FOLDER).mkdir()
    for rung in results["rungs"]:
        for path in inputs["rungs"].glob(f"{rung['name']}.*"):
            link(path, out / FOLDER / path.name)
    served = TabularModel(out / FOLDER / f"{results['choice']['served']}.json")
    model_folder.write(out, describe(results, served))
    (out / CARD).write_text(card.render(results), encoding="utf-8")
    (out / data_card.NAME).write_text(data_card.render(results), encoding="utf-8")


def describe(results: dict[str, Any], served: TabularModel) -> dict[str, Any]:
    """What ``argosy.json`` says: ``columns`` tells a model over columns from one over texts alone."""
    choice = results["choice"]
    files = {
        rung["name"]: {
            "file": f"{FOLDER}/{rung['name']}.json",
            "temperature": select.temperature(choice, rung["name"]),
        }
        for rung in results["rungs"]
    }
    keys = ("metrics", "baselines", "versus_best_baseline", "detectable")
    return {
        "format": model_folder.FORMAT,
        "name": results["name"],
        "task": results["task"],
        "columns": {"numeric": results["numeric"], "text": results["text"], "target": results["target"]},
        "labels": list(served.labels),
        "languages": results["languages"],
        "text_steps": list(served.card.text_steps),
        "max_length": 0,
        "served": choice["served"],
        "engines": files,
        "selective": choice.get("selective"),
        "data": asdict(judge(results["data"]["licence"])),
        "checks": _checks(served),
        "metrics": {key: results[key] for key in keys},
        "lineage": results["lineage"],
    }


def _checks(served: TabularModel) -> list[dict[str, Any]]:
    """Rows at the means of the columns and a spread to either side, with their answers: none of the user's rows."""
    scale = served.card.scale
    means, spreads = np.array(scale.means), np.array(scale.spreads)
    asked = np.stack([means + spreads * step for step in (-1, 0, 1)])
    texts = ["ok 好", "", "ok"] if served.reads_text else []
    told = served.answers(asked, texts).tolist()
    return [
        {"numbers": row, "text": texts[at] if texts else "", "answer": told[at]}
        for at, row in enumerate(asked.tolist())
    ]
