"""What a ledger tells of its tenants, as plain values: who came when, what each was answered and charged by month."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
Charged = Mapping[str, Mapping[str, Decimal]]
"""By month, then by tenant: what was charged; only amounts above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A tenant: ``created`` in the time zone of billing, ``trial`` where it paid nothing a month at first.

    ``early`` are the requests that were answered in the days after its creation that count for activation.
    """

    id: str
    title: str
    created: date
    trial: bool
    early: int
    suspended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A tenant's month under a sold plan: requests answered, units used, and money charged without tax.

    ``since`` is the first day of the month on which something was charged, None where nothing was.
    """

    member: str
    month: str
    plan: str
    requests: int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    charged: Decimal = ZERO
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An invoice, or a credit note (``credit``), without tax; ``state`` is the invoice's."""

    month: str
    state: str
    net: Decimal
    credit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The facts: ``months`` are all from the first tenant's on, without a gap; the last one is not over."""

    currency: str
    today: date
    months: tuple[str, ...]
    members: tuple[Member, ...]
    uses: tuple[Use, ...]
    papers: tuple[Paper, ...] = ()

    @property
    def over(self) -> tuple[str, ...]:
        """The months that are over."""
        return self.months[:-1]

    def sold(self, plans: Collection[str]) -> "Live":
        """The same with the uses of some sold plans alone."""
        return replace(self, uses=tuple(one for one in self.uses if one.plan in plans))

    def charged(self) -> dict[str, dict[str, Decimal]]:
        """What each tenant was charged in each month; a tenant whose plans come to nothing is left out."""
        found: dict[str, dict[str, Decimal]] = {month: {} for month in self.months}
        for one in self.uses:
            found[one.month][one.member] = found[one.month].get(one.member, ZERO) + one.charged
        return {month: {member: one for member, one in paid.items() if one > 0} for month, paid in found.items()}

    def answered(self) -> dict[str, dict[str, int]]:
        """How many requests each tenant was answered in each month; those without are left out."""
        found: dict[str, dict[str, int]] = {month: {} for month in self.months}
        for one in self.uses:
            found[one.month][one.member] = found[one.month].get(one.member, 0) + one.requests
        return {month: {member: one for member, one in used.items() if one > 0} for month, used in found.items()}


def quantity(use: Use, unit: str) -> int:
    """How much of a unit: ``requests``, ``tokens`` (both kinds), ``months`` (1 where it was charged), or a ledger's."""
    if unit == "requests":
        return use.requests
    if unit == "months":
        return int(use.charged > 0)
    if unit == "tokens":
        return use.units.get("prompt_tokens", 0) + use.units.get("completion_tokens", 0)
    return use.units.get(unit, 0)
