"""The register of risks: what may go wrong, who watches it, what is done about it, and what is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from argosy.venture.figures import Figure

Kind = Literal["technology", "market", "capital", "team", "legal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """What a risk does to a figure or a line of the plan as long as it lasts: value · times + plus, in its own unit."""

    name: str
    times: Decimal
    plus: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Another risk, and the probability that it alone, where it happens, brings this one about."""

    risk: str
    strength: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The probability of a risk where exactly these of its causes happen."""

    when: frozenset[str]
    probability: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Something that may go wrong once, between the months of ``first`` and ``last``.

    ``probability`` is that of happening at all in these months where none of its causes happens. Its causes are
    either ``causes``, each of which may bring it about by itself (a noisy OR), or ``cases``, a table of all of their
    combinations. ``trigger`` is the sign by which it is recognised; ``cost`` is paid in the month in which it happens,
    and ``shocks`` move the plan for ``lasts`` periods from then on, None: until its end. ``review`` is when its
    figures are looked at again.
    """

    name: str
    title: str
    kind: Kind
    owner: str
    trigger: str
    probability: Figure
    first: date
    last: date
    cost: Figure | None = None
    causes: tuple[Cause, ...] = ()
    cases: tuple[Case, ...] = ()
    shocks: tuple[Shock, ...] = ()
    lasts: int | None = None
    review: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """Something that can be done about a risk, in force from ``on`` and paid then.

    ``leaves`` is the share of the cases in which the risk would happen and still does: 0 prevents it, 1 does nothing.
    One that is ``done`` is in force, and its cost is in the plan.
    """

    name: str
    title: str
    risk: str
    owner: str
    leaves: Figure
    on: date
    cost: Figure | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All risks of a venture, and what can be done about them."""

    risks: tuple[Risk, ...]
    mitigations: tuple[Mitigation, ...] = ()

    @property
    def done(self) -> tuple[Mitigation, ...]:
        """The mitigations that are in force."""
        return tuple(one for one in self.mitigations if one.done)

    @property
    def open(self) -> tuple[Mitigation, ...]:
        """The mitigations that are not in force yet."""
        return tuple(one for one in self.mitigations if not one.done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A risk with the probability that it happens, its causes counted, and what it costs directly on average."""

    risk: Risk
    probability: float
    loss: Decimal


def rated(register: Register, probabilities: Mapping[str, float]) -> list[Rated]:
    """The risks by expected loss, probability · cost, the largest first; then by probability.

    ``probabilities`` are those of ``network.marginals``. The loss is the direct cost alone: what a risk does to the
    plan beside it is told by ``effect.effects``.
    """
    found = [
        Rated(
            risk=one,
            probability=probabilities[one.name],
            loss=Decimal(0) if one.cost is None else one.cost.base * Decimal(str(probabilities[one.name])),
        )
        for one in register.risks
    ]
    return sorted(found, key=lambda each: (-each.loss, -each.probability))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Something that should have been done by a day that is over: a mitigation, or a review of a risk."""

    name: str
    what: Literal["mitigation", "review"]
    owner: str
    day: date


def overdue(register: Register, today: date) -> list[Overdue]:
    """Mitigations that should be in force and are not, and risks whose review is over, the oldest first."""
    late = [
        Overdue(name=one.name, what="mitigation", owner=one.owner, day=one.on)
        for one in register.open
        if one.on < today
    ]
    stale = [
        Overdue(name=one.name, what="review", owner=one.owner, day=one.review)
        for one in register.risks
        if one.review is not None and one.review < today
    ]
    return sorted([*late, *stale], key=lambda each: (each.day, each.name))


def ownerless(register: Register, roles: Sequence[str]) -> list[str]:
    """The risks and mitigations whose owner is none of ``roles``."""
    owners = [(one.name, one.owner) for one in register.risks] + [(one.name, one.owner) for one in register.mitigations]
    return [name for name, owner in owners if owner not in roles]
