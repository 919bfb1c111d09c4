"""Stage *pack* of an assistant: the folder that answers, as it is measured: what training knew, and nothing since."""

from dataclasses import asdict, dataclass
from pathlib import Path

from argosy.assist.folder import Made, write_assistant
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.models.licence import judge
from argosy.stages import origin
from argosy.stages.site import Site
from argosy.stages.support import calibrate, encoder, reranker, split, understand
from argosy.stages.support.parts import open_encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What the model is called, the languages of its answers, and the licence of the data."""

    name: str
    languages: tuple[str, ...]
    licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(name=project.name, languages=tuple(project.languages), licence=project.data.licence)
    inputs = ("split", "base", "encoder", "reranker", "intents", "calibrate")
    return Stage(name="pack", params=params, run=run, inputs=inputs)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Write the folder."""
    write(params, inputs, out, every=False)


def write(params: Params, inputs: Inputs, out: Path, *, every: bool) -> None:
    """The folder with the entries that training knew, or with ``every`` one."""
    found = open_encoder(inputs["encoder"])
    place = encoder.folder(inputs["encoder"])
    made = Made(
        entries=split.entries(inputs["split"], every=every),
        calibrated=calibrate.load(inputs["calibrate"]),
        encoder=(place, found.encoder) if place and found else None,
        reranker=reranker.folder(inputs["reranker"]),
        intents=understand.folder(inputs["intents"]),
    )
    write_assistant(out, made, name=params.name, languages=params.languages, base=origin.read(inputs["base"]))
    told = {**model_folder.told(out), "labels": [], "data": asdict(judge(params.licence))}
    model_folder.write(out, told)
