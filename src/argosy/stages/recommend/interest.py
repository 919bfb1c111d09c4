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
from argosy.recommend.interest.bridge import bridged, leaning, principal, turned
from argosy.recommend.interest.examples import Trial
from argosy.recommend.interest.model import Interest, raw_vectors, untrained
from argosy.stages.recommend.head import Learner, Tried, tried_out
from argosy.stages.recommend.material import Material
from argosy.stages.support.base import threads

ENCODER, MODEL, FACTS = "encoder", "interest", "interest.json"
UNTRAINED, BRIDGED, LEARNT = "untrained", "bridged", "learnt"
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
    encoder, raw = embedded(material, threads=params.threads)
    tell(0.2, "vectors")
    model, facts = chosen(params, raw, material, tell)
    head = replace(model.head, prefix=material.begun.prefixes.query)
    return Made(model=replace(model, head=head), encoder=encoder, facts=facts)


def chosen(params: Params, raw: Floats, material: Material, tell: Tell) -> tuple[Interest, dict[str, Any]]:
    """The best of three over the texts' vectors [items, dimensions], and the figures of all."""
    trial = Trial.drawn(material.train, seed=params.seed)
    if len(trial.wanted) < _FEWEST:
        return untrained(raw), {"kept": UNTRAINED, "why": "too_few", "users": len(trial.wanted)}
    learner = Learner(
        steps=params.steps,
        seed=params.seed,
        place=material.place,
        tell=lambda share, note: tell(0.2 + 0.5 * share, note),
        inexact=params.inexact,
    )
    fits: dict[str, Fit] = {UNTRAINED: _as_it_comes, BRIDGED: _bridged, LEARNT: learner.fit}
    with threads(params.threads):
        tried = {name: tried_out(fit(raw, trial.train, trial), trial) for name, fit in fits.items()}
        kept = max(tried, key=lambda name: float(tried[name].ndcg.mean()))
        tell(0.8, kept)
        model = fits[kept](raw, material.train, None)
    if tried[kept].leaning:
        model = leaning(model, material.train, tried[kept].leaning)
    return model, _facts(kept, tried, learner, seed=params.seed)


def embedded(material: Material, *, threads: int | None) -> tuple[Path, Floats]:
    """The base as a folder that serves, and its vectors of all texts [items, dimensions].

    A run that was stopped goes on with the folder that it wrote.
    """
    out = material.place / ENCODER
    if not out.is_dir():
        aside = out.with_name(f"{out.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        write_encoder(material.begun.folder, aside, material.begun.origin, max_length=material.begun.longest)
        aside.rename(out)
    embed = open_embedder(out, threads=threads).embed
    return out, raw_vectors(material.catalogue.texts, embed, material.begun.prefixes.query)


def _as_it_comes(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del train, trial
    return untrained(raw)


def _bridged(raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
    del trial
    return bridged(turned(raw, principal(raw)), train)


def _facts(kept: str, tried: Mapping[str, Tried], learner: Learner, *, seed: int) -> dict[str, Any]:
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
