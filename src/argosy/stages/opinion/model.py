"""Stage *model* of a monitor: the sentiment model's folder, with the topics beside it and the errors of both."""

from dataclasses import dataclass
from pathlib import Path

from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.artifact import MANIFEST
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.folder import MONITOR, TOPICS
from argosy.report import card
from argosy.stages.links import link_tree
from argosy.stages.opinion import measure, parts
from argosy.stages.results import load as load_results
from argosy.stages.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What the model is called."""

    name: str
    languages: tuple[str, ...]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(name=project.name, languages=tuple(project.languages))
    return Stage(name="model", params=params, run=run, inputs=("parts", "measure", "report"), packages=("jinja2",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link the files of both, say in ``argosy.json`` what is known of their errors, and write the card."""
    link_tree(inputs["parts"] / parts.SENTIMENT / parts.MODEL, out)
    topics = inputs["parts"] / parts.TOPIC / parts.MODEL
    if topics.is_dir():
        link_tree(topics, out / TOPICS)
    known = measure.read(inputs["measure"])
    described = model_folder.told(out)
    described.pop("product", None)  # that of the project the model comes from
    (out / MANIFEST).unlink(missing_ok=True)
    for name in (model_folder.NAME, CARD):
        (out / name).unlink(missing_ok=True)  # links to another artifact's
    told = {**described, "kind": MONITOR, "name": params.name, "languages": list(params.languages), "errors": known}
    model_folder.write(out, told)
    (out / CARD).write_text(card.render(load_results(inputs["report"])), encoding="utf-8")
