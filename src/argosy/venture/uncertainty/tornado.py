"""One figure at a time at both ends of its range: how far the outcome goes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from argosy.venture.figures import Figure
from argosy.venture.graph.model import Model
from argosy.venture.uncertainty.draws import quantiles
from argosy.venture.uncertainty.outcome import Outcome, reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the outcome changes by where one figure is ``low`` or ``high`` (in its own unit); the others stand."""

    name: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """The farthest that both ends and the plan itself are apart."""
        ends = (0.0, self.at_low, self.at_high)
        return max(ends) - min(ends)


def tornado(model: Model, figures: Mapping[str, Figure], outcome: Outcome) -> list[Bar]:
    """A bar for each figure that has a range, the widest first; NaN, and last, where the outcome is undefined.

    ``figures`` are those of the plan and others that the outcome needs, such as the discount rate.
    """
    names = list(quantiles(figures))
    tried = {name: np.full(2 * len(names) + 1, float(figures[name].base)) for name in names}
    for place, name in enumerate(names):
        tried[name][2 * place : 2 * place + 2] = [float(end) for end in figures[name].spread or ()]
    found = reached(model, tried, outcome)
    change = found - found[-1]
    bars = [
        Bar(
            name=name,
            low=float(figures[name].low or 0),
            high=float(figures[name].high or 0),
            at_low=float(change[2 * place]),
            at_high=float(change[2 * place + 1]),
        )
        for place, name in enumerate(names)
    ]
    return sorted(bars, key=lambda bar: -np.nan_to_num(bar.swing, nan=-1.0))
