"""Own machines, rented ones, or someone else's API: what each costs, and from which volume on one is cheaper."""

import math
from dataclasses import dataclass
from fractions import Fraction

from argosy.core.errors import ProjectError


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Machines of one kind: a month of one costs ``monthly`` and answers up to ``most`` requests within the bound."""

    monthly: Fraction
    most: Fraction

    def cost(self, requests: Fraction) -> Fraction:
        """A month's cost: whole machines, one at least."""
        return self.monthly * max(1, math.ceil(requests / self.most))


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Requests a month from which machines are cheaper than an API: ``first``, and ``good``, above which they stay so.

    Between both a further machine may be dearer for a while. None: never.
    """

    first: Fraction | None
    good: Fraction | None


def break_even(machines: Machines, request: Fraction) -> BreakEven:
    """Machines against an API at ``request`` for each.

    n machines cost n · monthly and are cheaper from n · monthly / request on, up to n · most, where one more is needed;
    with p = request · most that is ever so where monthly < p, and for good from the least n on with
    (n + 1) · monthly ≤ n · p. Raises ProjectError for costs that are not above 0.
    """
    if machines.monthly <= 0 or machines.most <= 0 or request <= 0:
        raise ProjectError("Costs and requests to compare have to be above 0.")
    full = request * machines.most
    if machines.monthly >= full:
        return BreakEven(first=None, good=None)
    least = max(1, math.ceil(machines.monthly / (full - machines.monthly)))
    return BreakEven(first=machines.monthly / request, good=least * machines.monthly / request)


def owned(price: Fraction, months: int, watts: Fraction, kilowatt_hour: Fraction, hours: Fraction) -> Fraction:
    """A month of an own machine: its price written off evenly, and its power over the month's ``hours``."""
    if months < 1:
        raise ProjectError("A machine is written off over {months} months; expected 1 or more.", months=months)
    return price / months + watts / 1000 * hours * kilowatt_hour
