"""The head above an encoder that stays as it is: learnt from histories, judged on hidden items."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from argosy.core.stage import Tell
from argosy.recommend.interactions import Floats, Interactions
from argosy.recommend.interest.bridge import bridged, leaning, principal, turned
from argosy.recommend.interest.examples import Examples, Trial
from argosy.recommend.interest.model import Interest, middle
from argosy.recommend.interest.pooling import Pooling

if TYPE_CHECKING:
    from argosy.train.objectives.interest import Lessons

WIDTH = 128
"""Of the learnt vectors."""
_LEANINGS = (0.0, 0.12)  # what the popularity of a text weighs beside a cosine
_BATCH = 256
_SECONDS = 120  # between checkpoints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """How a model ranks hidden items, by user, with the ``leaning`` to popular texts that serves it best."""

    leaning: float
    ndcg: Floats


def tried_out(model: Interest, trial: Trial) -> Tried:
    """The model on the trial, with each leaning."""
    found = {weight: trial.ndcg(leaning(model, trial.train, weight).scores(trial.histories)) for weight in _LEANINGS}
    best = max(found, key=lambda weight: float(found[weight].mean()))
    return Tried(leaning=best, ndcg=found[best])


@dataclass(slots=True, kw_only=True)
class Learner:
    """Learns the head: in a trial until it no longer gains there, ``steps`` at most, and then for just as many."""

    steps: int
    seed: int
    place: Path
    tell: Tell
    inexact: bool = False

    def fit(self, raw: Floats, train: Interactions, trial: Trial | None) -> Interest:
        """The head learnt from what happened."""
        from argosy.train.checkpoints import Checkpoints  # torch, which an install that only serves does not have
        from argosy.train.interest import Begin, HeadRecipe, learn

        def score(told: Begin) -> float:
            return float(tried_out(turned(raw, told[0], Pooling(slopes=told[1])), trial).ndcg.mean()) if trial else 0.0

        learnt = learn(
            lessons(raw, train, seed=self.seed),
            (principal(raw, WIDTH), Pooling().slopes),
            score if trial else None,
            HeadRecipe(steps=self.steps),
            self.tell,
            keep=Checkpoints(self.place / ("trial" if trial else "whole"), seconds=_SECONDS, inexact=self.inexact),
        )
        self.steps = learnt.steps
        return bridged(turned(raw, learnt.turn, Pooling(slopes=learnt.slopes)), train)


def lessons(raw: Floats, train: Interactions, *, seed: int, batch_size: int = _BATCH) -> "Lessons":
    """What is learnt from: every success behind a history."""
    from argosy.train.objectives.interest import Lessons

    examples = Examples.of(train)
    return Lessons(
        texts=np.where(raw.any(axis=1, keepdims=True), raw - middle(raw), np.float32(0)),
        counts=np.bincount(examples.target, minlength=train.size),
        gather=examples.gather,
        rows=len(examples),
        batch_size=batch_size,
        seed=seed,
    )
