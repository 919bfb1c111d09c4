"""What a service that sells is made of: the only place where the store's parts meet the service's."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from argosy.core.account import SCOPES, Account
from argosy.core.errors import ProjectError
from argosy.core.tenant import Issued, Tenant, Terms
from argosy.project.plan_schema import extended, plans_of
from argosy.project.schema import FILE, Project, Sell
from argosy.serve.app import create_app
from argosy.serve.billing.pricing import PriceBook
from argosy.serve.desk import LocalDesk
from argosy.serve.forward import RemoteDesk
from argosy.serve.keys import Books
from argosy.serve.meter import Guarded
from argosy.serve.settings import Settings
from argosy.serve.work import Engine
from argosy.store.accounts import SqlAccounts
from argosy.store.audit import SqlAudit
from argosy.store.database import Database, sqlite_url
from argosy.store.directory import SqlDirectory
from argosy.store.ledger import SqlLedger
from argosy.store.months import Calendar
from argosy.store.sessions import SqlSessions
from argosy.store.standing import SqlStandings
from argosy.store.upgrade import upgrade

_ACTOR = "argosy serve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A project that sells: its file as it was read, and its folder."""

    project: Project
    folder: Path

    @property
    def sell(self) -> Sell:
        """The table ``[sell]``; raises ProjectError in a project without one."""
        if self.project.sell is None:
            raise ProjectError("This project sells nothing.", where=FILE, mend="Add the table: [sell]")
        return self.project.sell

    def told(self) -> dict[str, Any]:
        """What ``of`` reads in another process."""
        return {"project": self.project.model_dump(mode="json", exclude_unset=True), "folder": str(self.folder)}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """What ``told`` told."""
        return cls(project=Project.model_validate(told["project"]), folder=Path(told["folder"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """The parts; ``stack`` is what is closed at the end."""

    database: Database
    admission: Guarded
    books: Books
    stack: ExitStack

    def app(self, engines: Mapping[str, Engine], settings: Settings) -> FastAPI:
        """The service over ``engines``."""
        return create_app(engines, settings, admission=self.admission, books=self.books)

    def close(self) -> None:
        """Write what waits, and close."""
        self.stack.close()


def open_selling(shop: Shop, *, desk: Path | None = None) -> Selling:
    """The parts of the service of a project that sells; close them when done.

    The ledger is this process's own, or that of the process which answers at the Unix socket ``desk``.
    """
    sell = shop.sell
    with ExitStack() as stack:
        database = stack.enter_context(open_store(sell, shop.folder))
        book = price_book(shop.project)
        directory = SqlDirectory(database)
        stack.callback(directory.close)
        near = RemoteDesk(desk) if desk else stack.enter_context(_desk(sell, database, book))
        pays, calendar = _paying(book), Calendar(sell.time_zone)
        books = Books(
            directory=directory,
            accounts=SqlAccounts(database),
            audit=SqlAudit(database),
            sessions=SqlSessions(database),
            standings=SqlStandings(database, lambda: calendar.month(time.time_ns() // 1000), pays),
            plan=sell.plan,
            currency=_currency(shop),
            zone=sell.time_zone,
        )
        return Selling(
            database=database,
            admission=Guarded(directory, near, pays, seconds=sell.settle_seconds),
            books=books,
            stack=stack.pop_all(),
        )


@contextmanager
def open_desk(shop: Shop, holder: str) -> Iterator[LocalDesk]:
    """The desk at which all workers of one service ask for room: its ledger and its limits.

    One that is started after another has died has the same ``holder``'s name.
    """
    with ExitStack() as stack:
        database = stack.enter_context(open_store(shop.sell, shop.folder))
        yield stack.enter_context(_desk(shop.sell, database, price_book(shop.project), holder))


def first_key(shop: Shop) -> Issued | None:
    """Where nobody buys yet: a tenant named like the project, with a key; its secret is told this once."""
    currency = _currency(shop)
    with open_store(shop.sell, shop.folder) as database:
        accounts = SqlAccounts(database)
        if accounts.tenants():
            return None
        wish = Tenant(id="", name=shop.project.name, plan=shop.sell.plan, currency=currency)
        tenant = accounts.create_tenant(wish, _ACTOR).result()
        return accounts.create_key(tenant.id, Terms(scopes=frozenset(SCOPES)), _ACTOR).result()


@contextmanager
def open_store(sell: Sell, folder: Path) -> Iterator[Database]:
    """The database of a project, its tables as this version has them: a file, or what a URL names."""
    if "://" in sell.store:
        database = Database(sell.store)
    else:
        file = folder / sell.store
        file.parent.mkdir(parents=True, exist_ok=True)
        database = Database(sqlite_url(file))
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def price_book(project: Project) -> PriceBook:
    """The prices of the plans in the project file."""
    return PriceBook({plan.id: plan for plan in plans_of(project.plans)})


def _currency(shop: Shop) -> str:
    """That of the plan for tenants who were told no other; raises ProjectError where there is no such plan."""
    plan = shop.project.plans.get(shop.sell.plan)
    if plan is None:
        raise ProjectError(
            "There is no plan {name!r}, which tenants have unless told otherwise.",
            where=f"{FILE}, [sell] plan",
            mend="Add the table [plans.{name}], or name one of: {known}.",
            name=shop.sell.plan,
            known=", ".join(shop.project.plans) or "–",
        )
    return extended(shop.sell.plan, shop.project.plans).currency


@contextmanager
def _desk(sell: Sell, database: Database, book: PriceBook, holder: str = "") -> Iterator[LocalDesk]:
    ledger = SqlLedger(database, book, time_zone=sell.time_zone, holder=holder)
    try:
        yield LocalDesk(ledger, month_ends=lambda: _month_left(datetime.now(ZoneInfo(sell.time_zone))))
    finally:
        ledger.close()


def _month_left(now: datetime) -> float:
    """Seconds until the month of ``now`` ends by its own clock."""
    begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (begins + timedelta(days=31)).replace(day=1)
    return ends.timestamp() - now.timestamp()


def _paying(book: PriceBook) -> Callable[[Account], Account]:
    """An account with the version of its plan that is offered now, prepaid where the plan is."""

    def pays(account: Account) -> Account:
        plan = book.plan(book.current(account.plan, account.currency))
        limits = replace(account.limits, prepaid=True) if plan.prepaid else account.limits
        return replace(account, plan=plan.id, limits=limits)

    return pays
