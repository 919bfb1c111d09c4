"""What texts tell of taste, learnt from histories and what came next, and chosen on hidden items.

Some items are hidden while three models learn: the encoder as it comes, a regression of what is liked together on the
texts, and a head that puts histories near what came next. The regression takes seconds and is kept unless another one
ranks the hidden items clearly better; it is then learnt again from all items.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from argosy.compress.encoders import write_encoder
from argosy.core.stage import UNKEYED, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Measured, mean
from argosy.evaluate.paired import difference
from argosy.infer.engines.embed import open_embedder
from argosy.recommend.interactions import Floats, Interactions
from argosy.recommend.interest.bridge import bridged, leaning, principal, turned
from argosy.recommend.interest.examples import Trial
from argosy.recommend.interest.model import Interest, raw_vectors, untrained
from argosy.stages.recommend.head import WIDTH, Learner, Tried, tried_out
from argosy.stages.recommend.material import Material
from argosy.stages.support.base import threads
from argosy.train.recipe import Recipe

ENCODER, TUNED = "encoder", "tuned"
UNTRAINED, BRIDGED, LEARNT = "untrained", "bridged", "learnt"
_FEWEST = 20  # users that a trial needs
Fit = Callable[[Floats, Interactions, Trial | None], Interest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """``steps`` of the head at most; ``seed`` also draws the hidden items.

    With a ``recipe`` the encoder learns too, from ``rows`` examples at most in each epoch; it is kept where it is
    clearly better.
    """

    steps: int = 600
    seed: int = 7
    recipe: Recipe | None = None
    rows: int = 12_800
    threads: int | None = None
    inexact: bool = field(default=False, metadata=UNKEYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The model over all items, the folder of its encoder, the texts' ``raw`` vectors by it, and what was measured."""

    model: Interest
    encoder: Path
    raw: Floats
    facts: Mapping[str, Any]


def make(params: Params, material: Material, tell: Tell) -> Made:
    """The model that ranks hidden items best, learnt from all events of ``material.train``."""
    folder, raw = embedded(material, material.begun.folder, ENCODER, threads=params.threads)
    tell(0.1, "vectors")
    prefix = material.begun.prefixes.query
    trial = Trial.drawn(material.train, seed=params.seed)
    if len(trial.wanted) < _FEWEST:
        told = {"kept": UNTRAINED, "why": "too_few", "users": len(trial.wanted), "leaning": 0.0}
        return Made(model=untrained(raw, prefix), encoder=folder, raw=raw, facts=told)
    with threads(params.threads):
        choice = _Choice.of(params, raw, trial, material, lambda share, note: tell(0.1 + 0.3 * share, note))
        facts = choice.facts(seed=params.seed)
        if params.recipe is not None:
            other, vectors = _tuned(
                params.recipe, params, raw, trial, material, lambda share, note: tell(0.4 + 0.4 * share, note)
            )
            again = _Choice.of(params, vectors, trial, replace(material, place=material.place / "again"), tell)
            gain = _gain(again.best.ndcg, choice.best.ndcg, seed=params.seed)
            better = gain["low"] > 0
            facts |= {"tuned": {**again.facts(seed=params.seed), "gain": gain, "better": better}}
            choice, folder, raw = (again, other, vectors) if better else (choice, folder, raw)
        tell(0.9, choice.kept)
        model = choice.whole(raw, material.train)
    return Made(model=replace(model, head=replace(model.head, prefix=prefix)), encoder=folder, raw=raw, facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choice:
    """How the three kinds did on the trial, and which is kept."""

    fits: Mapping[str, Fit]
    tried: Mapping[str, Tried]
    learner: Learner

    @classmethod
    def of(cls, params: Params, raw: Floats, trial: Trial, material: Material, tell: Tell) -> Self:
        """Each kind over the texts' vectors [items, dimensions]."""
        learner = Learner(steps=params.steps, seed=params.seed, place=material.place, tell=tell, inexact=params.inexact)
        fits: dict[str, Fit] = {UNTRAINED: _as_it_comes, BRIDGED: _bridged, LEARNT: learner.fit}
        tried = {name: tried_out(fit(raw, trial.train, trial), trial) for name, fit in fits.items()}
        return cls(fits=fits, tried=tried, learner=learner)

    @property
    def kept(self) -> str:
        """The closed form, unless another is clearly better."""
        others = [name for name in self.tried if name != BRIDGED]
        best = max(others, key=lambda name: float(self.tried[name].ndcg.mean()))
        return best if _gain(self.tried[best].ndcg, self.tried[BRIDGED].ndcg, seed=0)["low"] > 0 else BRIDGED

    @property
    def best(self) -> Tried:
        """How the kept one did."""
        return self.tried[self.kept]

    def whole(self, raw: Floats, train: Interactions) -> Interest:
        """The kept kind, of all that happened."""
        return leaning(self.fits[self.kept](raw, train, None), train, self.best.leaning)

    def facts(self, *, seed: int) -> dict[str, Any]:
        """The figures of each with its interval, and what the kept one has over the encoder as it comes."""
        measured: dict[str, Measured] = {name: mean(one.ndcg.astype(np.float64)) for name, one in self.tried.items()}
        return {
            "kept": self.kept,
            "users": len(self.best.ndcg),
            "steps": self.learner.steps,
            "leaning": self.best.leaning,
            "figures": {name: asdict(around(one, seed=seed)) for name, one in measured.items()},
            "gain": _gain(self.best.ndcg, self.tried[UNTRAINED].ndcg, seed=seed) if self.kept != UNTRAINED else None,
        }


def embedded(material: Material, model: Path, name: str, *, threads: int | None) -> tuple[Path, Floats]:
    """A model as a folder ``name`` that serves, and its vectors of all texts [items, dimensions].

    A run that was stopped goes on with the folder that it wrote.
    """
    out = material.place / name
    if not out.is_dir():
        aside = out.with_name(f"{out.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        write_encoder(model, aside, material.begun.origin, max_length=material.begun.longest)
        aside.rename(out)
    embed = open_embedder(out, threads=threads).embed
    return out, raw_vectors(material.catalogue.texts, embed, material.begun.prefixes.query)


def _tuned(
    recipe: Recipe, params: Params, raw: Floats, trial: Trial, material: Material, tell: Tell
) -> tuple[Path, Floats]:
    """The encoder that learnt from the trial's events, as ``embedded`` tells."""
    from argosy.stages.recommend.encoder import learnt  # it needs torch

    begin = turned(raw, principal(raw, WIDTH))
    model = learnt(recipe, params.rows, raw, begin, trial, material, tell)
    return embedded(material, model, TUNED, threads=params.threads)


def _as_it_comes(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del train, trial
    return untrained(raw)


def _bridged(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del trial
    return bridged(turned(raw, principal(raw)), train)


def _gain(ours: Floats, others: Floats, *, seed: int) -> dict[str, Any]:
    return asdict(difference(mean(ours.astype(np.float64)), mean(others.astype(np.float64)), seed=seed))
