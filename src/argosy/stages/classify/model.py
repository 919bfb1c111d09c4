"""Stage *model*: the finished artifact, the packed folder with its figures, its model card and its data card."""

from dataclasses import dataclass
from pathlib import Path

from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.artifact import MANIFEST
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.report import card, data_card
from argosy.stages.links import link_tree
from argosy.stages.results import load as load_results
from argosy.stages.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Nothing to set."""


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    return Stage(name="model", params=Params(), run=run, inputs=("pack", "report"), packages=("jinja2",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link the packed files, add the metrics to ``argosy.json`` and write the cards."""
    link_tree(inputs["pack"], out)
    results = load_results(inputs["report"])
    for name in (MANIFEST, model_folder.NAME):
        (out / name).unlink()
    description = model_folder.told(inputs["pack"])
    keys = ("metrics", "baselines", "slices", "versus_best_baseline", "detectable")
    description["metrics"] = {key: results[key] for key in keys}
    description["explanation"] = {"method": results["explanations"]["method"]}
    model_folder.write(out, description)
    (out / CARD).write_text(card.render(results), encoding="utf-8")
    (out / data_card.NAME).write_text(data_card.render(results), encoding="utf-8")
