"""What the tenants of ``billing.py`` pay, said twice: for Argosy, and for the oracle in exact fractions."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from argosy.core.account import Limits
from argosy.serve.billing.plan import Plan, Price, Tier
from argosy.serve.billing.pricing import PriceBook

CURRENCY = "CNY"
TENANTS = 200
BUDGETS = {f"ten_{number:03}": 40_000 * (1 + number) for number in range(0, TENANTS, 5)}  # micro-units a month
_TIERS = ((20_000, 1_237), (200_000, 811), (None, 399))  # up to, micro-units for 7 texts
_FREE = 500  # texts
_TOKENS = 1_913_000  # micro-units for a million tokens

_PLAN = Plan(
    name="load",
    currency=CURRENCY,
    prices=(
        Price(unit="texts", per=7, free=_FREE, tiers=tuple(Tier(up_to=end, price=price) for end, price in _TIERS)),
        Price(unit="tokens", per=1_000_000, tiers=(Tier(up_to=None, price=_TOKENS),)),
    ),
)
PLAN = _PLAN.id


def table() -> dict[str, Any]:
    """The plan as a project file says it."""
    tiers = [{"price": f"{price / 10**6:f}"} | ({"up_to": end} if end else {}) for end, price in _TIERS]
    texts = {"unit": "texts", "per": 7, "free": _FREE, "tiers": tiers}
    tokens = {"unit": "tokens", "per": 10**6, "price": f"{_TOKENS / 10**6:f}"}
    return {"currency": CURRENCY, "prices": [texts, tokens]}


def price_book() -> PriceBook:
    """The plan as Argosy prices by it."""
    return PriceBook({PLAN: _PLAN})


def limits_of(tenant: str) -> Limits:
    """A hard budget for some."""
    return Limits(budget=BUDGETS.get(tenant))


def bill(used: Iterable[Mapping[str, int]]) -> int:
    """What a month's quantities cost, reckoned apart from Argosy: fractions, each line rounded half-even once."""
    rows = list(used)
    texts = max(0, sum(row.get("texts", 0) for row in rows) - _FREE)
    tokens = sum(row.get("prompt_tokens", 0) + row.get("completion_tokens", 0) for row in rows)
    start, cost = 0, Fraction(0)
    for end, price in _TIERS:
        within = max(0, min(texts, texts if end is None else end) - start)
        cost += Fraction(within * price, 7)
        start += within
    return round(cost) + round(Fraction(tokens * _TOKENS, 1_000_000))  # Python rounds fractions half to even
