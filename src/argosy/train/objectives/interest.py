"""The vector of a history near that of what comes next: a softmax over items whose logits are cosines.

How often each item is taken is given (the logarithm of its count is added to its logit), so the vectors learn what one
user wants and another does not, and nothing of what is popular (Menon et al. 2021, logit adjustment).
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.train.batches import Batch

AGAIN = -1e9
"""The logit of what a history holds already, and the weight of a place where no event stands."""
_SHARPNESS = 10.0  # of cosines, at first
Floats = NDArray[np.float32]


class Head(nn.Module):
    """What is learnt above texts' vectors: a ``turn`` [dimensions, width], ``slopes`` [features], and a sharpness.

    ``dropout`` is the share of a text's numbers that it does without at a time.
    """

    def __init__(self, turn: Floats, slopes: tuple[float, ...], *, dropout: float) -> None:
        super().__init__()
        self.turn = nn.Parameter(torch.tensor(turn))
        self.slopes = nn.Parameter(torch.tensor(slopes))
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS).log())
        self.dropout = nn.Dropout(dropout)

    def forward(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """Float32 [histories, candidates].

        ``texts`` [places, dimensions] are vectors, their middle taken out; ``events`` [histories, events] and
        ``among`` [candidates] are places in them; ``features`` [histories, events, features] and ``weights``
        [histories, events] belong to the events; ``given`` [candidates] is added; ``again`` [histories, candidates]
        says what a history holds already.
        """
        vectors = nn.functional.normalize(self.dropout(tensors["texts"]) @ self.turn, dim=-1)
        weights = (tensors["features"] @ self.slopes + tensors["weights"]).softmax(dim=-1)
        users = nn.functional.normalize((weights[:, None] @ vectors[tensors["events"]])[:, 0], dim=-1)
        logits = self.sharpness.exp() * users @ vectors[tensors["among"]].T + tensors["given"]
        return logits.masked_fill(tensors["again"], AGAIN)


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of each history's next item, ``targets`` [histories] among the candidates, summed."""
    return nn.functional.cross_entropy(model(batch.tensors), batch.tensors["targets"], reduction="sum")
