"""The training loop, read from top to bottom: step through an epoch, evaluate, keep the best, go on."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from argosy.train.batches import Batch, Source

Objective = Callable[[nn.Module, Batch], Tensor]
"""The loss summed over the batch's units, a scalar to differentiate; the one thing in which methods differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the loop steps: linear warm-up over ``warmup`` of all steps, then a cosine to 0."""

    epochs: int
    learning_rate: float
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    bf16: bool = False

    def rate(self, step: int, steps: int) -> float:
        """The factor on the learning rate at ``step`` (from 0) out of ``steps``, between 0 and 1."""
        rising = max(1, round(steps * self.warmup))
        if step < rising:
            return (step + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))


@dataclass(slots=True)
class State:
    """Where the loop stands; ``history`` has (mean loss, validation score) of each epoch."""

    step: int = 0
    best_epoch: int = 0
    best_score: float = -math.inf
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[tuple[float, float]] = field(default_factory=list)


def train(
    model: nn.Module,
    objective: Objective,
    source: Source,
    score: Callable[[nn.Module], float],
    schedule: Schedule,
    tell: Callable[[float, str], None],
) -> State:
    """Train what requires a gradient; the model ends with the weights of the epoch that scored best on validation.

    ``score(model)`` is higher for better. Raises FloatingPointError when the loss is not finite.
    """
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    optimiser = torch.optim.AdamW(_groups(trained, schedule.weight_decay), lr=schedule.learning_rate)
    steps = schedule.epochs * len(source.order(0))
    state = State()
    for epoch in range(schedule.epochs):
        losses = []
        set_training(model)
        for rows in source.order(epoch):
            batch = source.batch(rows, epoch)
            for group in optimiser.param_groups:
                group["lr"] = schedule.learning_rate * schedule.rate(state.step, steps)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=schedule.bf16):
                loss = objective(model, batch) / batch.units
            if not torch.isfinite(loss):
                message = f"the loss is {loss.item()} at step {state.step}"
                raise FloatingPointError(message)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(trained.values(), schedule.clip)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(loss.item())
            state.step += 1
            tell(state.step / steps, f"epoch {epoch + 1}/{schedule.epochs}, loss {losses[-1]:.3f}")
        model.eval()
        reached = score(model)
        state.history.append((sum(losses) / len(losses), reached))
        if reached > state.best_score:
            state.best_score, state.best_epoch = reached, epoch + 1
            state.best = {name: weight.detach().clone() for name, weight in trained.items()}
    model.load_state_dict(state.best, strict=False)
    return state


def set_training(model: nn.Module) -> None:
    """Training mode for what is trained; what is frozen stays in evaluation mode, so that it has no dropout."""
    model.train()
    for module in model.modules():
        weights = list(module.parameters())
        if weights and not any(weight.requires_grad for weight in weights):
            module.eval()


def _groups(trained: dict[str, nn.Parameter], weight_decay: float) -> list[dict[str, object]]:
    """No decay on biases and layer norms (vectors)."""
    matrices = [weight for weight in trained.values() if weight.ndim > 1]
    vectors = [weight for weight in trained.values() if weight.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
