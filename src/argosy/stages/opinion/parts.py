"""Stage *parts* of a monitor: the two models as their own projects built them, and what these said of their test rows.

Projects that lie beside are brought up to date before this one is built, so what is read here is theirs of now.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.config.places import find_model
from argosy.config.schema import Project
from argosy.core.artifact import MANIFEST
from argosy.core.errors import MissingError, ProjectError
from argosy.core.opinion import SENTIMENTS
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.folder import told
from argosy.stages import results
from argosy.stages.links import link, link_tree
from argosy.stages.site import Site

SENTIMENT, TOPIC = "sentiment", "topic"
MODEL = "model"
_PREDICTIONS = "predictions.jsonl"
_LINEAR, _SERVED = "linear", "engine"  # what the rows of the predictions call the answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A project that lies beside: its folder, its model, what its stages ``evaluate`` and ``report`` left."""

    folder: Path
    model: Path | None
    evaluate: Path | None
    report: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The projects by what they tell; their files count by their digests."""

    parts: Mapping[str, Source] = field(metadata=UNKEYED)
    names: tuple[str, ...]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    wanted = {SENTIMENT: project.opinion.sentiment, TOPIC: project.opinion.topic}
    parts = {name: _source(site, place) for name, place in wanted.items() if place}
    files = {f"{name}/{file.name}": file for name, one in parts.items() for file in _files(one)}
    return Stage(name="parts", params=Params(parts=parts, names=tuple(parts)), run=run, files=files)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link both models with their records; raises ProjectError for labels that are no sentiments."""
    for name, part in params.parts.items():
        if part.model is None or part.evaluate is None or part.report is None:
            raise MissingError(
                "There is no model here.",
                where=str(part.folder),
                mend="Build one: argosy run {folder}",
                folder=part.folder,
            )
        place = out / name
        link_tree(part.model, place / MODEL)
        (place / MODEL / MANIFEST).unlink(missing_ok=True)  # that of the artifact it comes from
        link(part.evaluate / _PREDICTIONS, place / _PREDICTIONS)
        link(part.report / results.FILE, place / results.FILE)
    refuse_labels(out / SENTIMENT / MODEL, params.parts[SENTIMENT].folder)


def record(folder: Path, name: str) -> dict[str, Any]:
    """What was measured of a model when it was built."""
    return results.load(folder / name)


def predictions(folder: Path, name: str) -> list[tuple[str, str, str]]:
    """(text, true label, what the model that serves said) of its test rows."""
    key = _LINEAR if record(folder, name)["choice"]["served"] == _LINEAR else _SERVED
    with (folder / name / _PREDICTIONS).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["text"], row["label"], row[key]) for row in rows]


def _source(site: Site, place: str) -> Source:
    folder = site.folder / place
    try:
        model = find_model(folder).resolve()
    except MissingError:
        model = None
    return Source(
        folder=folder,
        model=model,
        evaluate=site.artifact(folder, "evaluate"),
        report=site.artifact(folder, "report"),
    )


def _files(part: Source) -> list[Path]:
    """What the stage's key hangs on: the model's description has the digests of its files in its manifest."""
    places = (
        (part.model, (model_folder.NAME, MANIFEST)),
        (part.evaluate, (_PREDICTIONS,)),
        (part.report, (results.FILE,)),
    )
    return [folder / name for folder, names in places if folder for name in names]


def refuse_labels(model: Path, folder: Path) -> None:
    """Raise ProjectError where the ``model`` of the project in ``folder`` has labels that are no sentiments."""
    strange = [label for label in told(model)["labels"] if label not in SENTIMENTS]
    if strange:
        raise ProjectError(
            "The sentiment model has the label {label!r}; expected {known}.",
            where=str(folder),
            mend='Map it in that project\'s file: [data] labels = {{{label} = "negative"}}',
            label=strange[0],
            known=", ".join(SENTIMENTS),
        )
