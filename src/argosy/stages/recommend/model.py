"""Stage *model* of a recommender: the folder that serves, learnt from all that happened as was measured.

See ``recommend.folder``; ``encoder/`` stands beside where there is a base, for the texts of items to come.
"""

import shutil
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.artifact import digest_file
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.folder import FORMAT, RECOMMENDER
from argosy.models.licence import judge
from argosy.recommend import folder
from argosy.report import card
from argosy.report.recommend_verdict import SYSTEM
from argosy.stages import origin
from argosy.stages.recommend import events, rank, text, tune
from argosy.stages.results import load as load_results
from argosy.stages.site import Site

_SHORT = 12  # characters of a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What the model is called, its languages, the licence of the data, and how lists are made."""

    name: str
    languages: tuple[str, ...]
    licence: str | None
    rank: rank.Params


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    ranked = rank.stage(project, site)
    params = Params(
        name=project.name, languages=tuple(project.languages), licence=project.data.licence, rank=ranked.params
    )
    return Stage(
        name="model",
        params=params,
        run=run,
        inputs=(*ranked.inputs, "base", "rank", "report"),
        packages=(*ranked.packages, "jinja2"),
        code=(*ranked.code, rank.__name__, folder.__name__),
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit once more, on everything, and write the folder with its card."""
    catalogue, happened = events.load(inputs["events"])
    known = tune.read(inputs["tune"])
    makes = rank.makes_of(inputs, known, catalogue)
    tell(0.1, "system")
    chosen = rank.read(inputs["rank"])
    if chosen["served"] == SYSTEM:
        made, _ = rank.fit(params.rank, known, happened, catalogue, makes)
    else:
        fitted = {name: make(happened) for name, make in makes.items()}
        settings = next(one.settings for one in known.tuned if one.name == chosen["served"])
        made = folder.alone(chosen["served"], settings, fitted, params.rank.looking)
    tell(0.8, "model")
    folder.write(out, events.items(inputs["events"]), made)
    if (inputs["interest"] / text.ENCODER).is_dir():
        shutil.copytree(inputs["interest"] / text.ENCODER, out / text.ENCODER)
    results = load_results(inputs["report"])
    keys = ("metrics", "baselines", "versus_best_baseline", "detectable", "recommend")
    told = {
        "format": FORMAT,
        "kind": RECOMMENDER,
        "name": params.name,
        "languages": list(params.languages),
        "labels": [],
        "data": asdict(judge(params.licence)),
        "base": origin.read(inputs["base"]),
        "served": chosen["served"],
        "kinds": dict(happened.weights),
        "wanted": sorted(happened.wanted),
        "metrics": {key: results[key] for key in keys},
    }
    model_folder.write(out, {**told, "version": _version(out)})
    (out / CARD).write_text(card.render(results), encoding="utf-8")


def _version(out: Path) -> str:
    """A digest of the files that make what is shown."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != model_folder.NAME)
    listed = "\n".join(f"{path.relative_to(out).as_posix()} {digest_file(path)}" for path in files)
    return sha256(listed.encode()).hexdigest()[:_SHORT]
