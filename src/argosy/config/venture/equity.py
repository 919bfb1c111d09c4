"""Who owns the venture, from its founding through its rounds: the table ``equity``."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.config.venture.figure import Input, Number
from argosy.config.venture.plan import Money, Month, Name, Share, Yearly
from argosy.core.errors import ProjectError
from argosy.venture.financing import equity, rounds, vesting
from argosy.venture.financing.dilution import Protection
from argosy.venture.financing.ocf.register import Convertible, Instrument, Participation
from argosy.venture.units import currency

_MONTHS = 12


class Vesting(Table):
    """Shares that are earned over time."""

    since: Month | None = Field(None, description="When it begins; with the company by default.")
    months: int = Field(48, ge=1, le=240, description="Months until all is earned.")
    cliff: int = Field(12, ge=0, description="Months before which nothing is earned.")
    every: int = Field(1, ge=1, le=12, description="Months between two steps.")
    single: Number = Field(Number(0), ge=0, le=1, description="What of the rest a sale of the company earns.")
    double: Number = Field(Number(0), ge=0, le=1, description="What of the rest a dismissal after a sale earns.")
    window: int = Field(12, ge=0, le=60, description="Months after a sale in which a dismissal counts.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.cliff > self.months:
            raise PydanticCustomError("cliff", "give a `cliff` of at most `months`")
        return self

    def vesting(self, formed: date) -> vesting.Vesting:
        """The terms, from ``since`` or the founding on."""
        return vesting.Vesting(
            start=self.since or formed,
            months=self.months,
            cliff=self.cliff,
            every=self.every,
            single=Fraction(self.single),
            double=Fraction(self.double),
            window=self.window,
        )


class Founder(Table):
    """Who founds the company."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    shares: int = Field(gt=0, description="Common shares.")
    vesting: Vesting | None = Field(None, description="How they are earned; all at once by default.")
    leaves: Month | None = Field(None, description="When the founder leaves, with what is earned.")


class Safe(Table):
    """Money for shares of a later round."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    holder: Name | None = Field(None, description="Who gave the money; called as this by default.")
    on: Month = Field(description="When the money comes.")
    amount: Money = Field(description="What is given.")
    cap: Money | None = Field(None, description="The valuation that it converts at, at most.")
    post_money: bool = Field(True, description="Whether the cap counts the shares of all that converts.")
    discount: Share | None = Field(None, description="What it pays less than the round.")
    mfn: bool = Field(False, description="Whether it may take the terms of a later one.")

    def convertible(self, money: str) -> Convertible:
        """The SAFE as a security, its amounts in the plan's currency ``money``."""
        return _convertible(self, "SAFE", money, None)


class Note(Safe):
    """A loan that becomes shares of a later round, with its interest."""

    rate: Yearly | None = Field(None, description="The simple yearly interest.")
    post_money: bool = Field(False, description="Whether the cap counts the shares of all that converts.")

    def convertible(self, money: str) -> Convertible:
        """The note as a security, its amounts in the plan's currency ``money``."""
        rate = None if self.rate is None else _exact(self.rate, f"{self.name}.rate") * _MONTHS
        return _convertible(self, "NOTE", money, rate)


class Round(Table):
    """Preferred shares sold at a valuation."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    on: Month = Field(description="When it closes.")
    pre_money: Money = Field(description="The valuation before the new money.")
    investors: Annotated[dict[Name, Money], Field(min_length=1, description="Who gives how much.")]
    pool: Share | None = Field(None, description="What of all shares is free for awards afterwards.")
    growth: int = Field(0, ge=0, description="Shares that the pool grows by, instead of `pool`.")
    method: rounds.Method = Field("percent", description="`percent`, `pre_money` or `dollars`: what it covers.")
    preference: Number = Field(Number(1), ge=0, description="The liquidation preference, in times of the price.")
    participation: Participation = Field("none", description="`none`, `full` or `capped`.")
    cap: Number | None = Field(None, gt=0, description="Where participation ends, in times of the price.")
    senior: bool = Field(True, description="Whether it is paid before earlier rounds, or beside them.")
    follows: list[Name] = Field([], description="Holders who buy what keeps their part.")
    protection: Protection | None = Field(None, description="`broad`, `narrow` or `ratchet`, in later rounds.")

    @model_validator(mode="after")
    def _one_pool(self) -> Self:
        if self.pool is not None and self.growth:
            raise PydanticCustomError("one_pool", "give one of `pool` and `growth`")
        if (self.participation == "capped") != (self.cap is not None):
            raise PydanticCustomError("capped", "give `cap` where, and only where, the participation is capped")
        return self

    def round(self, money: str) -> rounds.Round:
        """The round, its amounts in the plan's currency ``money``."""
        return rounds.Round(
            name=self.name,
            day=self.on,
            pre_money=_money(self.pre_money, f"{self.name}.pre_money", money),
            investors={
                name: _money(one, f"{self.name}.investors.{name}", money) for name, one in self.investors.items()
            },
            pool=None if self.pool is None else _exact(self.pool, f"{self.name}.pool"),
            growth=Fraction(self.growth),
            method=self.method,
            preference=Fraction(self.preference),
            participation=self.participation,
            cap=None if self.cap is None else Fraction(self.cap),
            senior=self.senior,
            follows=tuple(self.follows),
            protection=self.protection,
        )


class Equity(Table):
    """Shares: who founds the company, and who buys into it."""

    formed: Month = Field(description="When the company is founded.")
    country: str = Field("CN", pattern=r"^[A-Z]{2}$", description="Where, in two letters.")
    pool: int = Field(0, ge=0, description="Shares that are free for awards from the beginning.")
    sold: Month | None = Field(None, description="When the company is sold, for vesting.")
    founder: list[Founder] = Field(min_length=1, description="Who founds it.")
    safe: list[Safe] = Field([], description="SAFEs.")
    note: list[Note] = Field([], description="Convertible notes.")
    round: list[Round] = Field([], description="Priced rounds.")

    @property
    def events(self) -> list[Safe | Round]:
        """All that brings money: SAFEs, notes, rounds."""
        return [*self.safe, *self.note, *self.round]

    def equity(self, company: str, money: str) -> equity.Equity:
        """All that happens to the shares of a company whose plan is in the currency ``money``.

        Raises ProjectError for amounts in another one.
        """
        return equity.Equity(
            company=company,
            country=self.country,
            currency=money,
            formed=self.formed,
            founders=tuple(
                equity.Founder(
                    name=one.name,
                    shares=Fraction(one.shares),
                    vesting=None if one.vesting is None else one.vesting.vesting(self.formed),
                    leaves=one.leaves,
                )
                for one in self.founder
            ),
            pool=Fraction(self.pool),
            convertibles=tuple(one.convertible(money) for one in (*self.safe, *self.note)),
            rounds=tuple(one.round(money) for one in self.round),
            sold=self.sold,
        )


def _convertible(one: Safe, kind: Instrument, money: str, rate: Fraction | None) -> Convertible:
    return Convertible(
        id=one.name,
        holder=one.holder or one.name,
        day=one.on,
        instrument=kind,
        amount=_money(one.amount, f"{one.name}.amount", money),
        cap=None if one.cap is None else _money(one.cap, f"{one.name}.cap", money),
        discount=None if one.discount is None else _exact(one.discount, f"{one.name}.discount"),
        mfn=one.mfn,
        post_money=one.post_money,
        rate=rate,
    )


def _exact(given: Input, name: str) -> Fraction:
    """The figure in base units, as an exact fraction."""
    figure = given.figure(name)
    return Fraction(figure.value) * figure.unit.factor


def _money(given: Input, name: str, money: str) -> Fraction:
    figure = given.figure(name)
    if figure.unit.dimension != currency(money):
        raise ProjectError(
            "The figure {name!r} is in {found}, expected {expected}.",
            where="venture.toml",
            mend="Write what is paid for shares in the plan's currency.",
            name=figure.name,
            found=figure.unit.text,
            expected=money,
        )
    return _exact(given, name)
