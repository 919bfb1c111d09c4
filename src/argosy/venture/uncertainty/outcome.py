"""What is studied of a plan: one number of each draw, such as its net present value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from argosy.venture.figures import Figure
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import Samples, sampled
from argosy.venture.returns.value import held

_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A number that is made of lines.

    ``of`` gets the values of ``lines``, each float64 [periods, draws], and those of the figures that vary, each
    [draws], in base units; it gives float64 [draws], NaN where the outcome is undefined.
    """

    lines: tuple[str, ...]
    of: Callable[[Mapping[str, Samples], Mapping[str, Samples]], Samples]


def npv_of(line: str, discount: Figure) -> Outcome:
    """The net present value of a line's flows, each at the end of its period, as in Excel.

    ``discount`` is a rate a year, which may vary with the draws: a month's is (1 + yearly) ** (1/12) - 1. Raises
    ProjectError for a rate of -100 % or less.
    """
    held(discount.base * _YEAR)

    def of(values: Mapping[str, Samples], figures: Mapping[str, Samples]) -> Samples:
        yearly = 1 + _YEAR * figures.get(discount.name, np.asarray(float(discount.base)))
        growth = np.where(yearly > 0, yearly, np.nan) ** (1 / _YEAR)
        worth = np.zeros(values[line].shape[1])
        for flow in values[line][::-1]:
            worth = (worth + flow) / growth
        return worth

    return Outcome(lines=(line,), of=of)


def reached(model: Model, draws: Mapping[str, Samples], outcome: Outcome) -> Samples:
    """The outcome for each draw of the figures; [1] where none varies."""
    return outcome.of(sampled(model, draws, outcome.lines), draws)
