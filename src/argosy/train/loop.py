"""The training loop, read from top to bottom: save, evaluate, stop or go on, step, log.

Pre-training, fine-tuning, LoRA, distillation, adversarial and continual training differ in the objective and in which
parameters require a gradient; nothing else is passed in. Where the loop stands is one record, so what a checkpoint
holds can be read off it.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from argosy.core.errors import DataError, MachineError, ProjectError, StoppedError
from argosy.core.notes import Note, say
from argosy.train import parallel
from argosy.train.arithmetic import arithmetic, fingerprint
from argosy.train.batches import Batch, Rows, Source
from argosy.train.checkpoints import Checkpoints, Saved
from argosy.train.curve import Log, ScoreRecord, StepRecord
from argosy.train.interruption import interruptions
from argosy.train.memory import in_shards, out_of_memory, refusing, too_large
from argosy.train.methods.divergence import Pulse
from argosy.train.optimiser import make_optimiser, optimiser_state, restore_optimiser
from argosy.train.randomness import Randomness
from argosy.train.schedule import Schedule

__all__ = ["Log", "Objective", "Schedule", "ScoreRecord", "State", "StepRecord", "set_training", "train"]

Objective = Callable[[nn.Module, Batch], Tensor]
"""The loss summed over the batch's units, a scalar to differentiate; the one thing in which methods differ."""

Tell = Callable[[float, str], None]
"""News: the share done, from 0 to 1, and a line."""


@dataclass(slots=True)
class State:
    """Where the loop stands; ``history`` has (mean loss, validation score) of each evaluation, ``evaluated`` its step.

    ``step`` counts the steps done, ``index`` the batches done of ``epoch``. ``notes`` tell what was
    decided on the way.
    """

    step: int = 0
    epoch: int = 0
    index: int = 0
    parts: int = 1
    loss_sum: float = 0.0
    losses: int = 0
    stale: int = 0
    best_epoch: int = 0
    best_step: int = 0
    best_score: float = -math.inf
    history: list[tuple[float, float]] = field(default_factory=list)
    evaluated: list[int] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    pulse: Pulse = field(default_factory=Pulse)
    best: dict[str, Tensor] = field(default_factory=dict)
    average: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What does not change while the loop runs."""

    model: nn.Module
    objective: Objective
    source: Source
    schedule: Schedule
    steps: int
    trained: dict[str, nn.Parameter]
    optimiser: torch.optim.Optimizer
    device: torch.device
    tell: Tell
    keep: Checkpoints | None
    settings: dict[str, object]


def train(  # noqa: PLR0913 - all that it does is passed in
    model: nn.Module,
    objective: Objective,
    source: Source,
    score: Callable[[nn.Module], float],
    schedule: Schedule,
    tell: Tell,
    *,
    keep: Checkpoints | None = None,
    log: Log | None = None,
) -> State:
    """Train what requires a gradient; the model ends with the weights of the evaluation that scored best.

    ``score(model)`` is higher for better. With ``keep``, a training that was stopped goes on where it was and ends with
    the same bits. Raises ArgosyError when the loss is not finite or explodes, MachineError when memory or disk do not
    suffice or the checkpoint was computed otherwise, ProjectError for a checkpoint of other settings, StoppedError
    after ctrl-C, once all is saved.
    """
    work = _prepare(model, objective, source, schedule, tell, keep)
    state = _begin(work)
    order = source.order(state.epoch)
    with interruptions(heeded=keep is not None) as stop:
        while True:
            ended = (
                state.index == len(order) if not schedule.evaluate_every else not state.step % schedule.evaluate_every
            )
            evaluating = state.losses > 0 and (ended or state.step == work.steps)
            stopping, due = parallel.any_of(stop.asked, _due(keep, state))
            if keep is not None and (evaluating or stopping or due):
                _save(work, state, keep)
            if stopping:
                raise _stopped(work, state)
            if evaluating:
                _evaluate(work, state, score, log)
            if state.step == work.steps or 0 < schedule.patience <= state.stale:
                break
            while state.index >= len(order):
                state.epoch, state.index = state.epoch + 1, 0
                order = source.order(state.epoch)
            record = _step(work, state, order[state.index])
            if parallel.rank() == 0:
                tell(state.step / work.steps, _line(record, schedule, work.steps))
                if log is not None:
                    log(record)
    _put(work, state.best)
    model.eval()
    return state


def set_training(model: nn.Module) -> None:
    """Training mode for what is trained; what is frozen stays in evaluation mode, so that it has no dropout."""
    model.train()
    for module in model.modules():
        weights = list(module.parameters())
        if weights and not any(weight.requires_grad for weight in weights):
            module.eval()


def _prepare(
    model: nn.Module, objective: Objective, source: Source, schedule: Schedule, tell: Tell, keep: Checkpoints | None
) -> _Work:
    schedule.check()
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    if not trained:
        raise ProjectError("Nothing is trained: every weight is frozen.", mend="Freeze fewer layers.")
    first = source.order(0)
    if not len(first):
        raise DataError("There is no row to train on.", mend="Give more rows, or texts longer than the context.")
    steps = schedule.steps or len(first) + sum(len(source.order(epoch)) for epoch in range(1, schedule.epochs))
    return _Work(
        model=model,
        objective=objective,
        source=source,
        schedule=schedule,
        steps=steps,
        trained=trained,
        optimiser=make_optimiser(
            trained, schedule.learning_rate, schedule.weight_decay, schedule.decay, kind=schedule.optimiser
        ),
        device=next(iter(trained.values())).device,
        tell=tell,
        keep=keep,
        settings={**asdict(schedule), **fingerprint(model, first, steps)} if keep is not None else {},
    )


def _begin(work: _Work) -> State:
    """The state of the last checkpoint, with weights, optimiser and random states set to it, or a fresh one."""
    state = State(parts=work.schedule.accumulate)
    if work.schedule.ema:
        state.average = {name: weight.detach().clone() for name, weight in work.trained.items()}
    parallel.own_randomness()
    set_training(work.model)
    if work.keep is None:
        return state
    saved = work.keep.last(work.settings, arithmetic(work.device))
    if saved is None:
        return state
    state = _restore(work, saved)
    if parallel.rank() == 0:
        work.tell(state.step / work.steps, f"going on from step {state.step}")
    return state


def _due(keep: Checkpoints | None, state: State) -> bool:
    """Whether the first process, whose clock counts, wants a checkpoint now."""
    return keep is not None and parallel.rank() == 0 and keep.due(state.step)


def _save(work: _Work, state: State, keep: Checkpoints) -> None:
    held = {f"weights/{name}": weight.detach() for name, weight in work.trained.items()}
    held |= {f"buffers/{name}": buffer for name, buffer in work.model.named_buffers()}
    held |= {f"average/{name}": weight for name, weight in state.average.items()}
    held |= {f"optimiser/{name}": value for name, value in optimiser_state(work.optimiser, work.trained).items()}
    tensors = {name: parallel.whole(tensor) for name, tensor in held.items()}
    best = {name: parallel.whole(tensor) for name, tensor in state.best.items()}
    for rank, drawn in enumerate(parallel.gathered(Randomness.now().to_bytes())):
        tensors[f"random/{rank}"] = torch.frombuffer(bytearray(drawn), dtype=torch.uint8)
    facts = {name: getattr(state, name) for name in _FACTS} | {"pulse": asdict(state.pulse)}
    saved = Saved(step=state.step, tensors=tensors, best=best, best_step=state.best_step, facts=facts)
    if parallel.rank() == 0:
        keep.save(saved, work.settings, arithmetic(work.device))
    parallel.meet()


_FACTS = ("step", "epoch", "index", "parts", "loss_sum", "losses", "stale", "best_epoch", "best_step", "best_score",
          "history", "evaluated", "notes")  # fmt: skip


def _restore(work: _Work, saved: Saved) -> State:
    """The checkpoint's state; the model, the optimiser and the random states are set to it."""
    facts: dict[str, Any] = {**saved.facts, "history": [tuple(pair) for pair in saved.facts["history"]]}
    facts["pulse"] = Pulse(**facts["pulse"])
    state = State(**facts)
    _put(work, {name: parallel.placed(value, work.trained[name]) for name, value in saved.part("weights").items()})
    for name, buffer in work.model.named_buffers():
        buffer.copy_(saved.tensors[f"buffers/{name}"])
    restore_optimiser(work.optimiser, work.trained, saved.part("optimiser"))
    state.average = {n: parallel.placed(value, work.trained[n]) for n, value in saved.part("average").items()}
    state.best = {n: parallel.placed(value, work.trained[n]) for n, value in saved.best.items()}
    drawn = saved.tensors.get(f"random/{parallel.rank()}")
    if drawn is not None:
        Randomness.from_bytes(drawn.numpy().tobytes()).restore()
    return state


def _step(work: _Work, state: State, rows: Rows) -> StepRecord:
    """One step of the optimiser on one batch."""
    started = time.perf_counter()
    rate = work.schedule.learning_rate * work.schedule.rate(state.step, work.steps)
    for group in work.optimiser.param_groups:
        group["lr"] = rate
    summed, units = _differentiate(work, state, rows)
    gradients = [weight.grad for weight in work.trained.values() if weight.grad is not None]
    length = parallel.whole(nn.utils.get_total_norm(gradients))
    loss, norm = torch.stack([summed, length.to(summed.device)]).tolist()  # the one wait for the device
    state.pulse.beat(loss, norm, work.schedule.surge, step=state.step + 1, epoch=state.epoch + 1, rows=rows)
    if work.schedule.clip:
        nn.utils.clip_grads_with_norm_(work.trained.values(), work.schedule.clip, length)
    with refusing(_no_room(state)):
        work.optimiser.step()
    state.step += 1
    state.index += 1
    state.loss_sum += loss
    state.losses += 1
    _average(work, state)
    return StepRecord(
        step=state.step,
        epoch=state.epoch + 1,
        loss=loss,
        rate=rate,
        norm=norm,
        units=units,
        seconds=time.perf_counter() - started,
    )


def _differentiate(work: _Work, state: State, rows: Rows) -> tuple[Tensor, int]:
    """(loss, units) of the whole batch, its gradients left at the weights; in twice the parts where memory runs out.

    A second try starts from the random states and the buffers of the first, so it draws the same.
    """
    before = Randomness.now()
    buffers = {name: buffer.clone() for name, buffer in work.model.named_buffers()}
    _replay(work, state)
    while True:
        pieces = parallel.pieces(rows, state.parts)
        batches = [(work.source.batch(piece, state.epoch), counts) for piece, counts in pieces]
        units = parallel.total(sum(batch.units for batch, counts in batches if counts))
        loss = _attempt(work, batches, units, step=state.step + 1)
        (failed,) = parallel.any_of(loss is None)
        if loss is not None and not failed:
            parallel.sum_gradients(work.trained.values())
            return parallel.summed(loss), units
        if state.parts >= math.ceil(len(rows) / parallel.world()):
            raise too_large(state.step + 1, rows)
        before.restore()
        for name, buffer in work.model.named_buffers():
            buffer.copy_(buffers[name])
        _halve(work, state)


def _attempt(work: _Work, batches: list[tuple[Batch, bool]], units: int, *, step: int) -> Tensor | None:
    """The loss, its gradients left at the weights, or None when memory ran out."""
    work.optimiser.zero_grad(set_to_none=True)
    total = torch.zeros((), device=work.device)
    try:
        for batch, counts in batches:
            tensors = {name: tensor.to(work.device, non_blocking=True) for name, tensor in batch.tensors.items()}
            with torch.autocast(work.device.type, dtype=torch.bfloat16, enabled=work.schedule.bf16):
                loss = work.objective(work.model, replace(batch, tensors=tensors)) / units
            if not counts:
                loss *= 0
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            total += loss.detach()
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        if parallel.sharded(work.model):
            raise in_shards(step) from error
        return None
    return total


def _no_room(state: State) -> MachineError:
    return MachineError(
        "Memory does not suffice for the optimiser at step {step}: it holds two figures for each trained weight.",
        mend="Train fewer weights: freeze layers, train the head alone, or LoRA adapters.",
        step=state.step + 1,
    )


def _replay(work: _Work, state: State) -> None:
    """Compute a batch in as many parts as was decided at this step before the training was killed."""
    if work.keep is not None:
        state.parts = work.keep.decided(f"parts at step {state.step}", state.parts)


def _halve(work: _Work, state: State) -> None:
    state.parts *= 2
    if work.device.type == "cuda":
        torch.cuda.empty_cache()
    state.notes.append({"note": "halved", "step": state.step + 1, "parts": state.parts})
    if parallel.rank() == 0:
        if work.keep is not None:
            work.keep.decide(f"parts at step {state.step}", state.parts)
        work.tell(state.step / work.steps, say(state.notes[-1]))


@torch.no_grad()
def _average(work: _Work, state: State) -> None:
    """Move the average towards the weights; quickly in the first steps, when the average is of few."""
    kept = min(work.schedule.ema, state.step / (state.step + 9))
    for name, mean in state.average.items():
        mean.lerp_(work.trained[name], 1 - kept)


def _evaluate(work: _Work, state: State, score: Callable[[nn.Module], float], log: Log | None) -> None:
    """Score what would be kept; keep it when it is the best so far."""
    kept = state.average or {name: weight.detach() for name, weight in work.trained.items()}
    work.model.eval()
    reached = _score(work, state, score)
    set_training(work.model)
    mean = state.loss_sum / state.losses
    state.history.append((mean, reached))
    state.evaluated.append(state.step)
    state.loss_sum, state.losses, state.stale = 0.0, 0, state.stale + 1
    if reached > state.best_score or not state.best:
        state.stale, state.best_score = 0, reached
        state.best_step, state.best_epoch = state.step, state.epoch + 1
        state.best = {name: weight.clone() for name, weight in kept.items()}
    if log is not None and parallel.rank() == 0:
        log(ScoreRecord(step=state.step, epoch=state.epoch + 1, loss=mean, score=reached))


def _score(work: _Work, state: State, score: Callable[[nn.Module], float]) -> float:
    """The first process's score, with the averaged weights in the model while it is computed."""
    weights = {name: weight.detach().clone() for name, weight in work.trained.items()} if state.average else {}
    words = MachineError(
        "Memory ran out while evaluating after step {step}.",
        mend="Evaluate in smaller batches; a training with checkpoints goes on from this step.",
        step=state.step,
    )
    _put(work, state.average)
    with refusing(words):
        alone = parallel.rank() == 0 or parallel.sharded(work.model)
        reached = score(work.model) if alone else -math.inf
    _put(work, weights)
    return parallel.from_first(reached)


@torch.no_grad()
def _put(work: _Work, weights: Mapping[str, Tensor]) -> None:
    """Set trained weights by name."""
    for name, weight in weights.items():
        work.trained[name].copy_(weight)


def _line(record: StepRecord, schedule: Schedule, steps: int) -> str:
    if schedule.epochs:
        return f"epoch {record.epoch}/{schedule.epochs}, loss {record.loss:.3f}"
    return f"step {record.step}/{steps}, loss {record.loss:.3f}"


def _stopped(work: _Work, state: State) -> StoppedError:
    return StoppedError(
        "Stopped after step {step} of {steps}; the training is saved.",
        mend="Run the same command again: it goes on from this step and ends with the same model.",
        step=state.step,
        steps=work.steps,
    )
