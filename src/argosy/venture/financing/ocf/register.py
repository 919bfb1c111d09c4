"""What an OCF package says of a company: who holds which securities of which classes on a day."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Participation = Literal["none", "full", "capped"]
Instrument = Literal["SAFE", "NOTE", "CONVERTIBLE_SECURITY"]
Compensation = Literal["OPTION", "OPTION_NSO", "OPTION_ISO", "RSU", "CSAR", "SSAR"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakeholder:
    """A person, or a company (``institution``), that holds securities."""

    id: str
    name: str
    institution: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockClass:
    """A class of shares; ``authorized`` is None where there is no limit.

    Higher ``seniority`` is paid first. ``preference`` is a multiple of ``price``, which is the original issue price;
    ``cap`` is the multiple up to which a capped class participates; ``ratio`` is how many shares of ``converts_to``
    one share becomes.
    """

    id: str
    name: str
    preferred: bool
    prefix: str
    authorized: Fraction | None
    votes: Fraction = Fraction(1)
    seniority: Fraction = Fraction(1)
    price: Fraction | None = None
    preference: Fraction | None = None
    participation: Participation = "none"
    cap: Fraction | None = None
    ratio: Fraction | None = None
    converts_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPlan:
    """A pool of shares reserved for options."""

    id: str
    name: str
    reserved: Fraction
    stock_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What a share of a class was valued at (409A) from a day on."""

    id: str
    stock_class: str
    price: Fraction
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Shares of a class, issued to a holder at a price."""

    id: str
    holder: str
    day: date
    stock_class: str
    quantity: Fraction
    price: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """Options and the like, from a plan; ``strike`` is None where there is none (RSU)."""

    id: str
    holder: str
    day: date
    plan: str | None
    stock_class: str | None
    kind: Compensation
    quantity: Fraction
    strike: Fraction | None
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Convertible:
    """A SAFE or a note that has not converted; ``discount`` and ``rate`` are shares, the rate yearly and simple.

    ``post_money`` is whether the cap counts the converted securities themselves. Rank 1 is the most senior.
    """

    id: str
    holder: str
    day: date
    instrument: Instrument
    amount: Fraction
    cap: Fraction | None = None
    discount: Fraction | None = None
    mfn: bool = False
    post_money: bool = True
    rate: Fraction | None = None
    rank: int = 1


Security = Stock | Award | Convertible


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A company's securities as of a day, all prices in one currency.

    ``unread`` are kinds of objects in a package that say nothing of who holds how much, and were passed over.
    """

    id: str
    company: str
    formed: date
    country: str
    day: date
    currency: str
    holders: tuple[Stakeholder, ...] = ()
    classes: tuple[StockClass, ...] = ()
    plans: tuple[StockPlan, ...] = ()
    valuations: tuple[Valuation, ...] = ()
    securities: tuple[Security, ...] = ()
    unread: tuple[str, ...] = ()
