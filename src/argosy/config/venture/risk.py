"""What may go wrong, and what can be done about it: the tables ``risk`` and ``mitigation`` of ``venture.toml``."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.config.venture.figure import exact
from argosy.config.venture.plan import Money, Month, Name, Share
from argosy.config.venture.uncertainty import flat
from argosy.venture.risk import register as parts

_FORM = r"([x+-])([0-9]+(?:\.[0-9]+)?)"


def _written(value: object) -> object:
    """A number, or a text of one of the three forms."""
    if isinstance(value, str) and re.fullmatch(_FORM, value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("shock", "expected a number, or x1.5, +10 or -10")
    return exact(value)


Move = Annotated[Decimal | str, BeforeValidator(_written)]


class Given(Table):
    """The probability of a risk where exactly these of its causes happen."""

    when: list[Name] = Field(min_length=1, description="The risks that happen; the others of the table do not.")
    probability: Share = Field(description="How likely it is then.")


class Risk(Table):
    """Something that may go wrong once."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    kind: parts.Kind = Field(description="`technology`, `market`, `capital`, `team` or `legal`.")
    owner: Name = Field(description="The role that watches it.")
    trigger: str = Field(description="The sign by which it is recognised.")
    probability: Share = Field(description="How likely it is in its months where none of its causes happens.")
    months: tuple[Month, Month] = Field(description="The first and the last month in which it may happen.")
    cost: Money | None = Field(None, description="What is paid when it happens.")
    causes: dict[Name, Share] = Field(
        {}, description="Risks that bring it about, each with the probability that it does so alone (a noisy OR)."
    )
    given: list[Given] = Field([], description="Instead of `causes`: each combination of causes.")
    shock: Annotated[dict[str, Move], BeforeValidator(flat)] = Field(
        {}, description="What it does to figures or lines: `x1.5`, `+10`, `-10`, or a value."
    )
    lasts: int | None = Field(None, ge=1, description="Months that the shock lasts; until the end by default.")
    review: Month | None = Field(None, description="When its figures are looked at again.")

    def risk(self) -> parts.Risk:
        """The risk with its figures."""
        return parts.Risk(
            name=self.name,
            title=self.title or self.name,
            kind=self.kind,
            owner=self.owner,
            trigger=self.trigger,
            probability=self.probability.figure(f"{self.name}.probability"),
            first=self.months[0],
            last=self.months[1],
            cost=None if self.cost is None else self.cost.figure(f"{self.name}.cost"),
            causes=tuple(
                parts.Cause(risk=name, strength=given.figure(f"{self.name}.causes.{name}"))
                for name, given in self.causes.items()
            ),
            cases=tuple(
                parts.Case(when=frozenset(one.when), probability=one.probability.figure(f"{self.name}.given.{number}"))
                for number, one in enumerate(self.given)
            ),
            shocks=tuple(_shock(name, move) for name, move in self.shock.items()),
            lasts=self.lasts,
            review=self.review,
        )


class Mitigation(Table):
    """Something that can be done about a risk."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    risk: Name = Field(description="The risk that it is against.")
    owner: Name = Field(description="The role that does it.")
    leaves: Share = Field(description="The share of the risk's cases that happen all the same; 0 prevents it.")
    on: Month = Field(description="From when on it is in force; its cost is paid then.")
    cost: Money | None = Field(None, description="What it costs.")
    done: bool = Field(False, description="It is in force, and its cost is in the plan.")

    def mitigation(self) -> parts.Mitigation:
        """The mitigation with its figures."""
        return parts.Mitigation(
            name=self.name,
            title=self.title or self.name,
            risk=self.risk,
            owner=self.owner,
            leaves=self.leaves.figure(f"{self.name}.leaves"),
            on=self.on,
            cost=None if self.cost is None else self.cost.figure(f"{self.name}.cost"),
            done=self.done,
        )


def register(risks: Sequence[Risk], mitigations: Sequence[Mitigation]) -> parts.Register:
    """The tables as a register."""
    return parts.Register(
        risks=tuple(one.risk() for one in risks), mitigations=tuple(one.mitigation() for one in mitigations)
    )


def _shock(name: str, move: Decimal | str) -> parts.Shock:
    """``x1.5`` multiplies, ``+10`` and ``-10`` add, a number stands instead."""
    found = re.fullmatch(_FORM, move) if isinstance(move, str) else None
    if found is None:
        return parts.Shock(name=name, times=Decimal(0), plus=Decimal(move))
    sign, number = found[1], Decimal(found[2])
    if sign == "x":
        return parts.Shock(name=name, times=number, plus=Decimal(0))
    return parts.Shock(name=name, times=Decimal(1), plus=number if sign == "+" else -number)
