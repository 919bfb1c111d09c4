"""Stage *base*: the pretrained model, converted where it must be and trimmed to the project's words."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from argosy.compress.trim import trim
from argosy.config.schema import Project
from argosy.core.errors import ProjectError
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.models.source import resolve
from argosy.stages import origin
from argosy.stages.classify import beside, scratch_base
from argosy.stages.data import split
from argosy.stages.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The base's name and digest; ``learnt`` says that it is a classifier already, which learns on.

    ``cache`` is where converted bases are kept.
    """

    model: str
    digest: str
    languages: tuple[str, ...]
    trim: bool
    learnt: bool
    folder: Path = field(metadata=UNKEYED)
    cache: Path = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Any]:
    """The stage; a pretrained base is resolved (and converted, once) here, since its digest is a part of the key."""
    if project.from_scratch:
        return scratch_base.stage(project, site)
    params = Params(
        model=project.base_model.model,
        digest=resolve(project.base_model.model, site.folder, site.cache).digest,
        languages=tuple(project.languages),
        trim=project.base_model.trim,
        learnt=project.continual is not None,
        folder=site.folder,
        cache=site.cache,
    )
    return Stage(name="base", params=params, run=run, inputs=("split", "beside"), packages=("tokenizers",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Trim the base to the texts that are learnt from (never the others) and store where it came from."""
    base = resolve(params.model, params.folder, params.cache)
    if params.learnt:
        _check_learnt(base.path)
    texts = {name: [example.text for example in part] for name, part in split.load(inputs["split"]).items()}
    more = [row.text for name in (beside.UNLABELLED, beside.OLD) for row in beside.load(inputs["beside"], name)]
    report = None
    if params.trim:
        model, held_out = out / origin.MODEL, texts["validation"]
        report = trim(base.path, model, texts=[*texts["train"], *more], languages=params.languages, held_out=held_out)
    else:
        shutil.copytree(base.path, out / origin.MODEL)
    origin.write(out, base, asdict(report) if report else None)


def _check_learnt(folder: Path) -> None:
    """Raise ProjectError where a base is no classifier: there is nothing that it could forget."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not any("ForSequenceClassification" in name for name in config.get("architectures") or ()):
        raise ProjectError(
            "[continual] is for a base that is a classifier of your own; this one has no labels.",
            where=str(folder),
            mend='Name a model that you built, such as model = "../reviews/model", or take [continual] out.',
        )
