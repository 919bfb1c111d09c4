"""What the objectives that write text share: the loss of the next token where it counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from argosy.core.errors import MissingError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Tensors

NO_TARGET = -100
_SAME = 1e-4  # of the spread of logits: more than rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """``marks`` says which tokens are to be foretold (None: all), ``row`` which text they belong to."""

    marks: Sequence[bool] | None = None
    row: int = 0


def open_decoder(base: Path, seed: int) -> Opened:
    """A model that foretells the next token; raises MissingError for one that reads ahead, as encoders do."""
    opened = load(base, "next_word", seed=seed)
    ids = torch.tensor([[1, 2, 3], [1, 2, 0]])
    with torch.inference_mode():
        first, second = opened.model.train(mode=False)(input_ids=ids).logits[:, :2]
    opened.model.train()
    if (first - second).abs().max() > _SAME * first.std():
        raise MissingError(
            "The base model reads ahead: what it says of a token hangs on the tokens behind it.",
            where=str(base),
            mend="Choose a decoder (GPT, Llama, Qwen, …) to learn to write; encoders learn masked words.",
        )
    return opened


def tensors(items: Sequence[Item], pad: int) -> tuple[Tensors, int]:
    """``targets`` int64 [rows, length]: the next token where that one counts, else -100; the units are theirs."""
    read = forward.inputs(items, pad)
    targets = torch.full_like(read["ids"], NO_TARGET)
    for row, item in enumerate(items):
        ids, marks = torch.tensor(item.ids[1:]), item.target.marks
        counted = ids if marks is None else ids.where(torch.tensor(marks[1:]), NO_TARGET)
        targets[row, : len(counted)] = counted
    return {**read, "targets": targets}, max(1, int((targets != NO_TARGET).sum()))


def by_token(model: nn.Module, given: Tensors) -> tuple[Tensor, Tensor]:
    """The surprise in nats of each token that counts, and the row of each."""
    targets = given["targets"]
    counted = targets != NO_TARGET
    surprise = nn.functional.cross_entropy(forward.at(model, given, counted), targets[counted], reduction="none")
    return surprise, counted.nonzero()[:, 0]


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of the tokens that count."""
    return by_token(model, batch.tensors)[0].sum()


def blocks(ids: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    """Cuts of at most ``length`` tokens; each begins with the last of the one before, so all are foretold once."""
    for start in range(0, len(ids) - 1, length - 1):
        yield ids[start : start + length]
