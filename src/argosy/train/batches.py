"""What the loop is fed: the rows of every batch, known before it is made, and the tensors of one batch.

An epoch's order is a function of the seed and the epoch alone, so a training that goes on skips what it has seen
without making it; a batch is made from its rows, so half of it, or one process's share, is the same call with fewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

_CHUNK = 50  # batches that are sorted by length together: less padding, still random company
Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """``tensors`` by name as the objective reads them; ``rows`` says which training rows they hold.

    ``units`` is what the loss is a mean over: rows, or the tokens that have a target.
    """

    rows: Rows
    tensors: Mapping[str, Tensor]
    units: int


class Source(Protocol):
    """The training rows as batches."""

    def order(self, epoch: int) -> Sequence[Rows]:
        """The rows of each batch of an epoch (from 0), decided by the seed and the epoch alone."""
        ...

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """The tensors of some rows; what is drawn for them (masked tokens) hangs on seed, epoch and row alone."""
        ...


def bucketed(lengths: Sequence[int], *, batch_size: int, seed: int) -> list[Rows]:
    """Every row once, in batches of similar length.

    Rows are shuffled with ``seed``, sorted by length inside chunks of 50 batches, and the batches shuffled again.
    """
    order = np.random.default_rng(seed).permutation(len(lengths))
    batches: list[Rows] = []
    for start in range(0, len(order), batch_size * _CHUNK):
        chunk = sorted(order[start : start + batch_size * _CHUNK].tolist(), key=lambda row: lengths[row])
        batches.extend(tuple(chunk[first : first + batch_size]) for first in range(0, len(chunk), batch_size))
    return [batches[index] for index in np.random.default_rng(seed + 1).permutation(len(batches))]


def padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """(ids, mask), both int64 [rows, longest]; the mask is 1 where a token stands."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask
