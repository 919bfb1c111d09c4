"""Domain-adaptive pre-training (Gururangan et al. 2020): a base learns to fill gaps in the user's own texts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from argosy.train.fit import Watch, device_of, fit
from argosy.train.loop import Tell
from argosy.train.objectives import forward
from argosy.train.objectives.feed import Fed
from argosy.train.objectives.mask import NO_TARGET, Mask
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe


def adapt(
    base: Path, texts: Sequence[str], held: Sequence[str], out: Path, recipe: Recipe, tell: Tell
) -> dict[str, Any]:
    """Train on ``texts``, keep the epoch with the lowest loss on the ``held`` ones, write ``out``: a base to fine-tune.

    A base without a masked-language head gets one that is tied to its word embeddings. The answer is plain values: what
    the training tells, and in ``held_out`` for each held-out sequence the ``words`` left out and the sums of their loss
    ``before`` and ``after``, in nats. Where ``drawn`` is true the head was new, so ``before`` tells little of the base.
    Raises what ``fit`` raises.
    """
    outcome = fit(Mask(), base, {"train": texts, "validation": held}, out, recipe, Watch(tell=tell))
    reader = Reader.load(base, max_length=recipe.max_length)
    aim = Mask().fitted(held, reader, recipe)
    items = aim.items(held, reader, held_out=True)
    fed = Fed(aim=aim, items=items, batch_size=recipe.batch_size, pad=reader.pad, seed=recipe.seed)
    first, last = (aim.open(folder, recipe.seed) for folder in (base, out))
    words, before = _losses(first.model, fed, recipe)
    _, after = _losses(last.model, fed, recipe)
    drawn = bool(first.drawn)
    return {**asdict(outcome), "drawn": drawn, "held_out": {"words": words, "before": before, "after": after}}


@torch.inference_mode()
def _losses(model: nn.Module, fed: Fed, recipe: Recipe) -> tuple[list[int], list[float]]:
    """(words left out, the sum of their losses) of each sequence."""
    device = torch.device(device_of(recipe))
    model.to(device).eval()
    words, sums = [0] * len(fed.items), [0.0] * len(fed.items)
    for batch in fed.held_out(device):
        targets = batch.tensors["targets"]
        drawn = targets != NO_TARGET
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=recipe.bf16):
            logits = forward.at(model, batch.tensors, drawn).float()
        each = torch.zeros(targets.shape, device=device)
        each[drawn] = nn.functional.cross_entropy(logits, targets[drawn], reduction="none")
        for row, count, total in zip(batch.rows, drawn.sum(dim=1).tolist(), each.sum(dim=1).tolist(), strict=True):
            words[row], sums[row] = count, total
    return words, sums
