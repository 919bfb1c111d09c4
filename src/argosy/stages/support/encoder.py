"""Stage *encoder*: vectors in which a question lies near its answer, learnt from the pairs that dialogues gave.

The base as it comes is measured beside the trained one on the validation questions, and is kept unless the trained one
is clearly better.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.compress.encoders import write_encoder
from argosy.config.schema import Project, resolve
from argosy.core.knowledge import Entry
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Measured, Undefined
from argosy.evaluate.paired import difference
from argosy.infer.engines.embed import GRAPH, open_embedder
from argosy.infer.processor import multiplies_bf16
from argosy.stages import training
from argosy.stages.site import Site
from argosy.stages.support import base
from argosy.stages.support.base import TRAIN, VALIDATION, Material, threads
from argosy.stages.support.pairs import (
    Corpus,
    Embed,
    Floats,
    Prefixes,
    Question,
    answerable,
    drawn,
    positives,
    scores,
    standing,
)
from argosy.train.recipe import Outcome, Recipe

ENCODER, CHECKPOINT, FACTS = "encoder", "checkpoint", "encoder.json"
UNTRAINED, TRAINED = "untrained", "trained"
METRICS = ("mrr", "hit@1", "hit@5")
_BATCH = 64  # anchors; each is told from the texts of all of them
_WATCHED, _JUDGED = 500, 2_000  # validation questions that choose the epoch, and the encoder
_SECONDS = 120  # between checkpoints
_FEWEST = 2  # entries to tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The recipe, and the pairs that are learnt from at most, all epochs together: with many, the epochs are fewer."""

    recipe: Recipe
    rows: int
    threads: int | None
    inexact: bool = field(default=False, metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage with the size's settings and those of ``[train]``."""
    packages = ("torch", "transformers", "tokenizers", "numpy", "onnx", "onnxscript", "onnxruntime")
    made = replace(params(project), inexact=site.inexact)
    return Stage(name="encoder", params=made, run=run, inputs=("split", "base"), packages=packages, machine=True)


def params(project: Project) -> Params:
    """How texts that belong together are learnt; a batch is larger than the size's, unless one is set."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=project.train.batch_size or _BATCH,
        learning_rate=settings.learning_rate,
        max_length=settings.max_length,
        frozen=settings.frozen,
        seed=project.seed,
        bf16=multiplies_bf16(),
    )
    return Params(recipe=recipe, rows=settings.rows, threads=project.train.threads)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Export the base, train it, and keep what the validation questions are found best by."""
    material = base.material(inputs, training.place(out.parent, params, inputs))
    if material is None:
        _note(out, {"kept": None, "why": "no_base"})
        return
    made = make(params, material, tell)
    shutil.copytree(made.folder, out / ENCODER)
    shutil.copytree(made.checkpoint, out / CHECKPOINT)
    _note(out, made.facts)


def folder(artifact: Path) -> Path | None:
    """The encoder's folder as ``open_embedder`` reads it; None where the project has no base."""
    return artifact / ENCODER if (artifact / ENCODER).is_dir() else None


def facts(artifact: Path) -> dict[str, Any]:
    """What the stage found: ``kept``, figures by encoder, seconds and pace."""
    return dict(json.loads((artifact / FACTS).read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The encoder that is kept: as it serves, as torch opens it, and what was measured."""

    folder: Path
    checkpoint: Path
    facts: Mapping[str, Any]


def make(params: Params, material: Material, tell: Tell) -> Made:
    """Both encoders, measured; the one that is kept."""
    started = time.monotonic()
    place = material.place
    checkpoints = {UNTRAINED: material.begun.folder, TRAINED: place / CHECKPOINT}
    _export(material, checkpoints[UNTRAINED], place / UNTRAINED)
    learnt = learn(params, material, lambda share, note: tell(0.1 + 0.7 * share, note))
    told: dict[str, Any] = {"kept": UNTRAINED, "why": "too_few", "figures": {}}
    if learnt is not None:
        tell(0.8, "onnx")
        _export(material, checkpoints[TRAINED], place / TRAINED)
        encoders = {name: open_embedder(place / name).embed for name in (UNTRAINED, TRAINED)}
        told = {**_compared(material, encoders, seed=params.recipe.seed), **learnt}
    kept = str(told["kept"])
    told["size_mb"] = round((place / kept / GRAPH).stat().st_size / 1e6, 1)
    told["seconds"] = round(time.monotonic() - started, 1)
    return Made(folder=place / kept, checkpoint=checkpoints[kept], facts=told)


def learn(params: Params, material: Material, tell: Tell) -> dict[str, Any] | None:
    """Train on pairs, each text told from those of other entries in its batch; None where there is too little."""
    from argosy.train.checkpoints import Checkpoints  # torch, which an install that only serves does not have
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.embed import Embed as Aim

    begun, seed = material.begun, params.recipe.seed
    corpus = Corpus.of(material.entries, begun.prefixes)
    pairs = positives(material.parts[TRAIN], material.entries, begun.prefixes, seed=seed)
    held = watched(material.parts[VALIDATION], material.entries, begun.prefixes, seed=seed)
    if len(corpus.ids) < _FEWEST or len(pairs) < _FEWEST or not held:
        return None
    pairs = drawn(pairs, params.rows, seed=seed)
    recipe = replace(
        params.recipe,
        epochs=max(1, min(params.recipe.epochs, params.rows // len(pairs))),
        max_length=min(params.recipe.max_length, begun.longest),
    )
    keep = Checkpoints(material.place / "checkpoints", seconds=_SECONDS, inexact=params.inexact)
    watch = Watch(score=_mrr, tell=tell, keep=keep)
    aim = Aim(kin=_kin(corpus, material.parts[TRAIN], begun.prefixes), both=True)
    with threads(params.threads):
        rows: dict[str, Sequence[Any]] = {TRAIN: pairs, VALIDATION: held}
        outcome = fit(aim, begun.folder, rows, material.place / CHECKPOINT, recipe, watch)
    return {"pairs": len(pairs), **facts_of(outcome)}


def facts_of(outcome: Outcome) -> dict[str, Any]:
    """What a training tells."""
    return {
        "best_epoch": outcome.best_epoch,
        "history": [list(one) for one in outcome.history],
        "tokens": outcome.tokens,
        "tokens_per_second": round(outcome.tokens_per_second),
        "parameters": outcome.parameters,
    }


def watched(
    asked: Sequence[Question], entries: Sequence[Entry], prefixes: Prefixes, *, seed: int
) -> list[tuple[str, str]]:
    """Validation questions with one text of their entry each: its first key, or its text where it has none."""
    first = {
        entry.id: prefixes.query + entry.keys[0] if entry.keys else prefixes.passage + entry.text for entry in entries
    }
    known = drawn(answerable(asked, entries), _WATCHED, seed=seed)
    return [(prefixes.query + question, first[answer]) for question, answer in known]


def _kin(corpus: Corpus, asked: Sequence[Question], prefixes: Prefixes) -> dict[str, frozenset[str]]:
    """The entries that each text belongs to, questions that are no keys among them."""
    found = corpus.kin
    none: frozenset[str] = frozenset()
    for question, answer in asked:
        text = prefixes.query + question
        found[text] = found.get(text, none) | {answer}
    return found


def _mrr(truth: Sequence[Floats], said: Sequence[Floats]) -> float:
    """The mean of 1 over the rank of the right text."""
    return float(np.mean([1 / np.sum(row >= row[grades > 0].max()) for grades, row in zip(truth, said, strict=True)]))


def _export(material: Material, model: Path, out: Path) -> None:
    """Export, unless a run that was stopped has done so."""
    if not out.is_dir():
        aside = out.with_name(f"{out.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        write_encoder(model, aside, material.begun.origin, max_length=material.begun.longest)
        aside.rename(out)


def _compared(material: Material, encoders: Mapping[str, Embed], *, seed: int) -> dict[str, Any]:
    """The figures of each on the validation questions, and which is kept."""
    prefixes = material.begun.prefixes
    corpus = Corpus.of(material.entries, prefixes)
    asked = drawn(answerable(material.parts[VALIDATION], material.entries), _JUDGED, seed=seed)
    found = {name: standing(asked, corpus, scores(asked, corpus, prefixes, embed)) for name, embed in encoders.items()}
    gain = gained(found[TRAINED], found[UNTRAINED], seed=seed)
    better = gain is not None and gain["low"] > 0
    return {
        "kept": TRAINED if better else UNTRAINED,
        "why": "better" if better else "not_better",
        "gain": gain,
        "questions": len(asked),
        "figures": {name: figures(one, seed=seed) for name, one in found.items()},
    }


def gained(
    one: Mapping[str, Measured | Undefined], other: Mapping[str, Measured | Undefined], *, seed: int
) -> dict[str, float] | None:
    """The paired difference of MRR with its interval; None where it is not defined."""
    first, second = one["mrr"], other["mrr"]
    if isinstance(first, Undefined) or isinstance(second, Undefined):
        return None
    return asdict(difference(first, second, seed=seed))


def figures(found: Mapping[str, Measured | Undefined], *, seed: int) -> dict[str, Any]:
    """The figures with their intervals by metric, those that are defined."""
    return {name: asdict(around(one, seed=seed)) for name in METRICS if not isinstance(one := found[name], Undefined)}


def _note(out: Path, told: Mapping[str, Any]) -> None:
    (out / FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
