"""How far the best position rests on the weights of the criteria.

Weights are drawn around those that were given by a Dirichlet law whose means they are (as in stochastic multicriteria
acceptability analysis: Lahdelma, Hokkanen and Salminen 1998), and it is counted how often each candidate is first. And
the least change of the weights that puts another one first: the smallest part of the whole weight that has to be moved
from some criteria to others (half the sum of the absolute differences).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from argosy.venture.market.resamples import Numbers

DRAWS = 10_000
PRECISION = 20.0
"""The parameters of the Dirichlet law add up to it: a weight of 0.25 has a standard deviation of 0.094."""
_BLOCK = 1_000
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The least change that puts candidate ``to`` level with the first: how much weight moves, and what they are then.

    ``moved`` is a part of the whole weight, from 0 to 1.
    """

    to: int
    moved: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How often each candidate is first; the least change (None: no weights put another one first)."""

    first: Numbers
    change: Change | None


def sensitivity(values: Numbers, weights: Mapping[str, float], *, seed: int = 7) -> Sensitivity:
    """Of criteria [candidates, criteria] in the order of ``weights``, that add up to 1; the best candidate is first."""
    given = np.array(list(weights.values()))
    rng = np.random.default_rng(seed)
    first = np.zeros(len(values))
    for _ in range(DRAWS // _BLOCK):
        drawn = rng.dirichlet(PRECISION * given, size=_BLOCK)
        first += np.bincount((drawn @ values.T).argmax(axis=1), minlength=len(values))
    found: Change | None = None
    for at in range(1, len(values)):
        moved = _moved(values[0] - values[at], given)
        if moved is not None and (found is None or moved[0] < found.moved):
            found = Change(to=at, moved=moved[0], weights=dict(zip(weights, moved[1].tolist(), strict=True)))
    return Sensitivity(first=first / DRAWS, change=found)


def _moved(lead: Numbers, weights: Numbers) -> tuple[float, Numbers] | None:
    """The least weight that is moved until the lead [criteria] is gone, and the weights then; None: it never is.

    All of it goes to where the lead is smallest, and comes from where it is largest first: the linear programme of a
    fractional knapsack, which is solved so.
    """
    left, least = float(lead @ weights), int(lead.argmin())
    if lead[least] > _EQUAL:
        return None
    new, moved = weights.copy(), 0.0
    for at in np.argsort(-lead, kind="stable").tolist():
        gain = float(lead[at] - lead[least])
        if left <= _EQUAL or gain <= _EQUAL:
            break
        part = min(float(new[at]), left / gain)
        new[at] -= part
        new[least] += part
        moved += part
        left -= part * gain
    return (moved, new) if left <= 1e-9 else None  # noqa: PLR2004 - rounding
