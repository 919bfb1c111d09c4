"""The size of a market from below: customers x share x price, line by line (Blank and Dorf 2012, chapter 4).

TAM is what all customers who have the need would pay a year, SAM the part that can be reached and served, SOM the part
that can be won. Each is a sum of lines, and each line a product of figures with their origins. The range of a product
is that of its factors at their lower and at their upper ends together: it is wider than a 95 % interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.figures import Figure

_YEAR = 12  # months


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Customers of one kind; ``share`` have the need, ``reachable`` of those can be served, ``obtainable`` be won.

    ``price`` is what one pays by the month (base units); ``rate`` is what one of its currency is in the plan's.
    """

    name: str
    customers: Figure
    share: Figure | None
    price: Figure
    reachable: Figure
    obtainable: Figure
    rate: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money a year, or customers, with the range of its factors' ends."""

    value: Decimal
    low: Decimal
    high: Decimal

    def __mul__(self, other: "Amount") -> "Amount":
        return Amount(value=self.value * other.value, low=self.low * other.low, high=self.high * other.high)

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(value=self.value + other.value, low=self.low + other.low, high=self.high + other.high)


NOTHING = Amount(value=Decimal(0), low=Decimal(0), high=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A line: customers and money a year of TAM, SAM and SOM, and the figures that it comes from."""

    name: str
    customers: tuple[Amount, Amount, Amount]
    money: tuple[Amount, Amount, Amount]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSize:
    """All lines and their sums: money a year, in ``currency``."""

    currency: str
    lines: tuple[Sized, ...]

    @property
    def money(self) -> tuple[Amount, Amount, Amount]:
        """TAM, SAM and SOM."""
        tam, sam, som = (sum((one.money[at] for one in self.lines), NOTHING) for at in range(3))
        return tam, sam, som


def sized(lines: Sequence[Line], currency: str) -> MarketSize:
    """The market of these lines."""
    return MarketSize(currency=currency, lines=tuple(map(_sized, lines)))


def _sized(line: Line) -> Sized:
    whole = _amount(line.customers)
    if line.share is not None:
        whole = whole * _amount(line.share)
    served = whole * _amount(line.reachable)
    won = served * _amount(line.obtainable)
    year = Amount(value=Decimal(_YEAR), low=Decimal(_YEAR), high=Decimal(_YEAR))
    price = _amount(line.price) * year
    if line.rate is not None:
        price = price * _amount(line.rate)
    given = (line.customers, line.share, line.price, line.rate, line.reachable, line.obtainable)
    return Sized(
        name=line.name,
        customers=(whole, served, won),
        money=(whole * price, served * price, won * price),
        figures=tuple(one for one in given if one is not None),
    )


def _amount(figure: Figure) -> Amount:
    low, high = figure.spread or (figure.base, figure.base)
    return Amount(value=figure.base, low=low, high=high)
