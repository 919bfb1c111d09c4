"""Which texts of a packed batch attend side by side.

A matrix product of another shape is a new kernel on a processor, and costs more than a short text's attention does. So
texts of like length are read as if they were equally long, in steps of sixteen tokens, and what they lack is hidden.
On a GPU, and where the fused kernel is used, a mask costs more than it gains: there only equal lengths go together.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

SHORT = 256  # tokens up to which plain products beat the fused kernel on a CPU, when a gradient is wanted
_STEP = 16
_LIKE = 2  # a text half as long as the longest is read with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Texts that attend side by side, as if each had ``length`` tokens.

    ``texts`` and ``tokens`` are theirs among all, shortest text first. Where some are shorter: ``places``
    [texts · length] are the tokens to read, the last one again where there is none; ``kept`` [tokens] those of them
    that are there; ``absent`` [texts, 1, 1, length] is -inf where there is none.
    """

    texts: slice
    tokens: slice
    length: int
    places: Tensor | None = None
    kept: Tensor | None = None
    absent: Tensor | None = None

    def spread(self, values: Tensor) -> Tensor:
        """[texts, length, …] of all tokens' [tokens, …]."""
        own = values[self.tokens] if self.places is None else values.index_select(0, self.places)
        return own.view(-1, self.length, *values.shape[1:])

    def gather(self, values: Tensor) -> Tensor:
        """[tokens of the block, …] of [texts, length, …]."""
        flat = values.flatten(0, 1)
        return flat if self.kept is None else flat.index_select(0, self.kept)


def blocks(lengths: Tensor) -> tuple[Block, ...]:
    """The blocks of texts of these lengths [texts], ascending."""
    known = lengths.tolist()
    like = _LIKE if lengths.device.type == "cpu" and known[-1] <= SHORT else 1
    found: list[Block] = []
    last, end = len(known), sum(known)
    while last:
        first = next(text for text, length in enumerate(known) if like * length >= known[last - 1])
        begin = end - sum(known[first:last])
        found.append(_block(slice(first, last), slice(begin, end), lengths[first:last]))
        last, end = first, begin
    return tuple(reversed(found))


def _block(texts: slice, tokens: slice, lengths: Tensor) -> Block:
    shortest, longest = int(lengths[0]), int(lengths[-1])
    if shortest == longest:
        return Block(texts=texts, tokens=tokens, length=longest)
    length = -(-longest // _STEP) * _STEP
    steps, own = torch.arange(length), lengths[:, None]
    there = steps < own
    starts = tokens.start + lengths.cumsum(0) - lengths
    return Block(
        texts=texts,
        tokens=tokens,
        length=length,
        places=(starts[:, None] + torch.minimum(steps, own - 1)).flatten(),
        kept=there.flatten().nonzero()[:, 0],
        absent=torch.zeros(there.shape).masked_fill(~there, -torch.inf)[:, None, None],
    )
