"""Stage *interest*: what texts tell of taste, learnt from histories and what came next.

Some items are hidden while three models learn: the encoder as it comes, a regression of what is liked together on the
texts, and a head that puts histories near what came next. What ranks the hidden items best is learnt again from all.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.compress.encoders import write_encoder
from argosy.core.stage import UNKEYED, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Measured, mean
from argosy.evaluate.paired import difference
from argosy.infer.engines.embed import open_embedder
from argosy.recommend.interactions import Floats, Interactions
from argosy.recommend.interest.bridge import bridged, leaning, principal
from argosy.recommend.interest.examples import Examples, Trial
from argosy.recommend.interest.model import Head, Interest, middle, raw_vectors, untrained
from argosy.recommend.interest.pooling import Pooling
from argosy.stages.recommend.material import Material
from argosy.stages.support.base import threads

ENCODER, MODEL, FACTS = "encoder", "interest", "interest.json"
UNTRAINED, BRIDGED, LEARNT = "untrained", "bridged", "learnt"
LEANINGS = (0.0, 0.03, 0.1)
"""How much the popularity of a text may weigh beside a cosine, in standard deviations of the one to 1 of the other."""
_WIDTH = 128  # of the learnt vectors
_BATCH = 256
_SECONDS = 120  # between checkpoints
_FEWEST = 20  # users that a trial needs
Fit = Callable[[Floats, Interactions, Trial | None], Interest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """``steps`` of the head at most; ``seed`` also draws the hidden items."""

    steps: int = 600
    seed: int = 7
    threads: int | None = None
    inexact: bool = field(default=False, metadata=UNKEYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The model over the whole catalogue, the folder of its encoder, and what was measured on hidden items."""

    model: Interest
    encoder: Path
    facts: Mapping[str, Any]


def make(params: Params, material: Material, tell: Tell) -> Made:
    """The model that ranks hidden items best, learnt from all events of ``material.train``."""
    encoder = exported(material)
    embedder = open_embedder(encoder, threads=params.threads)
    prefix = material.begun.prefixes.query
    raw = raw_vectors(material.catalogue.texts, embedder.embed, prefix)
    tell(0.2, "vectors")
    model, facts = chosen(params, raw, material, tell)
    return Made(model=replace(model, head=replace(model.head, prefix=prefix)), encoder=encoder, facts=facts)


def chosen(params: Params, raw: Floats, material: Material, tell: Tell) -> tuple[Interest, dict[str, Any]]:
    """The best of three over the texts' vectors [items, dimensions], and the figures of all."""
    trial = Trial.drawn(material.train, seed=params.seed)
    if len(trial.wanted) < _FEWEST:
        return untrained(raw), {"kept": UNTRAINED, "why": "too_few", "users": len(trial.wanted)}
    learner = _Learner(params=params, place=material.place, tell=lambda share, note: tell(0.2 + 0.5 * share, note))
    fits: dict[str, Fit] = {UNTRAINED: _as_it_comes, BRIDGED: _bridged, LEARNT: learner.fit}
    with threads(params.threads):
        tried = {name: tried_out(fit(raw, trial.train, trial), trial) for name, fit in fits.items()}
        kept = max(tried, key=lambda name: float(tried[name].ndcg.mean()))
        tell(0.8, kept)
        model = fits[kept](raw, material.train, None)
    if tried[kept].leaning:
        model = leaning(model, material.train, tried[kept].leaning)
    return model, _facts(kept, tried, learner, seed=params.seed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """How a model ranks hidden items, by user, with the ``leaning`` to popular texts that serves it best."""

    leaning: float
    ndcg: Floats


def tried_out(model: Interest, trial: Trial) -> Tried:
    """The model on the trial, with each leaning."""
    found = {weight: trial.ndcg(leaning(model, trial.train, weight).scores(trial.histories)) for weight in LEANINGS}
    best = max(found, key=lambda weight: float(found[weight].mean()))
    return Tried(leaning=best, ndcg=found[best])


def exported(material: Material) -> Path:
    """The base as a folder that serves, unless a run that was stopped has written it."""
    out = material.place / ENCODER
    if not out.is_dir():
        aside = out.with_name(f"{out.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        write_encoder(material.begun.folder, aside, material.begun.origin, max_length=material.begun.longest)
        aside.rename(out)
    return out


@dataclass(slots=True, kw_only=True)
class _Learner:
    """Learns the head: in a trial until it no longer gains there, then for as many steps."""

    params: Params
    place: Path
    tell: Tell
    steps: int = 0

    def fit(self, raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
        """The head learnt from what happened."""
        from argosy.train.checkpoints import Checkpoints  # torch, which an install that only serves does not have
        from argosy.train.interest import Begin, HeadRecipe, Lessons, learn

        examples, centre = Examples.of(train), middle(raw)
        lessons = Lessons(
            texts=np.where(raw.any(axis=1, keepdims=True), raw - centre, np.float32(0)),
            counts=np.bincount(examples.target, minlength=train.size),
            gather=examples.gather,
            rows=len(examples),
            batch_size=_BATCH,
            seed=self.params.seed,
        )

        def model(told: Begin) -> Interest:
            head = Head(centre=centre, turn=told[0], lean=np.zeros(told[0].shape[1], np.float32))
            vectors = head.vectors(raw)
            return Interest(vectors=vectors, queries=vectors, head=head, pooling=Pooling(slopes=told[1]))

        def score(told: Begin) -> float:
            return float(tried_out(model(told), trial).ndcg.mean()) if trial else 0.0

        learnt = learn(
            lessons,
            (principal(raw, _WIDTH), Pooling().slopes),
            score if trial else None,
            HeadRecipe(steps=self.params.steps if trial else self.steps),
            self.tell,
            keep=Checkpoints(
                self.place / ("trial" if trial else "whole"), seconds=_SECONDS, inexact=self.params.inexact
            ),
        )
        self.steps = learnt.steps
        return model((learnt.turn, learnt.slopes))


def _as_it_comes(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del train, trial
    return untrained(raw)


def _bridged(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del trial
    return bridged(raw, train)


def _facts(kept: str, tried: Mapping[str, Tried], learner: _Learner, *, seed: int) -> dict[str, Any]:
    """The figures of each with its interval, and what the kept one has over the encoder as it comes."""
    measured: dict[str, Measured] = {name: mean(one.ndcg.astype(np.float64)) for name, one in tried.items()}
    return {
        "kept": kept,
        "why": "better" if kept != UNTRAINED else "not_better",
        "users": len(tried[kept].ndcg),
        "steps": learner.steps,
        "leaning": tried[kept].leaning,
        "figures": {name: asdict(around(one, seed=seed)) for name, one in measured.items()},
        "gain": asdict(difference(measured[kept], measured[UNTRAINED], seed=seed)) if kept != UNTRAINED else None,
    }
