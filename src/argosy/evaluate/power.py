"""What a set of units could show: the smallest true difference that a paired test would find."""

from statistics import NormalDist

from argosy.evaluate.intervals import Z
from argosy.evaluate.metrics import Measured
from argosy.evaluate.paired import paired_error

POWER = 0.8


def detectable(a: Measured, b: Measured) -> float | None:
    """The smallest true difference that a test at 5 % finds on as many units with 80 % power.

    (z₀.₉₇₅ + z₀.₈₀) · standard error = 2.80 · standard error of the difference of these two models on these units, so
    it tells of models that disagree as often as these do; None where they never disagree.

    >>> round(Z + NormalDist().inv_cdf(POWER), 2)
    2.8
    """
    error = paired_error(a, b)
    return (Z + NormalDist().inv_cdf(POWER)) * error if error > 0 else None
