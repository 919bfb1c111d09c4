"""What the frozen lower part of a classifier makes of each row, computed once instead of in every epoch.

The part is in evaluation mode, without dropout, so its states are the same each time. They are computed in the batches
of the first epoch's order, whatever was trained before, so a training that goes on finds the same bits.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from argosy.core.artifact import machine_error
from argosy.train import packed
from argosy.train.batches import Batch, Rows, Source

LARGEST = 2**29  # bytes that are kept in memory; more goes to a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A Source whose batches hold ``below`` [rows, longest, width] besides: what the frozen layers make of each token.

    Where all layers are frozen, ``below`` is [rows, 1, width]: the last state of the first token.
    """

    source: Source
    states: Mapping[int, Tensor]

    def order(self, epoch: int) -> Sequence[Rows]:
        """The order of the source."""
        return self.source.order(epoch)

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """The batch of the source with the states of its rows."""
        batch = self.source.batch(rows, epoch)
        below = pad_sequence([self.states[row] for row in rows], batch_first=True)
        return replace(batch, tensors={**batch.tensors, packed.BELOW: below})


@contextmanager
def cached(model: nn.Module, source: Source, *, bf16: bool, largest: int = LARGEST) -> Iterator[Source]:
    """``source`` with what the frozen layers make of its rows; as it is where no layer is frozen.

    The tokens of a row must be the same in every epoch. Up to ``largest`` bytes stay in memory, more lie in a temporary
    file until the block ends. Raises MachineError when the disk is full.
    """
    if not packed.stacked(model) or packed.frozen_below(model) < 1:
        yield source
        return
    order = source.order(0)
    computed = _computed(model, source, order, bf16=bf16)
    width = packed.unwrapped(model).config.hidden_size * (2 if bf16 else 4)
    if _tokens(model, source, order) * width <= largest:
        yield Kept(source=source, states=dict(computed))
        return
    with tempfile.TemporaryDirectory(prefix="argosy-", ignore_cleanup_errors=True) as folder:
        yield Kept(source=source, states=_stored(Path(folder) / "states", computed))


def _tokens(model: nn.Module, source: Source, order: Sequence[Rows]) -> int:
    """How many tokens are kept."""
    if _whole(model):
        return sum(map(len, order))
    return sum(int(source.batch(rows, 0).tensors["mask"].sum()) for rows in order)


def _whole(model: nn.Module) -> bool:
    """Whether every layer is frozen, so that only first tokens are read."""
    return packed.frozen_below(model) == len(packed.layers_of(packed.unwrapped(model)))


def _computed(model: nn.Module, source: Source, order: Sequence[Rows], *, bf16: bool) -> Iterator[tuple[int, Tensor]]:
    """Each row with its states [tokens, width] in bfloat16, or in float32."""
    training = model.training
    device = next(model.parameters()).device
    model.eval()
    for rows in order:
        tensors = {name: tensor.to(device) for name, tensor in source.batch(rows, 0).tensors.items()}
        with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            states = packed.below(model, tensors)
        states = states.to("cpu", torch.bfloat16 if bf16 else torch.float32)
        lengths = [1] * len(rows) if states.shape[1] == 1 else tensors["mask"].sum(dim=1).tolist()
        yield from ((row, own[:length].clone()) for row, own, length in zip(rows, states, lengths, strict=True))
    model.train(training)


def _stored(path: Path, computed: Iterator[tuple[int, Tensor]]) -> dict[int, Tensor]:
    """The same, read from a file where the states lie one behind another."""
    lengths: dict[int, int] = {}
    try:
        with path.open("wb") as file:
            for row, states in computed:
                file.write(states.view(torch.uint8).numpy().tobytes())
                lengths[row] = len(states)
    except OSError as error:
        raise machine_error(error, path) from error
    count = path.stat().st_size // states.element_size()
    whole = torch.from_file(str(path), size=count, dtype=states.dtype).view(-1, states.shape[1])
    return dict(zip(lengths, torch.split(whole, list(lengths.values())), strict=True))
