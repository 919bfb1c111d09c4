"""A figure and where it comes from: a measured run, a source, or a named assumption. No figure is without one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from argosy.venture.units import Unit

Kind = Literal["measured", "sourced", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a figure comes from.

    ``where`` is the run and the key in it (measured), the source (sourced) or the reason (assumed); ``day`` is the day
    of the run or on which the source was read, and None for assumptions.
    """

    kind: Kind
    where: str
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value in ``unit`` with its origin; ``low`` to ``high`` is what it may well be, where it is not certain.

    An assumption has its range; a measurement may have its 95 % interval, a source mostly has none.
    """

    name: str
    value: Decimal
    unit: Unit
    origin: Origin
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def base(self) -> Decimal:
        """The value in base units of its dimension."""
        return self.unit.base(self.value)

    @property
    def spread(self) -> tuple[Decimal, Decimal] | None:
        """The range in base units, where there is one."""
        if self.low is None or self.high is None:
            return None
        return self.unit.base(self.low), self.unit.base(self.high)
