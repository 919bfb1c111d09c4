"""Batches of similar length, so that little of the work is padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

_CHUNK = 50  # batches that are sorted by length together: less padding, still random company


def epoch(
    tokens: Sequence[Sequence[int]], targets: Sequence[int], *, batch_size: int, pad: int, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """One pass in random order: (ids [rows, length], mask [rows, length], targets [rows]), int64.

    Rows are shuffled with ``seed``, sorted by length inside chunks of 50 batches, and the batches shuffled again.
    """
    order = np.random.default_rng(seed).permutation(len(tokens))
    batches: list[list[int]] = []
    for start in range(0, len(order), batch_size * _CHUNK):
        chunk = sorted(order[start : start + batch_size * _CHUNK].tolist(), key=lambda row: len(tokens[row]))
        batches.extend(chunk[first : first + batch_size] for first in range(0, len(chunk), batch_size))
    for index in np.random.default_rng(seed + 1).permutation(len(batches)):
        rows = batches[index]
        ids, mask = padded([tokens[row] for row in rows], pad)
        yield ids, mask, torch.tensor([targets[row] for row in rows])


def padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask), both int64 [rows, longest]; the mask is 1 where a token stands."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask
