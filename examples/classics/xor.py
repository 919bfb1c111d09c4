"""A classifier of two features that does solve XOR: right on all four points, from every seed.

Minsky and Papert (1969) showed that one layer cannot; Rumelhart, Hinton and Williams (1986) that a hidden layer can.
What is often wrong: two hidden units that start badly and stay at three points right; squared error on a sigmoid,
whose slope dies where the answer is surely wrong; a test of one lucky seed; and no hidden layer at all, so that the
best there is says one half everywhere, at a loss of ln 2 = .6931.
"""

import torch
from torch import Tensor, nn

from argosy.train.batches import Batch, Rows
from argosy.train.loop import Schedule, train

POINTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ANSWERS = torch.tensor([0.0, 1.0, 1.0, 0.0])  # exclusive or
SCHEDULE = Schedule(epochs=5, learning_rate=0.1, weight_decay=0.0)


class Points:
    """The four points as one batch, 25 times an epoch."""

    def order(self, epoch: int) -> list[Rows]:
        """The rows of each batch; nothing is drawn."""
        del epoch
        return [(0, 1, 2, 3)] * 25

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``points`` [rows, 2] and ``answers`` [rows]."""
        del epoch
        chosen = list(rows)
        return Batch(rows=rows, tensors={"points": POINTS[chosen], "answers": ANSWERS[chosen]}, units=len(rows))


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Binary cross-entropy from the logits, summed over the rows."""
    logits = model(batch.tensors["points"]).squeeze(1)
    return nn.functional.binary_cross_entropy_with_logits(logits, batch.tensors["answers"], reduction="sum")


def score(model: nn.Module) -> float:
    """What the loop keeps the best of: the mean loss of the four points with its sign turned."""
    with torch.no_grad():
        return -loss(model, Points().batch((0, 1, 2, 3), epoch=0)).item() / len(POINTS)


def solve(seed: int, hidden: int) -> tuple[int, float]:
    """How many of the four points end up right, and the mean loss in nats; ``hidden`` 0 is no hidden layer."""
    torch.manual_seed(seed)
    layers = [nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1)] if hidden else [nn.Linear(2, 1)]
    model = nn.Sequential(*layers)
    train(model, loss, Points(), score, SCHEDULE, lambda _share, _news: None)
    with torch.no_grad():
        said = model(POINTS).squeeze(1) > 0  # a logit above 0 is a probability above one half
    return int((said == (ANSWERS == 1)).sum()), -score(model)


def main() -> None:
    """Five seeds with a hidden layer, and five without."""
    for hidden, words in ((8, "eight hidden units"), (2, "two hidden units"), (0, "no hidden layer")):
        reached = [solve(seed, hidden) for seed in range(5)]
        told = ", ".join(f"{right} of 4 at {nats:.4f}" for right, nats in reached)
        print(f"{words}: {told} nats")


if __name__ == "__main__":
    main()
