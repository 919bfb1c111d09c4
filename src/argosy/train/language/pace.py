"""How long a training will take on this machine: measured by a few of its steps before it starts."""

import copy
import statistics
import time
from dataclasses import dataclass, replace

import torch
from torch import nn

from argosy.train.batches import Source
from argosy.train.language.corpus import HeldOut
from argosy.train.loop import Objective, Schedule, ScoreRecord, StepRecord, train

_STEPS, _WARM = 6, 2  # taken, and those of them that don't count
_READ = 8  # contexts of held-out text


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds of a step, forward, backward and the optimiser's, and of one evaluation."""

    step: float
    evaluation: float

    def seconds(self, steps: int, evaluations: int) -> float:
        """Of a whole training."""
        return steps * self.step + evaluations * self.evaluation

    def steps(self, seconds: float, evaluations: int) -> int:
        """How many fit, at least one."""
        return max(1, int((seconds - evaluations * self.evaluation) / self.step))


def measured(model: nn.Module, objective: Objective, source: Source, held_out: HeldOut, schedule: Schedule) -> Pace:
    """Take a few steps of the loop with a copy of the model; the model and the random state stay as they were."""
    seconds: list[float] = []

    def log(record: StepRecord | ScoreRecord) -> None:
        if isinstance(record, StepRecord):
            seconds.append(record.seconds)

    trial = replace(schedule, epochs=0, steps=_STEPS, evaluate_every=_STEPS, patience=0, surge=0.0)
    with torch.random.fork_rng():
        train(copy.deepcopy(model), objective, source, lambda _: 0.0, trial, lambda *_: None, log=log)
    few = held_out.few(_READ)
    few.nats(model, bf16=schedule.bf16)
    begun = time.perf_counter()
    few.nats(model, bf16=schedule.bf16)
    reading = (time.perf_counter() - begun) * held_out.tokens / max(few.tokens, 1)
    return Pace(step=statistics.median(seconds[_WARM:]), evaluation=reading)
