"""Stage *model* of an assistant: the folder that serves, with what was answered since, its figures and its card."""

import json
from dataclasses import replace
from pathlib import Path

from argosy.assist.mining.mined import FILE
from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.report import card
from argosy.stages.results import load as load_results
from argosy.stages.site import Site
from argosy.stages.support import mine, pack
from argosy.stages.support.pack import Params


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    packed = pack.stage(project, site)
    return Stage(
        name="model",
        params=packed.params,
        run=run,
        inputs=(*packed.inputs, "mine", "report"),
        packages=("jinja2",),
        code=(pack.__name__,),
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Write the folder with every entry and what was mined, add the metrics to ``argosy.json`` and write the card."""
    pack.write(params, inputs, out, every=True)
    mined = replace(mine.load(inputs["mine"]), pairs=())
    (out / FILE).write_text(json.dumps(mined.to_json(), ensure_ascii=False), encoding="utf-8")
    results = load_results(inputs["report"])
    keys = ("metrics", "baselines", "slices", "versus_best_baseline", "detectable", "guarantee", "selective")
    model_folder.write(out, {**model_folder.told(out), "metrics": {key: results[key] for key in keys}})
    (out / CARD).write_text(card.render(results), encoding="utf-8")
