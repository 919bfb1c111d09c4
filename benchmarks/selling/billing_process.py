"""The process that ``billing.py`` kills: it asks the ledger for what it reads, and says what became durable.

    python -m benchmarks.selling.billing_process DATABASE NAME SKEW_SECONDS

Each line of standard input is a JSON list [number, tenant, event, way, quantities]; each answered line is
[number, status, amount, repeated, quantities]. ``way``: "settle"; "stream" (records twice, then settles); "leave"
(records, then the client leaves); "none" (the client leaves before any work).
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from benchmarks.selling.billing_plans import CURRENCY, PLAN, limits_of, price_book

from argosy.core.errors import ArgosyError
from argosy.core.ledger import Ask, Held, Quantities, Receipt
from argosy.store.database import Database
from argosy.store.ledger.sql import SqlLedger
from argosy.store.upgrade import upgrade

_writing = threading.Lock()


class Event:
    """One event on its way through the ledger; each step begins when the one before is durable."""

    def __init__(self, ledger: SqlLedger, told: list[Any]) -> None:
        self.ledger = ledger
        self.number, self.tenant, self.event, self.way, self.quantities = told

    def begin(self) -> None:
        """Reserve what it may come to, which is more than it will."""
        at_most = {unit: quantity + quantity // 2 for unit, quantity in self.quantities.items()}
        ask = Ask(
            tenant=self.tenant,
            event=self.event,
            key="key_load",
            model="reviews",
            route="/v1/classify",
            plan=PLAN,
            currency=CURRENCY,
            at_most=at_most,
            limits=limits_of(self.tenant),
        )
        self.then(self.ledger.reserve(ask), self.held)

    def held(self, held: Held) -> None:
        """Go on with the reservation, each in its way."""
        if self.way == "settle":
            self.then(self.ledger.settle(held, self.quantities), self.settled)
        elif self.way == "none":
            self.then(self.ledger.release(held), lambda _: self.say("left"))
        else:
            self.then(self.ledger.record(held, share(self.quantities, 2)), lambda _: self.half(held))

    def half(self, held: Held) -> None:
        """Half of a stream is out."""
        if self.way == "leave":
            self.then(self.ledger.release(held), lambda _: self.say("left"))
        else:
            self.then(self.ledger.settle(held, self.quantities), self.settled)

    def settled(self, receipt: Receipt) -> None:
        """It is durable: the last byte may go out."""
        usage = receipt.usage
        self.say("settled", usage.amount, repeated=receipt.repeated, quantities=usage.quantities)

    def then(self, future: "Future[Any]", step: Callable[[Any], None]) -> None:
        """Call ``step`` with the result; say why there is none."""

        def come(done: "Future[Any]") -> None:
            error = done.exception()
            if error is None:
                step(done.result())
            elif isinstance(error, ArgosyError):
                self.say(f"refused: {getattr(error, 'why', type(error).__name__)}")
            else:
                self.say(f"failed: {error!r}")

        future.add_done_callback(come)

    def say(
        self, status: str, amount: int = 0, *, repeated: bool = False, quantities: Quantities | None = None
    ) -> None:
        """One line of the answer."""
        line = json.dumps([self.number, status, amount, repeated, dict(quantities or {})])
        with _writing:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def share(quantities: Quantities, parts: int) -> Quantities:
    """A part of a stream: the request whole, of what was written a part."""
    return {unit: quantity if unit == "requests" else quantity // parts for unit, quantity in quantities.items()}


def main() -> None:
    """Answer until the input ends."""
    url, name, skew = sys.argv[1], sys.argv[2], int(sys.argv[3])
    database = Database(url)
    upgrade(database)
    ledger = SqlLedger(
        database,
        price_book(),
        time_zone="Asia/Shanghai",
        holder=name,
        clock=lambda: time.time_ns() // 1000 + skew * 10**6,
    )
    for line in sys.stdin:
        Event(ledger, json.loads(line)).begin()
    ledger.close()
    database.close()


if __name__ == "__main__":
    main()
