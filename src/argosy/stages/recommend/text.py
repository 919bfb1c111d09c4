"""Stage *interest* as a build runs it: the text model of what happened before the test; nothing without a base."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer.processor import multiplies_bf16
from argosy.recommend.interactions import Floats, Interactions
from argosy.recommend.interest import model as interest_model
from argosy.recommend.interest.bridge import refitted
from argosy.recommend.interest.model import Interest, untrained
from argosy.recommend.ranking.examples import Make
from argosy.stages import training
from argosy.stages.recommend import events, tune
from argosy.stages.recommend.interest import Params, make
from argosy.stages.recommend.material import Material
from argosy.stages.site import Site
from argosy.stages.support import base
from argosy.train.recipe import Recipe

ENCODER, MODEL, RAW, FACTS = "encoder", "interest", "raw.npy", "interest.json"
_TUNES = frozenset({"base", "large"})  # sizes at which the encoder itself learns


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage with the size's settings and those of ``[train]``; the encoder itself learns from size base on."""
    packages = ("torch", "transformers", "tokenizers", "numpy", "onnx", "onnxscript", "onnxruntime")
    made = replace(params(project), inexact=site.inexact)
    return Stage(
        name="interest", params=made, run=run, inputs=("events", "base", "tune"), packages=packages, machine=True
    )


def params(project: Project) -> Params:
    """How texts are learnt."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        max_length=settings.max_length,
        frozen=settings.frozen,
        seed=project.seed,
        bf16=multiplies_bf16(),
    )
    tunes = project.size in _TUNES or project.train.epochs is not None
    return Params(seed=project.seed, recipe=recipe if tunes else None, threads=project.train.threads)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Learn from the training part, and keep the vectors of all texts."""
    begun = base.started(inputs["base"])
    if begun is None:
        _note(out, {"kept": None, "why": "no_base"})
        return
    catalogue, happened = events.load(inputs["events"])
    train = tune.cut(happened, tune.read(inputs["tune"])).train
    place = training.place(out.parent, params, inputs)
    made = make(params, Material(catalogue=catalogue, train=train, begun=begun, place=place), tell)
    shutil.copytree(made.encoder, out / ENCODER)
    made.model.save(out / MODEL)
    np.save(out / RAW, made.raw)
    _note(out, {**made.facts, "prefix": begun.prefixes.query})


def facts(folder: Path) -> dict[str, Any]:
    """What the stage found: ``kept``, figures on hidden items."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def load(folder: Path) -> Interest | None:
    """The model that was kept; None without a base."""
    return interest_model.load(folder / MODEL) if (folder / MODEL).is_dir() else None


def content(folder: Path) -> Interest:
    """Nearest texts by the encoder as it came, or as it learnt."""
    return untrained(_raw(folder), str(facts(folder)["prefix"]))


def makes(folder: Path) -> Make | None:
    """Fits the form that was kept on what happened before a moment, so that a ranker learns from no future."""
    model = load(folder)
    if model is None:
        return None
    raw, weight = _raw(folder), float(facts(folder)["leaning"])

    def fit(happened: Interactions) -> Interest:
        return interest_model.with_graph(refitted(model, raw, happened, weight))

    return fit


def _raw(folder: Path) -> Floats:
    return np.asarray(np.load(folder / RAW), np.float32)


def _note(out: Path, told: dict[str, Any]) -> None:
    (out / FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
