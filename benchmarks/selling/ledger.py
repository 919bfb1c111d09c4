"""What a durable line of the ledger costs: many waiters in shared commits, one row a commit, and plain ``sqlite3``.

    python -m benchmarks.selling.ledger [--quick]

Every event is reserved within its tenant's budget, then settled: durable before it counts as answered. The peer is
what a meter does without a writer of its own: one thread that inserts a row and adds to a total, a commit for each, in
the same WAL mode with ``synchronous=FULL``; it checks no budget and prices nothing. The latencies are of a Poisson
stream of events at 350 a second, from asking for room until the receipt is there. PostgreSQL runs with ``fsync``.
"""

import contextlib
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, arguments, note, tell

from argosy.core.account import Limits
from argosy.core.ledger import Ask, Held, Quantities, Receipt, Totals
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify
from argosy.store.upgrade import upgrade

sys.path.insert(0, str(ROOT / "tests"))
import real_postgres

TENANTS = 200
WAITERS = 256
RATE = 350  # events a second
SEED = 20261122
LIMITS = Limits(budget=10**12)
USED = {"requests": 1, "texts": 8, "prompt_tokens": 312}
MOST = {"requests": 1, "texts": 8, "prompt_tokens": 512}


@dataclass(frozen=True)
class Flat:
    """A price for each unit."""

    prices: dict[str, int] = field(default_factory=lambda: {"texts": 1_000, "prompt_tokens": 3})

    def amount(self, plan: str, totals: Totals) -> int:
        """What a month costs, whatever the plan."""
        del plan
        return sum(self.prices.get(unit, 0) * quantity for (_, unit), quantity in totals.items())

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """What more costs, whatever the plan and model."""
        del plan, model
        return sum(self.prices.get(unit, 0) * quantity for unit, quantity in quantities.items())


def ask(number: int) -> Ask:
    """An event of one of the tenants."""
    return Ask(
        tenant=f"ten_{number % TENANTS:03}",
        event=f"evt_{number:08}",
        key="key_1",
        model="reviews",
        route="/v1/classify",
        plan="standard@1",
        currency="EUR",
        at_most=MOST,
        limits=LIMITS,
    )


class Load:
    """Events that go to a ledger; ``seconds`` each took."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.seconds: list[float] = []
        self.number = 0

    def send(self, done: "threading.Semaphore") -> None:
        """One event; ``done`` is told when its receipt is there."""
        began = time.perf_counter()
        self.number += 1

        def settled(future: "Future[Receipt]") -> None:
            future.result()
            self.seconds.append(time.perf_counter() - began)
            done.release()

        def reserved(future: "Future[Held]") -> None:
            self.ledger.settle(future.result(), USED).add_done_callback(settled)

        self.ledger.reserve(ask(self.number)).add_done_callback(reserved)

    def closed(self, events: int, waiters: int) -> float:
        """Events a second while so many wait at any time."""
        room = threading.Semaphore(waiters)
        began = time.perf_counter()
        for _ in range(events):
            room.acquire()
            self.send(room)
        for _ in range(waiters):
            room.acquire()
        return events / (time.perf_counter() - began)

    def opened(self, events: int, rate: float) -> list[float]:
        """The latencies in ms of a Poisson stream."""
        self.seconds.clear()
        draw, done = random.Random(SEED), threading.Semaphore(0)
        due = time.perf_counter()
        for _ in range(events):
            due += draw.expovariate(rate)
            # the stream has a rate
            time.sleep(max(0.0, due - time.perf_counter()))
            self.send(done)
        for _ in range(events):
            done.acquire()
        return sorted(1_000 * second for second in self.seconds)


def plain(file: Path, events: int, together: int) -> float:
    """Rows a second of plain ``sqlite3`` with so many rows a commit."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("CREATE TABLE lines (tenant, event, texts, tokens, amount, at, PRIMARY KEY (tenant, event))")
        raw.execute("CREATE TABLE totals (tenant PRIMARY KEY, amount)")
        began = time.perf_counter()
        for start in range(0, events, together):
            raw.execute("BEGIN IMMEDIATE")
            for number in range(start, start + together):
                tenant, amount = f"ten_{number % TENANTS:03}", 8_936
                raw.execute(
                    "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)",
                    (tenant, f"evt_{number:08}", 8, 312, amount, time.time_ns() // 1_000),
                )
                raw.execute(
                    "INSERT INTO totals VALUES (?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
                    (tenant, amount),
                )
            raw.execute("COMMIT")
        return events / (time.perf_counter() - began)


@contextlib.contextmanager
def opened(url: str) -> Iterator[Load]:
    """A ledger that every tenant has a lease in already; what was written verifies at the end."""
    database = Database(url)
    upgrade(database)
    ledger = SqlLedger(database, Flat())
    load = Load(ledger)
    load.closed(2 * TENANTS, WAITERS)
    try:
        yield load
    finally:
        ledger.close()
        if verify(database, Flat()).differences:
            raise SystemExit(1)
        database.close()


def measure(url: str, events: int, name: str) -> dict[str, Any]:
    """Rates with many waiters and with one, and latencies at the stated rate."""
    with opened(url) as load:
        rates = {waiters: [load.closed(count, waiters) for _ in range(3)] for waiters, count in counts(events).items()}
        processor = time.process_time()
        milliseconds = load.opened(events // 4, RATE)
        processor = time.process_time() - processor
    figures = {
        "settles_per_second": round(statistics.median(rates[WAITERS])),
        "settles_per_second_one_waiter": round(statistics.median(rates[1])),
        "p50_ms_at_350": round(milliseconds[len(milliseconds) // 2], 2),
        "p99_ms_at_350": round(milliseconds[int(len(milliseconds) * 0.99)], 2),
        "processor_us_per_event_at_350": round(processor / len(milliseconds) * 1e6),
    }
    note(f"{name}: {figures}")
    return figures


def counts(events: int) -> dict[int, int]:
    """How many events to send, by waiters."""
    return {WAITERS: events, 1: max(events // 20, 100)}


def main() -> None:
    """SQLite, PostgreSQL where it is installed, and the peer."""
    quick = arguments(__doc__).quick
    events = 4_000 if quick else 20_000
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        peer = {
            together: statistics.median(
                plain(Path(folder, f"plain-{together}-{turn}.db"), count, together) for turn in range(3)
            )
            for together, count in ((1, events // 20), (32, events // 4 // 32 * 32))
        }
        note(f"plain sqlite3, rows a second by rows a commit: {peer}")
        sqlite = measure(sqlite_url(Path(folder, "ledger.db")), events, "sqlite")
    postgres = None
    if real_postgres.programs():
        with real_postgres.server(durable=True) as server:
            postgres = measure(server.database(), events, "postgresql")
    tell(
        "ledger",
        {
            "ratio": round(sqlite["settles_per_second"] / peer[1], 1),
            "quality": "every sum verified from the lines",
            "sqlite": sqlite,
            "postgresql": postgres,
            "peer_rows_per_second": {str(together): round(rate) for together, rate in peer.items()},
        },
        packages=("sqlalchemy",),
    )


if __name__ == "__main__":
    main()
