"""Train a decoder from nothing on running text: the tokenizer is there, the weights are drawn."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from argosy.models import scratch
from argosy.models.byte_pairs import BytePairs
from argosy.models.scratch import Shape
from argosy.train.corpus import Corpus, HeldOut, next_token, tokenised
from argosy.train.loop import Schedule, ScoreRecord, StepRecord, train
from argosy.train.recipe import Outcome
from argosy.train.watch import Budget, Expected, Reading, Watch

_SPEED = "tokens_per_second"
_TRIED = 3  # steps by which the speed is measured, after one that warms up
_FORWARD = 1 / 3  # of the work of training on a token is reading it


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
    speed = keep.once(_SPEED, lambda: round(_speed(model, corpus, bf16=plan.schedule.bf16), 1))
    expected = foretell(shape, tokenizer.size, corpus, held, plan.budget, speed)
    watch.expected(expected)
    looking = Looking(watch)
    every = max(1, -(-expected.steps // plan.budget.evaluations))
    planned = replace(plan.schedule, epochs=0, steps=expected.steps, evaluate_every=every)
    begun = time.monotonic()
    state = train(
        model,
        next_token,
        corpus,
        lambda model: looking.score(held.nats(model, bf16=plan.schedule.bf16)),
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

    def score(self, nats: NDArray[np.float64]) -> float:
        """What the loop keeps the best of."""
        self._nats = nats
        return -float(nats.sum())

    def log(self, record: StepRecord | ScoreRecord) -> None:
        """Take a line of the curve."""
        if isinstance(record, StepRecord):
            self._watch.stepped(record.step, record.seconds)
        else:
            self._watch.read(Reading(step=record.step, loss=record.loss, nats=self._nats))


def foretell(shape: Shape, pieces: int, corpus: Corpus, held: HeldOut, budget: Budget, speed: float) -> Expected:
    """How many steps the budget comes to, and how long they and the evaluations take at ``speed`` tokens a second."""
    a_step = corpus.batch_size * corpus.context
    an_epoch = len(corpus.order(0)) * a_step
    read = budget.evaluations * held.tokens * _FORWARD  # in tokens that are trained on
    if budget.steps or budget.epochs:
        tokens = budget.steps * a_step or budget.epochs * an_epoch
    else:
        most = max(0.0, 60 * budget.minutes * speed - read)
        tokens = scratch.horizon(shape, pieces, len(corpus.stream), most)
    steps = max(1, round(tokens / a_step))
    parameters = shape.parameters(pieces)
    return Expected(
        steps=steps,
        tokens=steps * a_step,
        epochs=steps * a_step / an_epoch,
        most_epochs=scratch.EPOCHS,
        tokens_per_second=speed,
        flops=6.0 * parameters * steps * a_step,
        seconds=(steps * a_step + read) / speed,
    )


def _speed(model: nn.Module, corpus: Corpus, *, bf16: bool) -> float:
    """Tokens a second, by a few batches forward and backward; the weights stay as they were."""
    order = corpus.order(0)
    seconds = []
    for number in range(_TRIED + 1):
        batch = corpus.batch(order[number % len(order)], 0)
        begun = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = next_token(model, batch) / batch.units
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        seconds.append(time.perf_counter() - begun)
    model.zero_grad(set_to_none=True)
    return batch.units / float(np.median(seconds[1:]))
