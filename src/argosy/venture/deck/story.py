"""What a venture's document and slides tell of: the plan, what it comes to, what is not known, who owns it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from argosy.venture.figures import Figure
from argosy.venture.financing.equity import Stage
from argosy.venture.financing.ownership import Owned
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import Exact
from argosy.venture.plan.parts import Parts
from argosy.venture.plan.verdict import Cash, Floor, Reached
from argosy.venture.risk.effect import Effects
from argosy.venture.risk.register import Register, Risk
from argosy.venture.uncertainty.shares import Shares
from argosy.venture.uncertainty.simulate import Simulation
from argosy.venture.uncertainty.tornado import Bar

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """What the free cash flow is worth at ``discount``; all rates are yearly, ``rates`` all that bring the NPV to 0."""

    discount: Figure
    npv: Decimal
    rates: tuple[Decimal, ...]
    mirr: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A scenario: its lowest cash, the number of the first period below 0, and its NPV where there is a rate."""

    name: str
    lowest: Decimal
    out: int | None
    npv: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What ``draws`` of the figures that are not certain tell; ``bars`` are figures at their ends, widest first."""

    draws: int
    simulation: Simulation
    shares: Shares | None
    bars: tuple[Bar, ...]
    courses: tuple[Course, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch:
    """The founders' own words, where they gave any."""

    what: str | None = None
    problem: str | None = None
    solution: str | None = None
    market: str | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risks:
    """The register, and what its risks do to the plan; ``effects`` are None where nothing is discounted."""

    register: Register
    effects: Effects | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A SAFE, a note or a round: what is paid by whom, at which valuation (a cap, or that before the new money)."""

    name: str
    title: str
    on: date
    paid: tuple[Figure, ...]
    valuation: Figure | None
    discount: Figure | None
    pool: Figure | None
    rate: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is told, in no language: titles and reasons are the founders' own words.

    ``returns``, ``doubt`` and ``risks`` are None where they were not reckoned; ``owned`` is empty without a cap table,
    ``stages`` where it is not that of the plan's own deals.
    """

    name: str
    parts: Parts
    model: Model
    values: Exact
    cash: Cash
    break_even: int | None
    returns: Returns | None
    milestones: tuple[Reached, ...] = ()
    floors: tuple[Floor, ...] = ()
    doubt: Doubt | None = None
    owned: tuple[Owned, ...] = ()
    deals: tuple[Deal, ...] = ()
    stages: tuple[Stage, ...] = ()
    risks: Risks | None = None
    pitch: Pitch = Pitch()

    @property
    def figures(self) -> list[Figure]:
        """All figures, those of the register and of what is lent and given among them, each once."""
        register = self.risks.register if self.risks else Register(risks=())
        of_risks = (figure for one in register.risks for figure in _of_risk(one))
        against = (figure for one in register.mitigations for figure in (one.leaves, one.cost))
        terms = (each for one in self.deals for each in (*one.paid, one.valuation, one.discount, one.pool, one.rate))
        found = (*self.model.figures.values(), *self.parts.money.behind, *terms, *of_risks, *against)
        return list({one.name: one for one in found if one is not None}.values())

    @property
    def years(self) -> list[int]:
        """The years of the plan."""
        return sorted({one.year for one in self.model.periods})

    def label(self, number: int) -> str:
        """What a period is called."""
        return self.model.periods[number].label

    def last_of(self, year: int) -> int:
        """The number of a year's last period."""
        return max(one.number for one in self.model.periods if one.year == year)


def _of_risk(one: Risk) -> tuple[Figure | None, ...]:
    causes = (each.strength for each in one.causes)
    return (one.probability, one.cost, *causes, *(each.probability for each in one.cases))
