"""A project that sells, its ledger filled through the store as a service does, at times that tests set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from argosy.config import file
from argosy.core.ledger import Ask
from argosy.core.tenant import Tenant
from argosy.project.selling.billing import Billing
from argosy.project.selling.offers import offer_plans
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.billing.pricing import PriceBook
from argosy.store.database import Database
from argosy.store.ledger.months import after
from argosy.store.ledger.sql import SqlLedger
from argosy.store.tenants.accounts import SqlAccounts

ZONE = "Asia/Shanghai"
SOLD = """
name = "desk"
languages = ["en"]

[data]
path = "rows.csv"

[base]
model = "package:none"

[sell]
store = "{store}"
plan = "free"

[plans.free]
prices = [{{ unit = "requests", per = 1000, price = "0" }}]

[plans.pro]
monthly = "300.00"
prices = [{{ unit = "requests", per = 100, price = "1.00", free = 50 }}]
tax = {{ name = "VAT", rate = "6%" }}

[plans.metered]
prices = [{{ unit = "requests", per = 1, price = "0.50", free = 20 }}]
"""


def at(day: str, hour: int = 12) -> int:
    """Microseconds since the epoch of an hour of a day in the shop's zone."""
    return int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZoneInfo(ZONE)).timestamp()) * 10**6


@dataclass
class Town:
    """The shop's books; ``now`` is its clock's time, which never goes back."""

    folder: Path
    database: Database
    shop: Shop
    now: int
    book: PriceBook = field(init=False)
    ledger: SqlLedger = field(init=False)
    asked: int = 0

    def __post_init__(self) -> None:
        """Offer the plans and open the ledger."""
        self.book = offer_plans(self.database, self.shop.project, clock=self.clock)
        self.ledger = SqlLedger(self.database, self.book, time_zone=ZONE, clock=self.clock)

    def clock(self) -> int:
        """A microsecond later."""
        self.now += 1
        return self.now

    def go(self, day: str, hour: int = 12) -> None:
        """To a day."""
        assert at(day, hour) >= self.now
        self.now = at(day, hour)

    @property
    def accounts(self) -> SqlAccounts:
        """The tenants."""
        return SqlAccounts(self.database, clock=self.clock)

    @property
    def billing(self) -> Billing:
        """The invoices."""
        return Billing(shop=self.shop, database=self.database, book=self.book, clock=self.clock)

    def tenant(self, name: str, plan: str = "free", currency: str = "CNY") -> str:
        """A new tenant."""
        return self.accounts.create_tenant(Tenant(id="", name=name, plan=plan, currency=currency), "test").result().id

    def change(self, tenant: str, plan: str) -> None:
        """Give it another plan."""
        self.accounts.change_tenant(tenant, lambda one: replace(one, plan=plan), "test").result()

    def ask(self, tenant: str, count: int = 1, *, back: bool = False) -> None:
        """Requests; ``back``: one more, whose charge is taken back."""
        known = self.accounts.tenant(tenant)
        plan = self.book.current(known.plan, known.currency)
        quantities = {"requests": 1, "texts": 3}
        wishes = []
        for _ in range(count + back):
            self.asked += 1
            wish = Ask(
                tenant=tenant,
                event=f"e{self.asked}",
                key="key_1",
                model="mood",
                route="/v1/classify",
                plan=plan,
                currency=known.currency,
                at_most=quantities,
            )
            wishes.append(wish)
        held = [one.result(20) for one in [self.ledger.reserve(wish) for wish in wishes]]
        if back:
            first = held.pop(0)
            self.ledger.settle(first, quantities).result(20)
            self.ledger.abandon(first)
        for one in [self.ledger.settle(each, quantities) for each in held]:
            one.result(20)

    def issue(self, month: str) -> None:
        """Close a month for all tenants, and send what is to be paid."""
        for one in self.accounts.tenants():
            for made in self.billing.issue(one.id, month):
                self.billing.invoices.move(made.number, "sent", "test", since=("draft",)).result()


@contextmanager
def town(folder: Path, begins: str, store: str = ".argosy/store.db") -> Iterator[Town]:
    """The books of a new shop in a folder, on SQLite or at a URL."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.FILE).write_text(SOLD.format(store=store).lstrip(), encoding="utf-8")
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        made = Town(folder=folder, database=database, shop=shop, now=at(begins, 0))
        try:
            yield made
        finally:
            made.ledger.close()


def filled(place: Town, seed: int, months: list[str], tenants: int) -> None:
    """A made-up life: tenants come, try, pay, pause, come back, are suspended, get money back; months are invoiced."""
    chance = Random(seed)
    living: dict[str, float] = {}
    for month in months:
        days = sorted(chance.sample(range(2, 27), 6))
        born = {day for day in days if chance.random() < 0.8}
        for day in days:
            place.go(f"{month}-{day:02}", chance.randrange(24))
            if day in born and len(living) < tenants:
                made = place.tenant(f"Shop {len(living) + 1}", chance.choice(["free", "free", "pro", "metered"]))
                living[made] = chance.random()
            for one, zeal in living.items():
                _act(place, one, zeal, chance)
        place.go(f"{after(month)}-01", 0)
        if chance.random() < 0.8:
            place.issue(month)
            _settle(place, month, chance)


def _act(place: Town, tenant: str, zeal: float, chance: Random) -> None:
    known = place.accounts.tenant(tenant)
    if chance.random() < zeal:
        place.ask(tenant, chance.randrange(1, 9), back=chance.random() < 0.15)
    if chance.random() < 0.08:
        place.change(tenant, chance.choice(["free", "pro", "metered"]))
    if known.suspended is None and chance.random() < 0.03:
        place.accounts.suspend(tenant, chance.choice(["unpaid", "closed"]), "test").result()
    elif known.suspended and chance.random() < 0.3:
        place.accounts.resume(tenant, "test").result()


def _settle(place: Town, month: str, chance: Random) -> None:
    for one in place.billing.invoices.list(month=month):
        drawn = chance.random()
        if drawn < 0.6:
            place.billing.pay(one.number)
        elif drawn < 0.75 and one.total > 0:
            place.billing.credit(one.number, one.total if drawn < 0.68 else 10_000, "a mistake")
        elif drawn < 0.8:
            place.billing.void(one.number)
