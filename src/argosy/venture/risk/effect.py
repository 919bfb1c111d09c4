"""What risks take from the net present value and from the runway, and what mitigations bring against their cost."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import Interval, Z, wilson
from argosy.venture.figures import Figure, Origin
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import Change, Samples
from argosy.venture.risk.course import Course, changes, course, hold, left
from argosy.venture.risk.network import Network, marginals, network
from argosy.venture.risk.register import Mitigation, Register, Risk
from argosy.venture.uncertainty.simulate import Distribution, distribution
from argosy.venture.units import unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What each draw of a plan comes to; float64 [draws].

    ``out`` is the first period that ends with cash below 0, infinity where none does.
    """

    npv: Samples
    lowest: Samples
    out: Samples


Reckon = Callable[[Mapping[str, Change]], Reached]
"""Reckons the plan's draws with what has changed in it; the same draws of its figures each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What a risk takes: the mean change of the present value and of the lowest cash if it never happened.

    Each with its 95 % interval for so many draws; what it brings about is counted. ``probability`` is exact.
    """

    risk: Risk
    probability: float
    npv: Interval
    lowest: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What mitigations bring: the mean of the present value with them less that without, ``net`` of their cost.

    ``cost`` is the present value of their cost in the plan as it stands, ``gain`` is net + cost. ``out`` is the
    probability that cash runs out within the plan with them. ``pays_from`` is the probability of the risk above which
    they pay: the gain is proportional to it; None where they gain nothing, or for mitigations of several risks.
    """

    mitigations: tuple[Mitigation, ...]
    probabilities: Mapping[str, float]
    cost: float
    gain: Interval
    net: Interval
    lowest: Interval
    out: Interval
    pays_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """A plan with its risks: ``calm`` is the mean present value if none happened; the rest is told of all draws.

    ``harms`` and ``gains`` are in order, the largest first; the last of ``gains`` are all open mitigations together,
    where there are several.
    """

    draws: int
    calm: Interval
    npv: Distribution
    loss: Interval
    runs_out: Distribution
    out: Interval
    calm_out: Interval
    harms: tuple[Harm, ...]
    gains: tuple[Gain, ...]


@dataclass(frozen=True, slots=True)
class _Tried:
    """A register with its network, reckoned with some mitigations at a time, those that are done among them."""

    register: Register
    of: Network
    model: Model
    reckon: Reckon
    draws: int
    seed: int

    def reached(self, more: Sequence[Mitigation], paid: Sequence[Mitigation] = ()) -> Reached:
        """With mitigations in force beside those that are done; ``paid`` are those whose cost is not in the plan."""
        return self.reckon(changes(self.model, self.register, self.course(more), paid))

    def course(self, more: Sequence[Mitigation]) -> Course:
        """What happens then."""
        carried = (*self.register.done, *more)
        return course(self.of, self.register, self.model.periods, self.draws, seed=self.seed, mitigations=carried)

    def probabilities(self, more: Sequence[Mitigation]) -> dict[str, float]:
        """The exact probabilities then."""
        return marginals(self.of.mitigated(left(self.register, self.model.periods, (*self.register.done, *more))))

    def calm(self, paid: Sequence[Mitigation] = ()) -> Reached:
        """Where nothing happens."""
        found = self.course(())
        never = {name: np.zeros_like(happened) for name, happened in found.happened.items()}
        return self.reckon(changes(self.model, self.register, replace(found, happened=never), paid))


def effects(register: Register, model: Model, reckon: Reckon, *, draws: int, seed: int) -> Effects:
    """What the risks of a register do to a plan, and what its mitigations are worth.

    The same random numbers are behind each course, so that two differ only by what a mitigation prevents. Raises
    ProjectError, or Problems, for what ``network`` and ``course.hold`` refuse, MissingError without pgmpy.
    """
    if not register.risks:
        raise ProjectError("There are no risks.", where="venture.toml", mend="Write them down: [[risk]].")
    hold(model, register)
    tried = _Tried(register, network(register), model, reckon, draws, seed)
    base, calm, probabilities = tried.reached(()), tried.calm(), tried.probabilities(())
    harms = [_harm(tried, one, base, probabilities[one.name]) for one in register.risks]
    gains = [_gain(tried, (one,), base, calm, probabilities) for one in register.open]
    gains.sort(key=lambda one: -one.net.value)
    if len(register.open) > 1:
        gains.append(_gain(tried, register.open, base, calm, probabilities))
    return Effects(
        draws=draws,
        calm=_mean(calm.npv),
        npv=distribution(base.npv),
        loss=_chance(base.npv[~np.isnan(base.npv)] < 0),
        runs_out=distribution(base.out),
        out=_chance(np.isfinite(base.out)),
        calm_out=_chance(np.isfinite(calm.out)),
        harms=tuple(sorted(harms, key=lambda one: -one.npv.value)),
        gains=tuple(gains),
    )


def _harm(tried: _Tried, risk: Risk, base: Reached, probability: float) -> Harm:
    never = Mitigation(
        name=risk.name, title="", risk=risk.name, owner=risk.owner, leaves=_NOTHING, on=tried.model.periods[0].start
    )
    without = tried.reached((never,))
    return Harm(
        risk=risk,
        probability=probability,
        npv=_mean(without.npv - base.npv),
        lowest=_mean(without.lowest - base.lowest),
    )


def _gain(
    tried: _Tried, chosen: tuple[Mitigation, ...], base: Reached, calm: Reached, before: Mapping[str, float]
) -> Gain:
    found = tried.reached(chosen, paid=chosen)
    cost = float(np.nanmean(calm.npv - tried.calm(paid=chosen).npv))
    net = _mean(found.npv - base.npv)
    gain = Interval(value=net.value + cost, low=net.low + cost, high=net.high + cost)
    risks = {one.risk for one in chosen}
    pays = cost / gain.value * before[chosen[0].risk] if len(risks) == 1 and gain.value > 0 else None
    return Gain(
        mitigations=chosen,
        probabilities=tried.probabilities(chosen),
        cost=cost,
        gain=gain,
        net=net,
        lowest=_mean(found.lowest - base.lowest),
        out=_chance(np.isfinite(found.out)),
        pays_from=pays,
    )


def _mean(values: Samples) -> Interval:
    """The mean of draws with its 95 % interval; those that are undefined are left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        raise ProjectError("A number of the plan is undefined in all {count} draws.", count=len(values))
    half = Z * float(known.std(ddof=1)) / math.sqrt(len(known)) if len(known) > 1 else 0.0
    mean = float(known.mean())
    return Interval(value=mean, low=mean - half, high=mean + half)


def _chance(held: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Interval:
    return wilson(int(held.sum()), len(held))


_NOTHING = Figure(
    name="never", value=Decimal(0), unit=unit("share"), origin=Origin(kind="assumed", where="it never happens")
)
