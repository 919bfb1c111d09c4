"""Learns how texts tell what comes next: the head above vectors of an encoder that stays as it is."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from argosy.train.checkpoints import Checkpoints
from argosy.train.loop import Schedule, Tell, train
from argosy.train.objectives.interest import Floats, Head, Lessons, loss

_EVERY = 40  # steps between two evaluations


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRecipe:
    """How the head is learnt: at most so many ``steps``, until ``patience`` evaluations brought nothing."""

    steps: int = 600
    learning_rate: float = 3e-4
    dropout: float = 0.5
    patience: int = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """The ``turn`` [dimensions, width] and ``slopes`` of the step that was best, and each step's (loss, score)."""

    turn: Floats
    slopes: tuple[float, ...]
    steps: int
    history: tuple[tuple[float, float], ...]


Begin = tuple[Floats, tuple[float, ...]]
"""The turn and the slopes that a training begins with, or that it has come to."""


def learn(
    lessons: Lessons,
    begin: Begin,
    score: Callable[[Begin], float] | None,
    recipe: HeadRecipe,
    tell: Tell,
    *,
    keep: Checkpoints | None = None,
) -> Learnt:
    """Learn until ``score`` no longer rises, or, where there is none, for all of the recipe's steps."""
    torch.manual_seed(lessons.seed)
    head = Head(*begin, dropout=recipe.dropout)
    schedule = Schedule(
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        weight_decay=0.0,
        evaluate_every=_EVERY if score else recipe.steps,
        patience=recipe.patience,
    )

    def reached(model: nn.Module) -> float:
        return score(_told(model)) if score else 0.0

    state = train(head, loss, lessons, reached, schedule, tell, keep=keep)
    turn, slopes = _told(head)
    return Learnt(turn=turn, slopes=slopes, steps=state.best_step or state.step, history=tuple(state.history))


def _told(model: nn.Module) -> Begin:
    weights: dict[str, Tensor] = dict(model.named_parameters())
    slopes = tuple(round(float(value), 6) for value in weights["slopes"].detach())
    return weights["turn"].detach().numpy().copy(), slopes
