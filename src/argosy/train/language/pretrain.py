"""Train a decoder from nothing on running text: the tokenizer is there, the weights are drawn."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from argosy.models import scratch
from argosy.models.byte_pairs import BytePairs
from argosy.models.scratch import Shape
from argosy.train.checkpoints import Checkpoints
from argosy.train.language.corpus import Corpus, HeldOut, next_token, tokenised
from argosy.train.language.pace import Pace, measured
from argosy.train.language.watch import Budget, Expected, Reading, Watch
from argosy.train.loop import Schedule, ScoreRecord, StepRecord, train
from argosy.train.recipe import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is trained and how: ``schedule`` gives everything but steps and evaluations, which the budget comes to."""

    shape: Shape
    schedule: Schedule
    budget: Budget
    seed: int


def pretrain(base: Path, texts: Mapping[str, Sequence[str]], out: Path, plan: Plan, watch: Watch) -> Outcome:
    """Train on ``texts["train"]``, keep what finds ``texts["validation"]`` least surprising, write a folder to ``out``.

    ``base`` holds the tokenizer. With minutes the steps follow from the speed of this machine; they are decided once
    and kept, so that a training that goes on ends where it would have. Raises DataError when the texts don't fill one
    context.
    """
    shape, seed, keep = plan.shape, plan.seed, watch.keep
    torch.manual_seed(seed)
    tokenizer = BytePairs.load(base)
    stream = tokenised(texts["train"], tokenizer)
    corpus = Corpus.of(stream, context=shape.context, batch_tokens=shape.batch_tokens, seed=seed)
    held = HeldOut.of(texts["validation"], tokenizer, context=shape.context)
    model = scratch.decoder(shape, tokenizer, seed=seed)
    parameters = sum(weight.numel() for weight in model.parameters())
    expected = foretell(plan, tokenizer.size, corpus, _paced(model, corpus, held, plan, keep))
    watch.expected(expected)
    looking = Looking(watch)
    every = max(1, -(-expected.steps // plan.budget.evaluations))
    planned = replace(plan.schedule, epochs=0, steps=expected.steps, evaluate_every=every)
    begun = time.monotonic()
    state = train(
        model,
        next_token,
        corpus,
        lambda model: looking.timed(lambda: held.nats(model, bf16=plan.schedule.bf16)),
        planned,
        watch.tell,
        keep=keep,
        log=looking.log,
    )
    seconds = time.monotonic() - begun
    out.mkdir(parents=True, exist_ok=True)
    scratch.save(model, tokenizer, out)
    return Outcome(
        best_epoch=state.best_epoch,
        best_step=state.best_step,
        history=tuple(state.history),
        trained=parameters,
        parameters=parameters,
        tokens=len(stream),
        tokens_per_second=expected.tokens / seconds,
        notes=tuple(state.notes),
    )


class Looking:
    """Hands on what the loop logs, each evaluation with the surprise of every text."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._nats: NDArray[np.float64] = np.zeros(0)
        self._seconds = 0.0

    def timed(self, read: Callable[[], NDArray[np.float64]]) -> float:
        """What the loop keeps the best of, and the time that reading takes."""
        begun = time.perf_counter()
        reached = self.score(read())
        self._seconds = time.perf_counter() - begun
        return reached

    def score(self, nats: NDArray[np.float64]) -> float:
        """What the loop keeps the best of."""
        self._nats = nats
        return -float(nats.sum())

    def log(self, record: StepRecord | ScoreRecord) -> None:
        """Take a line of the curve."""
        if isinstance(record, StepRecord):
            self._watch.stepped(record.step, record.seconds)
        else:
            self._watch.read(Reading(step=record.step, loss=record.loss, nats=self._nats, seconds=self._seconds))


def foretell(plan: Plan, pieces: int, corpus: Corpus, pace: Pace) -> Expected:
    """How many steps the budget comes to, and how long they and the evaluations take at this pace."""
    budget, shape = plan.budget, plan.shape
    a_step = corpus.batch_size * corpus.context
    an_epoch = len(corpus.order(0))
    if budget.steps or budget.epochs:
        steps = budget.steps or budget.epochs * an_epoch
    else:
        most = pace.steps(60 * budget.minutes, budget.evaluations) * a_step
        steps = max(1, scratch.horizon(shape, pieces, len(corpus.stream), most) // a_step)
    return Expected(
        steps=steps,
        tokens=steps * a_step,
        epochs=steps / an_epoch,
        most_epochs=scratch.EPOCHS,
        tokens_per_second=a_step / pace.step,
        flops=6.0 * shape.parameters(pieces) * steps * a_step,
        seconds=pace.seconds(steps, budget.evaluations),
    )


def _paced(model: nn.Module, corpus: Corpus, held: HeldOut, plan: Plan, keep: Checkpoints) -> Pace:
    """The speed of this machine, measured once: a training that goes on keeps to its plan."""
    found: list[Pace] = []

    def measure() -> Pace:
        found[:] = found or [measured(model, next_token, corpus, held, plan.schedule)]
        return found[0]

    step = keep.once("step_seconds", lambda: measure().step)
    return Pace(step=step, evaluation=keep.once("evaluation_seconds", lambda: measure().evaluation))
