"""What a plan is made of: customers, what they are sold, people, expenses. A figure that is None is not in the plan.

``title`` is what readers see instead of the name. Days are those of periods: the one in which the day lies counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from argosy.venture.figures import Figure

Function = Literal["serve", "sell", "build", "run"]
"""``serve`` is a direct cost; the others are sales, development and administration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Customers of one kind: who comes (``new``, or ``leads`` who ``converts``), and who goes (``churn``)."""

    name: str
    title: str
    since: date | None
    customers: Figure | None
    new: Figure | None
    leads: Figure | None
    converts: Figure | None
    growth: Figure | None
    churn: Figure
    limit: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A price a month for each customer of a segment who takes it."""

    name: str
    title: str
    segment: str
    takes: Figure | None
    price: Figure
    expansion: Figure | None
    contraction: Figure | None
    uses: Figure | None
    cost: Figure | None
    service: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """A price for each request of an API, or for each row of a data service."""

    name: str
    title: str
    segment: str
    takes: Figure | None
    price: Figure
    uses: Figure
    free: Figure | None
    grows: Figure | None
    cost: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something sold once."""

    name: str
    title: str
    since: date | None
    price: Figure
    sold: Figure
    grows: Figure | None
    cost: Figure
    returned: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Custom work, by the project, that earns evenly over its ``months``."""

    name: str
    title: str
    since: date | None
    price: Figure
    won: Figure
    grows: Figure | None
    cost: Figure
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """People of one kind; ``serves`` are the customers that one can serve, where it takes more with more of them."""

    name: str
    title: str
    function: Function
    hires: tuple[date, ...]
    leaves: tuple[date, ...]
    serves: Figure | None
    wage: Figure
    charges: Figure | None
    raises: Figure | None
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """What is paid each month, by the month or by the hour."""

    name: str
    title: str
    function: Function
    amount: Figure
    raises: Figure | None
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What is paid once."""

    name: str
    title: str
    function: Function
    amount: Figure
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A share of all revenue."""

    name: str
    title: str
    share: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What is bought, and written off evenly over ``life`` months."""

    name: str
    title: str
    price: Figure
    on: date
    life: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """What shall be reached, when, and by which role."""

    name: str
    title: str
    on: date
    owner: str
    cost: Figure | None
    needs: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """When money moves, against when it is earned."""

    receivable: Figure | None = None
    payable: Figure | None = None
    prepaid: Figure | None = None


Dated = tuple[tuple[date, Decimal], ...]
"""Amounts with the days on which they move, in the plan's currency; all positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What investors pay on a day for shares, or for a SAFE."""

    name: str
    title: str
    on: date
    amounts: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is lent on a day until it ``turns`` into shares, at a simple yearly ``rate``; None: not in this plan."""

    name: str
    title: str
    on: date
    amount: Figure
    rate: Figure | None
    turns: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Money that is not from customers: ``opening`` at the start, and amounts that others have reckoned.

    ``received`` came from grants and campaigns and is owed as work or rewards until it is ``earned``; ``cost`` is what
    campaigns cost. ``behind`` are the figures from which the amounts were reckoned.
    """

    opening: Figure | None = None
    received: Dated = ()
    earned: Dated = ()
    cost: Dated = ()
    drawn: Dated = ()
    repaid: Dated = ()
    interest: Dated = ()
    raised: tuple[Raised, ...] = ()
    notes: tuple[Note, ...] = ()
    behind: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """By what the plan is judged: rates a year, and the margin that prices shall leave."""

    discount: Figure
    reinvest: Figure | None
    margin: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A whole plan in one currency; ``rates`` are what one of another currency is in it."""

    currency: str
    rates: Mapping[str, Figure] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    metered: tuple[Metered, ...] = ()
    products: tuple[Product, ...] = ()
    work: tuple[Work, ...] = ()
    roles: tuple[Role, ...] = ()
    expenses: tuple[Expense, ...] = ()
    once: tuple[Once, ...] = ()
    fees: tuple[Fee, ...] = ()
    assets: tuple[Asset, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    working: Working = Working()
    money: Money = Money()
    tax: Figure | None = None
    worth: Worth | None = None
