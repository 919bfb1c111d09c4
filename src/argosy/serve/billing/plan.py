"""A plan: what a tenant pays, as frozen data; its id is its name with a digest of all it says."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

from argosy.core.ledger import Totals
from argosy.serve.billing.money import half_even

EVERY = "*"
Scheme = Literal["graduated", "volume", "package"]
Sale = Literal["requests", "texts", "rows", "tokens", "prompt_tokens", "completion_tokens", "minutes"]
_MINUTE = 60_000  # milliseconds
# unit of sale -> the units of the ledger that count for it, and how many of these are one of it
SALES: Mapping[str, tuple[tuple[str, ...], int]] = {
    "requests": (("requests",), 1),
    "texts": (("texts",), 1),
    "rows": (("rows",), 1),
    "tokens": (("prompt_tokens", "completion_tokens"), 1),
    "prompt_tokens": (("prompt_tokens",), 1),
    "completion_tokens": (("completion_tokens",), 1),
    "minutes": (("milliseconds",), _MINUTE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A price for units up to ``up_to`` (the last tier has none), counted behind the free ones."""

    up_to: int | None
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a unit of sale costs: a tier's price for every ``per`` units, the first ``free`` units of a month free.

    ``graduated`` prices each unit by the tier it lies in, ``volume`` all units by the tier that the month's total
    reaches; ``package`` sells ``per`` units at a time, a begun one whole. All ``models`` of a price count together.
    """

    unit: Sale
    per: int = 1
    tiers: tuple[Tier, ...]
    free: int = 0
    scheme: Scheme = "graduated"
    models: tuple[str, ...] = (EVERY,)

    @property
    def units(self) -> tuple[str, ...]:
        """The units of the ledger that count."""
        return SALES[self.unit][0]

    @property
    def scale(self) -> int:
        """How many of the ledger's units are one of ``unit``."""
        return SALES[self.unit][1]

    def cost(self, quantity: int) -> int:
        """What a month's ``quantity`` of the ledger's units costs, in parts of ``per × scale`` to a micro-unit.

        What is below zero costs below zero.
        """
        if quantity < 0:
            return -self.cost(-quantity)
        sold = max(0, quantity - self.free * self.scale)
        if self.scheme == "package":
            return -(-sold // self._parts) * self.tiers[0].price * self._parts
        if self.scheme == "volume":
            return sold * next(tier.price for tier in self.tiers if sold <= self._end(tier, sold))
        return sum(units * tier.price for tier, units in self._split(sold))

    def amount(self, quantity: int) -> int:
        """Micro-units for ``quantity``, rounded half-even once."""
        return half_even(self.cost(quantity), self._parts)

    def most(self, quantity: int) -> int:
        """A bound of ``amount(before + used) − amount(before)`` for any ``before`` and any ``used`` up to ``quantity``.

        The difference is linear in both between the bounds of the tiers, so it is largest beside some of them.
        """
        if quantity <= 0:
            return 0
        if self.scheme == "package":
            return -(-quantity // self._parts) * self.tiers[0].price
        if len(self.tiers) == 1:
            rise = quantity * self.tiers[0].price
        else:
            rise = max(self.cost(end) - self.cost(start) for start, end in self._beside(quantity))
        whole = all(tier.price % self._parts == 0 for tier in self.tiers)
        return rise // self._parts + (0 if whole or rise <= 0 else 1)  # both ends may be rounded apart by a half

    @property
    def _parts(self) -> int:
        return self.per * self.scale

    def _end(self, tier: Tier, sold: int) -> int:
        return sold if tier.up_to is None else tier.up_to * self.scale

    def _split(self, sold: int) -> Iterator[tuple[Tier, int]]:
        start = 0
        for tier in self.tiers:
            end = min(sold, self._end(tier, sold))
            yield tier, max(0, end - start)
            start = max(start, end)

    def _beside(self, quantity: int) -> Iterator[tuple[int, int]]:
        """Where at most ``quantity`` may begin and end: each beside a bound, or as far apart as they may be."""
        free = self.free * self.scale
        bounds = [free, *(free + tier.up_to * self.scale for tier in self.tiers if tier.up_to is not None)]
        near = {0, *(bound + step for bound in bounds for step in (0, 1))}
        for start in near | {end - quantity for end in near if end > quantity}:
            yield start, start + quantity
            if self.scheme == "volume":  # less may cost more
                yield from ((start, end) for end in near if start < end < start + quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax line: ``rate`` in parts of a million; ``inclusive`` prices have it in them already."""

    name: str
    rate: int
    inclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A line that is a share of what the usage lines come to: ``rate`` in parts of a million, perhaps negative."""

    name: str
    rate: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a month costs in one currency: usage by ``prices``, and what stands beside it on the invoice.

    ``monthly`` and ``commitment`` are micro-units a month, by the day where the plan holds for a part of it; the
    commitment is what usage comes to at least. ``due_days`` after it is issued an invoice is due, ``suspend_days``
    after that the tenant is suspended (None: never).
    """

    name: str
    currency: str
    prices: tuple[Price, ...] = ()
    monthly: int = 0
    commitment: int = 0
    shares: tuple[Share, ...] = ()
    tax: Tax | None = None
    prepaid: bool = False
    due_days: int = 15
    suspend_days: int | None = None
    title: str = ""

    @cached_property
    def id(self) -> str:
        """``name:CUR@digest``: another word anywhere in the plan is another id."""
        return f"{self.name}:{self.currency}@{hashlib.sha256(self.canonical().encode()).hexdigest()[:12]}"

    def canonical(self) -> str:
        """The plan as JSON, the same for the same plan."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def price(self, model: str, unit: str) -> Price | None:
        """The price of a ledger's unit of a model: one that names the model before one for every model."""
        fitting = [price for price in self.prices if unit in price.units]
        named = next((price for price in fitting if model in price.models), None)
        return named or next((price for price in fitting if EVERY in price.models), None)

    def sells(self, model: str) -> bool:
        """Whether any price is for the model."""
        return any(model in price.models or EVERY in price.models for price in self.prices)

    def parts(self, totals: Totals) -> dict[Price, dict[str, int]]:
        """The quantities that count for each price, by model; prices without any are left out."""
        found: dict[Price, dict[str, int]] = {}
        for (model, unit), quantity in sorted(totals.items()):
            price = self.price(model, unit)
            if price is not None and quantity:
                by_model = found.setdefault(price, {})
                by_model[model] = by_model.get(model, 0) + quantity
        return {price: found[price] for price in self.prices if price in found}


def parse(canonical: str) -> Plan:
    """The plan that ``canonical`` told."""
    told = json.loads(canonical)
    prices = tuple(
        Price(**{**price, "models": tuple(price["models"]), "tiers": tuple(Tier(**tier) for tier in price["tiers"])})
        for price in told["prices"]
    )
    shares = tuple(Share(**share) for share in told["shares"])
    return Plan(**{**told, "prices": prices, "shares": shares, "tax": Tax(**told["tax"]) if told["tax"] else None})
