"""What the ledger's tests share: a clock to set, prices, and events to charge."""

from concurrent.futures import Future
from typing import Any

from argosy.core.ledger import Ask, Quantities, RefusedError, Totals

NOVEMBER = 1_794_000_000_000_000  # µs, 2026-11-06
DAY = 86_400 * 10**6


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOVEMBER

    def __call__(self) -> int:
        """A microsecond later."""
        self.now += 1
        return self.now


class Tiers:
    """The first ten texts of a month are free, the next cost 1,000 micro-units; a token costs 3."""

    def amount(self, plan: str, totals: Totals) -> int:
        """What a month costs."""
        texts = sum(quantity for (_, unit), quantity in totals.items() if unit == "texts")
        tokens = sum(quantity for (_, unit), quantity in totals.items() if unit == "completion_tokens")
        return max(texts - 10, 0) * 1_000 + tokens * 3

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """What more can cost at most."""
        if model == "unpriced":
            raise RefusedError("There is no price for {model!r}.", why="price", model=model)
        return quantities.get("texts", 0) * 1_000 + quantities.get("completion_tokens", 0) * 3


def ask(event: str, tenant: str = "ten_a", texts: int = 0, tokens: int = 0, **given: Any) -> Ask:
    """What an event may come to."""
    at_most = {"texts": texts, "completion_tokens": tokens}
    common = {"key": "key_1", "model": "m", "route": "/v1/classify", "plan": "p@1", "currency": "EUR"}
    return Ask(tenant=tenant, event=event, at_most=at_most, **{**common, **given})


def got(future: "Future[Any]") -> Any:
    """What a future has, soon."""
    return future.result(timeout=20)
