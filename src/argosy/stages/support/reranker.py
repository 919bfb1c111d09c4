"""Stage *reranker*: a small model that reads a question together with each text that may answer it.

It learns from what the encoder finds: the right texts, and the wrong ones that stand beside them. It is kept where the
validation questions are found clearly better with it.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.compress.cross import lowest, write_reranker
from argosy.config.schema import Project
from argosy.core.engine import Reranker
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.infer.engines.cross import GRAPH, LABELS, open_reranker
from argosy.infer.engines.embed import open_embedder
from argosy.stages import training
from argosy.stages.site import Site
from argosy.stages.support import base, encoder
from argosy.stages.support.base import TRAIN, VALIDATION, Material, threads
from argosy.stages.support.encoder import facts_of, figures, gained
from argosy.stages.support.pairs import Corpus, Embed, Floats, Question, answerable, drawn, standing
from argosy.train.recipe import Outcome, Recipe

RERANKER, FACTS = "reranker", "reranker.json"
ALONE, WITH = "encoder", "reranker"
_LAYERS = 3  # the lowest of the base
_LONGEST = 128  # tokens of a question and a text together
_BATCH = 32
_CANDIDATES = 10  # entries that are read again
_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)  # of relevance beside a cosine
_ROWS = 3  # of a question
_NEAREST = 0.5  # of the right texts are the nearest of their entry, as they will be read; the others are any of it
_JUDGED = 600  # validation questions at most
_WATCHED = 300  # of them choose the epoch
_CHUNK = 512  # questions compared with all texts at once
_SECONDS = 120  # between checkpoints
_FEWEST = 2  # entries to tell apart
_PROBES = 4
_CHECKPOINT = "checkpoint"
WRONG, RIGHT = LABELS
Row = tuple[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The recipe, the layers of the base that it begins from, and the pairs at most, all epochs together."""

    recipe: Recipe
    layers: int
    rows: int
    threads: int | None
    inexact: bool = field(default=False, metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage with the size's settings and those of ``[train]``."""
    packages = ("torch", "transformers", "tokenizers", "numpy", "onnx", "onnxscript", "onnxruntime")
    made, inputs = replace(params(project), inexact=site.inexact), ("split", "base", "encoder")
    return Stage(name="reranker", params=made, run=run, inputs=inputs, packages=packages, machine=True)


def params(project: Project) -> Params:
    """How right and wrong texts are told apart: all layers learn, slower, of texts that are not long, half as many."""
    wish = encoder.params(project)
    length = min(wish.recipe.max_length, _LONGEST)
    rate = wish.recipe.learning_rate / 2  # at the encoder's own nothing was learnt
    recipe = replace(wish.recipe, batch_size=_BATCH, learning_rate=rate, max_length=length, frozen=0.0)
    return Params(recipe=recipe, layers=_LAYERS, rows=wish.rows // 2, threads=wish.threads)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Train it and keep it where it helps."""
    material = base.material(inputs, training.place(out.parent, params, inputs))
    found = encoder.folder(inputs["encoder"])
    if material is None or found is None:
        _note(out, {"kept": False, "why": "no_base"})
        return
    told = make(params, material, open_embedder(found).embed, tell)
    if told["kept"]:
        shutil.copytree(material.place / RERANKER, out / RERANKER)
    _note(out, told)


def folder(artifact: Path) -> Path | None:
    """The folder as ``open_reranker`` reads it; None where there is none, or it did not help."""
    return artifact / RERANKER if (artifact / RERANKER).is_dir() else None


def facts(artifact: Path) -> dict[str, Any]:
    """What the stage found."""
    return dict(json.loads((artifact / FACTS).read_text(encoding="utf-8")))


def make(params: Params, material: Material, embed: Embed, tell: Tell) -> dict[str, Any]:
    """Train it beside an encoder, write it to ``material.place / RERANKER``, and tell whether to keep it."""
    started = time.monotonic()
    corpus = Corpus.of(material.entries, material.begun.prefixes)
    asked = drawn(answerable(material.parts[VALIDATION], material.entries), _JUDGED, seed=params.recipe.seed)
    if len(corpus.ids) < _FEWEST or not asked or not answerable(material.parts[TRAIN], material.entries):
        return {"kept": False, "why": "too_few"}
    found = _Found(corpus=corpus, query=material.begun.prefixes.query, embed=embed, vectors=embed(corpus.texts))
    outcome, rows = _learn(params, material, found, lambda share, note: tell(0.1 + 0.8 * share, note))
    tell(0.9, "onnx")
    out = material.place / RERANKER
    _export(params, material, out, [pair for pair, _ in rows[:_PROBES]])
    told = _compared(found, open_reranker(out), asked, seed=params.recipe.seed)
    size = (out / GRAPH).stat().st_size / 1e6
    told |= {"pairs": len(rows), **facts_of(outcome), "size_mb": round(size, 1)}
    return {**told, "seconds": round(time.monotonic() - started, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What an encoder finds: ``near`` gives cosines [questions, texts of the corpus]."""

    corpus: Corpus
    query: str
    embed: Embed
    vectors: Floats

    def near(self, questions: Sequence[str]) -> Floats:
        """Cosines with every text; a question that is a key itself is not found by that key."""
        asked = [self.query + question for question in questions]
        found = self.embed(asked) @ self.vectors.T
        places: dict[str, list[int]] = {}
        for place, text in enumerate(self.corpus.texts):
            places.setdefault(text, []).append(place)
        for row, text in enumerate(asked):
            found[row, places.get(text, [])] = -1.0
        return found


def candidates(corpus: Corpus, near: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(entries, texts) int64 [questions, candidates]: the nearest entries, nearest first, each by its nearest text."""
    best = corpus.by_entry(near)
    entries = np.argsort(-best, axis=1, kind="stable")[:, :_CANDIDATES]
    starts = np.append(corpus.starts, len(corpus.texts))
    texts = np.array(
        [
            [starts[entry] + int(row[starts[entry] : starts[entry + 1]].argmax()) for entry in chosen]
            for row, chosen in zip(near, entries, strict=True)
        ]
    )
    return entries, texts


def rows_of(asked: Sequence[Question], corpus: Corpus, near: Floats, draw: np.random.Generator) -> list[Row]:
    """Pairs to learn from: each question with a text of its entry, one of another that is near, and one of any."""
    starts = np.append(corpus.starts, len(corpus.texts))
    owners = {name: place for place, name in enumerate(corpus.ids)}
    entries, texts = candidates(corpus, near)
    rows: list[Row] = []
    for number, (question, answer) in enumerate(asked):
        own = owners[answer]
        span = slice(starts[own], starts[own + 1])
        right = int(draw.integers(span.start, span.stop))
        if draw.random() < _NEAREST or corpus.bare[right] == question:
            right = int(near[number, span].argmax()) + int(starts[own])
        rows.append(((question, corpus.bare[right]), RIGHT))
        near_by = [int(text) for entry, text in zip(entries[number], texts[number], strict=True) if entry != own]
        any_other = (span.stop + int(draw.integers(len(corpus.bare) - span.stop + span.start))) % len(corpus.bare)
        rows += [((question, corpus.bare[text]), WRONG) for text in (int(draw.choice(near_by)), any_other)]
    return rows


def _learn(params: Params, material: Material, found: _Found, tell: Tell) -> tuple[Outcome, list[Row]]:
    """Train on pairs of the training questions."""
    from argosy.train.checkpoints import Checkpoints  # torch, which an install that only serves does not have
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.classify import Classify

    rows: dict[str, list[Row]] = {}
    for part, most in ((TRAIN, params.rows // _ROWS), (VALIDATION, _WATCHED)):
        draw = np.random.default_rng(params.recipe.seed)
        asked = drawn(answerable(material.parts[part], material.entries), most, seed=params.recipe.seed)
        chunks = [asked[start : start + _CHUNK] for start in range(0, len(asked), _CHUNK)]
        rows[part] = [
            row for chunk in chunks for row in rows_of(chunk, found.corpus, found.near([one for one, _ in chunk]), draw)
        ]
    base_folder, short = material.begun.folder, material.place / "base"
    from argosy.compress.layers import depth  # torch, which an install that only serves does not have

    lowest(base_folder, min(params.layers, depth(base_folder)), short)
    keep = Checkpoints(material.place / "checkpoints", seconds=_SECONDS, inexact=params.inexact)
    watch = Watch(tell=tell, keep=keep)
    recipe = replace(params.recipe, epochs=max(1, min(params.recipe.epochs, params.rows // len(rows[TRAIN]))))
    with threads(params.threads):
        outcome = fit(Classify(labels=LABELS), short, rows, material.place / _CHECKPOINT, recipe, watch)
    return outcome, rows[TRAIN]


def _export(params: Params, material: Material, out: Path, probes: Sequence[tuple[str, str]]) -> None:
    """Export, unless a run that was stopped has done so."""
    if not out.is_dir():
        aside = out.with_name(f"{out.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        model, length = material.place / _CHECKPOINT, params.recipe.max_length
        write_reranker(model, aside, material.begun.origin, max_length=length, probes=probes)
        aside.rename(out)


def _compared(found: _Found, reranker: Reranker, asked: Sequence[Question], *, seed: int) -> dict[str, Any]:
    """The figures of the encoder alone and of what it finds read again, and whether that is clearly better."""
    near = found.embed([found.query + question for question, _ in asked]) @ found.vectors.T
    alone = found.corpus.by_entry(near)
    again = weighed(asked, found.corpus, alone, *read_again(reranker, asked, found.corpus, near))
    stand = {ALONE: standing(asked, found.corpus, alone), WITH: standing(asked, found.corpus, again)}
    gain = gained(stand[WITH], stand[ALONE], seed=seed)
    better = gain is not None and gain["low"] > 0
    return {
        "kept": better,
        "why": "better" if better else "not_better",
        "gain": gain,
        "questions": len(asked),
        "figures": {name: figures(one, seed=seed) for name, one in stand.items()},
    }


def read_again(
    reranker: Reranker, asked: Sequence[Question], corpus: Corpus, near: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Relevance float32 [questions, candidates] and whose it is, int64 of the same shape: the nearest entries."""
    entries, texts = candidates(corpus, near)
    relevance = [
        reranker.relevance(question, [corpus.bare[text] for text in row])
        for (question, _), row in zip(asked, texts, strict=True)
    ]
    return np.stack(relevance), entries


def weighed(
    asked: Sequence[Question], corpus: Corpus, alone: Floats, relevance: Floats, entries: NDArray[np.int64]
) -> Floats:
    """Scores [questions, entries]: those ``alone`` and the relevance of candidates, above all others.

    Each half of the questions is scored with the weight of relevance that the other half is found best by; of weights
    that are as good the smallest, which may be 0.
    """
    again = np.zeros_like(alone)
    np.put_along_axis(again, entries, relevance, axis=1)
    ahead = np.zeros_like(alone)
    np.put_along_axis(ahead, entries, 100.0, axis=1)
    places = np.array([corpus.ids.index(answer) for _, answer in asked])
    ranks = {}
    for weight in _WEIGHTS:
        scored = alone + weight * again + ahead
        ranks[weight] = 1 / (scored >= scored[np.arange(len(places)), places][:, None]).sum(axis=1)
    out = alone.copy()
    for half in (0, 1):
        best = max(_WEIGHTS, key=lambda weight: float(ranks[weight][1 - half :: 2].sum()))
        out[half::2] = (alone + best * again + ahead)[half::2]
    return out


def _note(out: Path, told: Mapping[str, Any]) -> None:
    (out / FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
