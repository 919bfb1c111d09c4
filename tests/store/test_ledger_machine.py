"""The ledger against an oracle that knows none of its tables: whatever happens in whatever order, the books agree."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import real_postgres
from books_of_tests import DAY, NOVEMBER, Clock, Tiers, ask, got
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from argosy.core.account import Limits
from argosy.core.errors import DataError
from argosy.core.ledger import Held, LedgerError, RefusedError, Usage
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger import bookkeeping
from argosy.store.ledger.months import Calendar, after
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.verify import verify
from argosy.store.upgrade import upgrade

LIMITS = {
    "ten_budget": Limits(budget=30_000),
    "ten_quota": Limits(quota={"texts": 25}),
    "ten_wallet": Limits(prepaid=True),
    "ten_free": Limits(),
}
TENANTS = st.sampled_from(sorted(LIMITS))
EVENTS = st.integers(0, 30).map("evt_{}".format)
PRICES = Tiers()
CALENDAR = Calendar("Asia/Shanghai")


@dataclass
class Reserved:
    """A reservation as the oracle knows it."""

    held: Held
    place: int  # which holder has it
    month: str
    recorded: dict[str, int] | None = None


@dataclass
class Books:
    """A tenant's books as the oracle keeps them."""

    lines: list[Usage] = field(default_factory=list)
    live: dict[str, Usage] = field(default_factory=dict)  # charged events
    paid: int = 0
    closed: str = ""

    def used(self, month: str, unit: str) -> int:
        """A unit's sum of a month."""
        return sum(line.quantities.get(unit, 0) for line in self.lines if line.month == month)

    def price(self, month: str) -> int:
        """What a month costs."""
        units = {"texts", "completion_tokens"}
        return PRICES.amount("p@1", {("m", unit): self.used(month, unit) for unit in units})


class Machine(RuleBasedStateMachine):
    """One holder on SQLite; ``places`` more on PostgreSQL."""

    places = 1
    held = Bundle("held")

    @initialize()
    def begin(self) -> None:
        """Nothing is sold yet."""
        self.clock = Clock()
        self.latest = NOVEMBER
        self.books = {tenant: Books() for tenant in LIMITS}
        self.reserved: dict[str, Reserved] = {}
        self.references = Counter[str]()
        self.url = self.make()
        self.databases: list[Database] = []
        self.ledgers: list[SqlLedger] = []
        for place in range(self.places):
            self.start(place)

    def make(self) -> str:
        """A new database's URL."""
        self.folder = tempfile.TemporaryDirectory()
        return sqlite_url(Path(self.folder.name) / "ledger.db")

    def start(self, place: int) -> None:
        """Open the ledger of a place, for the first time or again."""
        database = Database(self.url)
        upgrade(database)
        holder = f"place {place}"
        self.databases[place : place + 1] = [database]
        opened = SqlLedger(database, PRICES, time_zone="Asia/Shanghai", holder=holder, clock=self.clock)
        self.ledgers[place : place + 1] = [opened]

    @rule(
        tenant=TENANTS,
        event=EVENTS,
        texts=st.integers(0, 12),
        tokens=st.integers(0, 1_500),
        place=st.integers(0, 1),
        target=held,
    )
    def reserve(self, tenant: str, event: str, texts: int, tokens: int, place: int) -> object:
        """Given where there is room, and only there."""
        place %= self.places
        asked = ask(event, tenant, texts, tokens, limits=LIMITS[tenant])
        room = self.room(tenant, self.month(tenant), texts, texts * 1_000 + tokens * 3)
        try:
            held = got(self.ledgers[place].reserve(asked))
        except RefusedError:
            assert self.places > 1 or not room
            return multiple()
        assert room
        self.reserved[held.token] = Reserved(held, place, self.month(tenant))
        return held.token

    @rule(token=held, share=st.floats(0, 1))
    def record(self, token: str, share: float) -> None:
        """A stream comes further."""
        if token in self.reserved:
            one = self.reserved[token]
            one.recorded = part(one.held, share)
            got(self.ledgers[one.place].record(one.held, one.recorded))

    @rule(token=consumes(held), share=st.floats(0, 1))
    def settle(self, token: str, share: float) -> None:
        """Charged once, at what it adds to the price of the month."""
        if token not in self.reserved:
            return
        one = self.reserved[token]
        tenant, event = one.held.ask.tenant, one.held.ask.event
        quantities = part(one.held, share)
        fits = self.fits(one, quantities)
        try:
            receipt = got(self.ledgers[one.place].settle(one.held, quantities))
        except LedgerError:
            assert not fits or self.places > 1
            if one.recorded is not None:
                self.ledgers[one.place].abandon(one.held)
            del self.reserved[token]
            return
        assert receipt.repeated == (event in self.books[tenant].live)
        if not receipt.repeated:
            assert fits
            self.expect(one, quantities)
        assert receipt.usage == self.books[tenant].live[event]
        del self.reserved[token]

    @rule(token=consumes(held))
    def release(self, token: str) -> None:
        """Charged for what was recorded, or not at all."""
        if token not in self.reserved:
            return
        one = self.reserved[token]
        charged = one.recorded is not None and one.held.ask.event not in self.books[one.held.ask.tenant].live
        fits = self.fits(one, one.recorded or {})
        del self.reserved[token]
        try:
            got(self.ledgers[one.place].release(one.held))
        except LedgerError:
            assert charged
            assert not fits or self.places > 1
            return
        if charged:
            self.expect(one, one.recorded or {})

    @rule(token=consumes(held))
    def abandon(self, token: str) -> None:
        """Nothing is charged."""
        if token in self.reserved:
            one = self.reserved.pop(token)
            self.ledgers[one.place].abandon(one.held)

    @rule(tenant=TENANTS, event=EVENTS)
    def find(self, tenant: str, event: str) -> None:
        """What is charged is found by its event."""
        receipt = self.ledgers[0].replied(tenant, event)
        assert (receipt.usage if receipt else None) == self.books[tenant].live.get(event)

    @rule(amount=st.integers(1, 20_000), reference=st.integers(0, 5))
    def pay(self, amount: int, reference: int) -> None:
        """Once by reference."""
        known = self.references.get(str(reference))
        try:
            bookkeeping.credit(
                self.databases[0],
                "ten_wallet",
                "EUR",
                amount,
                reference=str(reference),
                reason="card",
                clock=self.clock,
            )
        except DataError:
            assert known not in {None, amount}
            return
        assert known in {None, amount}
        if known is None:
            self.references[str(reference)] = amount
            self.books["ten_wallet"].paid += amount

    @rule(days=st.floats(-40, 40))
    def set_clock(self, days: float) -> None:
        """Forth or back by weeks."""
        self.clock.now = max(NOVEMBER - 60 * DAY, self.clock.now + int(days * DAY))

    @rule(tenant=TENANTS)
    def close(self, tenant: str) -> None:
        """The month before this one gets no more lines."""
        kept = self.books[tenant]
        known = CALENDAR.month(max(self.clock.now, kept.lines[-1].at if kept.lines else 0))
        month = before(known)
        if month <= kept.closed:
            return
        start = sum(line.month <= kept.closed for line in kept.lines)
        found = bookkeeping.close_month(self.databases[0], tenant, month, time_zone="Asia/Shanghai", clock=self.clock)
        kept.closed = month
        assert found == (start, sum(line.month <= month for line in kept.lines))

    @rule(place=st.integers(0, 1))
    def crash(self, place: int) -> None:
        """The process is gone: its thread stops, its lock is free, nothing of its memory is written."""
        place %= self.places
        self.kill(place)
        lost = [one for one in self.reserved.values() if one.place == place]
        self.reserved = {token: one for token, one in self.reserved.items() if one.place != place}
        before_it = {tenant: len(kept.lines) for tenant, kept in self.books.items()}
        self.start(place)
        for tenant, count in before_it.items():
            for line in self.ledgers[place].between(tenant, count):
                owed = [one for one in lost if one.recorded and one.held.ask.event == line.event]
                assert line.event not in self.books[tenant].live
                assert dict(line.quantities) in [nonzero(one.recorded) for one in owed]
                self.expect(owed[0], dict(line.quantities))
            charged = self.books[tenant].live
            for one in lost:
                if one.held.ask.tenant == tenant and one.recorded and one.held.ask.event not in charged:
                    assert one.month != self.month(tenant)  # no room in the new month; in its own there always is

    @invariant()
    def books_agree(self) -> None:
        """Every line is the one expected, and no limit is passed."""
        for tenant, kept in self.books.items():
            assert list(self.ledgers[0].between(tenant, 0)) == kept.lines
            limits = LIMITS[tenant]
            for month in {line.month for line in kept.lines}:
                assert limits.budget is None or kept.price(month) <= limits.budget
                assert kept.used(month, "texts") <= limits.quota.get("texts", 10**9)
            assert not limits.prepaid or sum(line.amount for line in kept.lines) <= kept.paid

    def teardown(self) -> None:
        """The sums are those of the lines."""
        if not hasattr(self, "ledgers"):
            return
        assert verify(self.databases[0], PRICES).differences == ()
        for ledger, database in zip(self.ledgers, self.databases, strict=True):
            ledger.close()
            database.close()
        if self.places == 1:
            self.folder.cleanup()

    def kill(self, place: int) -> None:
        """What is left when a process ends: nothing."""
        ledger = self.ledgers[place]
        ledger._closed.set()
        ledger._thread.join()
        ledger._unlock()
        self.databases[place].close()

    def month(self, tenant: str) -> str:
        """The month of a line now."""
        kept = self.books[tenant]
        last = kept.lines[-1] if kept.lines else None
        now = CALENDAR.month(max(self.clock.now, last.at if last else 0))
        return max(now, last.month if last else "", after(kept.closed))

    def room(self, tenant: str, month: str, texts: int, amount: int, *, but: str = "") -> bool:
        """Whether an event has room beside what is charged and reserved."""
        limits, kept = LIMITS[tenant], self.books[tenant]
        others = [one for token, one in self.reserved.items() if one.held.ask.tenant == tenant and token != but]
        there = [one for one in others if one.month == month]
        if limits.budget is not None:
            return kept.price(month) + sum(one.held.amount for one in there) + amount <= limits.budget or not amount
        if limits.quota:
            held = sum(one.held.ask.at_most["texts"] for one in there)
            return kept.used(month, "texts") + held + texts <= limits.quota["texts"] or not texts
        if limits.prepaid:
            spent = sum(line.amount for line in kept.lines)
            return spent + sum(one.held.amount for one in others) + amount <= kept.paid or not amount
        return True

    def fits(self, one: Reserved, quantities: dict[str, int]) -> bool:
        """Whether a reservation may be charged: in its month always, in a later one where there is room."""
        tenant = one.held.ask.tenant
        month = self.month(tenant)
        if one.month == month or one.held.ask.event in self.books[tenant].live:
            return True
        return self.room(
            tenant, month, quantities.get("texts", 0), self.marginal(tenant, month, quantities), but=one.held.token
        )

    def marginal(self, tenant: str, month: str, quantities: dict[str, int]) -> int:
        """What quantities more cost."""
        kept = self.books[tenant]
        totals = {
            ("m", unit): kept.used(month, unit) + quantities.get(unit, 0) for unit in ("texts", "completion_tokens")
        }
        return PRICES.amount("p@1", totals) - kept.price(month)

    def expect(self, one: Reserved, quantities: dict[str, int]) -> None:
        """Enter the line that the ledger must have appended last."""
        asked, kept = one.held.ask, self.books[one.held.ask.tenant]
        month = self.month(asked.tenant)
        [line] = self.ledgers[0].between(asked.tenant, len(kept.lines), len(kept.lines) + 1)
        assert line.seq == len(kept.lines) + 1
        assert (line.event, line.kind, line.month) == (asked.event, "charge", month)
        assert dict(line.quantities) == nonzero(quantities)
        assert line.amount == self.marginal(asked.tenant, month, quantities)
        assert not kept.lines or line.at >= kept.lines[-1].at
        kept.lines.append(line)
        kept.live[asked.event] = line


def part(held: Held, share: float) -> dict[str, int]:
    """A share of what was reserved."""
    return {unit: int(quantity * share) for unit, quantity in held.ask.at_most.items()}


def nonzero(quantities: dict[str, int] | None) -> dict[str, int]:
    """As lines hold them."""
    return {unit: quantity for unit, quantity in (quantities or {}).items() if quantity}


def before(month: str) -> str:
    """The month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04}-12" if number == 1 else f"{year:04}-{number - 1:02}"


class TwoHolders(Machine):
    """Two processes on one PostgreSQL."""

    places = 2
    server: real_postgres.Server

    def make(self) -> str:
        """A new database's URL."""
        return self.server.database("argosy_template")


TestOneHolder = Machine.TestCase
TestOneHolder.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_two_holders(postgres: real_postgres.Server) -> None:
    """The same with two holders, where a lease of one may be in the way of the other for a while."""
    TwoHolders.server = postgres
    few = settings(max_examples=3, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(TwoHolders, settings=few)
