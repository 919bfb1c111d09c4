"""Figures and small plans for the tests of what a plan does not know."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from argosy.venture.figures import Figure, Kind, Origin
from argosy.venture.graph.expression import Line, total
from argosy.venture.graph.model import Heading, Model, Sheet
from argosy.venture.graph.periods import periods
from argosy.venture.units import dimension, unit

MONEY = dimension("CNY")


def figure(
    name: str, value: str, ends: tuple[str, str] | None = None, *, kind: Kind = "assumed", text: str = "CNY"
) -> Figure:
    """A figure with its range."""
    low, high = (None, None) if ends is None else (Decimal(ends[0]), Decimal(ends[1]))
    return Figure(
        name=name, value=Decimal(value), unit=unit(text), origin=Origin(kind=kind, where="a"), low=low, high=high
    )


def heading() -> Heading:
    """Of a line of money."""
    return Heading(title="x", section="cash", dimension=MONEY, kind="stock")


def adding(figures: Mapping[str, Figure], months: int = 1) -> Model:
    """A plan whose ``net_income`` is the sum of its figures in each month, and ``cash`` the sum of these."""
    sheet = Sheet(periods=periods(date(2027, 1, 1), months))
    sheet.line("net_income", total([sheet.given(one) for one in figures.values()]), heading())
    sheet.line("cash", Line("cash", 1) + Line("net_income"), heading())
    return sheet.model()
