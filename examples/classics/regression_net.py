"""A regression net with the plot of its loss, and its test R² with an interval beside what a line reaches.

The data are Friedman's (1991): y = 10·sin(π·x₁·x₂) + 20·(x₃ - ½)² + 10·x₄ + 5·x₅ + noise of variance 1, with five more
features that say nothing. As the noise is known, so is the best R² there can be. What is often wrong: the plot shows
the training loss alone; targets in their own unit, so that the first steps only learn their mean; features scaled with
the test rows among them; and a net that is never compared with a line.

python examples/classics/regression_net.py loss.svg    # also writes the plot
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.evaluate.tasks.measure import Sheet, measure
from argosy.train.batches import Batch, Rows
from argosy.train.loop import Schedule, train

Floats = NDArray[np.float64]

TRAIN, VALIDATION, TEST = slice(0, 600), slice(600, 800), slice(800, 1200)
BLOCKS = "▁▂▃▄▅▆▇█"


def friedman(rows: int, seed: int) -> tuple[Floats, Floats]:
    """Features [rows, 10], uniform between 0 and 1, and targets [rows]."""
    draw = np.random.default_rng(seed)
    x = draw.random((rows, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + draw.standard_normal(rows)


class Table:
    """Rows of figures in batches of 32, shuffled anew each epoch."""

    def __init__(self, features: Tensor, targets: Tensor, seed: int) -> None:
        self.features, self.targets, self.seed = features, targets, seed

    def order(self, epoch: int) -> list[Rows]:
        """The rows of each batch, by seed and epoch alone."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.targets)).tolist()
        return [tuple(order[start : start + 32]) for start in range(0, len(order), 32)]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``features`` [rows, 10] and ``targets`` [rows]."""
        del epoch
        chosen = list(rows)
        tensors = {"features": self.features[chosen], "targets": self.targets[chosen]}
        return Batch(rows=rows, tensors=tensors, units=len(rows))


def squared_error(model: nn.Module, batch: Batch) -> Tensor:
    """The squared errors, summed over the rows."""
    # squeeze(1) matters: [rows, 1] less [rows] would be broadcast to [rows, rows]
    return nn.functional.mse_loss(
        model(batch.tensors["features"]).squeeze(1), batch.tensors["targets"], reduction="sum"
    )


def fitted(x: Floats, y: Floats, *, epochs: int, seed: int) -> tuple[Floats, list[tuple[float, float]]]:
    """The net's predictions for all rows in the unit of ``y``, and (training, validation) loss by epoch."""
    centre, spread = x[TRAIN].mean(axis=0), x[TRAIN].std(axis=0)
    middle, size = y[TRAIN].mean(), y[TRAIN].std()
    features = torch.from_numpy((x - centre) / spread).float()
    targets = torch.from_numpy((y - middle) / size).float()
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    @torch.no_grad()
    def score(model: nn.Module) -> float:
        """The mean squared error on the validation rows with its sign turned: higher is better."""
        return -nn.functional.mse_loss(model(features[VALIDATION]).squeeze(1), targets[VALIDATION]).item()

    schedule = Schedule(epochs=epochs, learning_rate=0.005)
    source = Table(features[TRAIN], targets[TRAIN], seed)
    state = train(model, squared_error, source, score, schedule, lambda _share, _news: None)
    with torch.no_grad():
        said = model(features).squeeze(1).double().numpy() * size + middle
    return said, [(loss, -reached) for loss, reached in state.history]


def line(x: Floats, y: Floats) -> Floats:
    """What least squares on the training rows predicts for all rows."""
    wide = np.column_stack([np.ones(len(x)), x])
    return np.asarray(wide @ np.linalg.lstsq(wide[TRAIN], y[TRAIN], rcond=None)[0])


def in_the_terminal(losses: Sequence[float]) -> str:
    """A curve in one line, a block an epoch, on a logarithmic scale."""
    heights = np.log(losses)
    share = (heights - heights.min()) / max(float(np.ptp(heights)), 1e-9)
    return "".join(BLOCKS[round(part * (len(BLOCKS) - 1))] for part in share.tolist())


def as_svg(curves: Sequence[tuple[float, float]]) -> str:
    """Both losses by epoch as a picture: training in blue, validation in red, from 0 up to the largest."""
    top, wide = max(map(max, curves)), 400 / max(len(curves) - 1, 1)
    lines = []
    for loss, colour in zip(zip(*curves, strict=True), ("#1f5fa8", "#b3261e"), strict=True):
        points = " ".join(f"{40 + wide * at:.1f},{210 - 200 * one / top:.1f}" for at, one in enumerate(loss))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    axes = '<path d="M40 10V210H440" fill="none" stroke="#555"/>'
    words = (
        f'<text x="4" y="16">{top:.2f}</text><text x="20" y="214">0</text>'
        f'<text x="40" y="228">epoch 1</text><text x="440" y="228" text-anchor="end">{len(curves)}</text>'
        '<text x="430" y="30" text-anchor="end" fill="#1f5fa8">training loss</text>'
        '<text x="430" y="46" text-anchor="end" fill="#b3261e">validation loss</text>'
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 450 235" font-size="12">'
    return f"{head}{axes}{''.join(lines)}{words}</svg>\n"


def figures(x: Floats, y: Floats, said: Floats) -> dict[str, Sheet]:
    """R² and others on the test rows of the line and of the net."""
    return measure("regress", y[TEST], {"line": line(x, y)[TEST], "net": said[TEST]}, best="line", seed=7)


def main() -> None:
    """Train, draw, measure."""
    x, y = friedman(1200, seed=7)
    said, curves = fitted(x, y, epochs=60, seed=7)
    for name, losses in zip(("training", "validation"), zip(*curves, strict=True), strict=True):
        print(f"{name:<10} loss {losses[0]:.3f} {in_the_terminal(losses)} {losses[-1]:.3f}")
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(as_svg(curves), encoding="utf-8")
    for name, sheet in figures(x, y, said).items():
        figure = sheet.figures["r2"]
        told = f"test R² of the {name}: {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
        if (gap := figure.versus) is not None:
            told += f", above the line {gap.difference:+.3f} [{gap.low:.3f}, {gap.high:.3f}], p = {gap.p:.4f}"
        print(told)
    print(f"the best there can be with this noise: about {1 - 1 / y.var():.2f}")


if __name__ == "__main__":
    main()
