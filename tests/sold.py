"""A service that sells, made of its real parts over a database: for the tests of its admin side and of its pages."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from argosy.core.account import Account, Scope
from argosy.core.tenant import NewKey, Tenant, Terms
from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.releasing import Shelf, releases_in
from argosy.serve.app import create_app
from argosy.serve.billing.plan import Plan, Price, Tier
from argosy.serve.billing.pricing import PriceBook
from argosy.serve.gate.desk import LocalDesk
from argosy.serve.gate.keys import Books, Invoices
from argosy.serve.gate.meter import Guarded
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.supported import Supported
from argosy.serve.gate.watched import Watched
from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.versions import Line, Paired, begin, expose
from argosy.serve.releases.versions import Plan as ReleasePlan
from argosy.serve.settings import Settings
from argosy.store.database import Database
from argosy.store.ledger.sql import SqlLedger
from argosy.store.ledger.standing import SqlStandings
from argosy.store.releases import SqlReleases
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.tenants.audit import SqlAudit
from argosy.store.tenants.directory import SqlDirectory
from argosy.store.tenants.sessions import SqlSessions
from argosy.store.upgrade import upgrade

ZONE = "Asia/Shanghai"
PLAN = Plan(name="standard", currency="CNY", prices=(Price(unit="texts", tiers=(Tier(up_to=None, price=2000),)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """The service's app, and its books to prepare and look at."""

    app: FastAPI
    books: Books
    database: Database
    audit: SqlAudit

    def tenant(self, name: str = "Acme") -> Tenant:
        """A tenant that pays 0.002 a text."""
        wish = Tenant(id="", name=name, plan=self.books.plan, currency="CNY")
        made = self.books.accounts.create_tenant(wish, "test").result()
        self.books.directory.refresh()
        return made

    def key(self, tenant: str | None, terms: Terms) -> NewKey:
        """A key that the directory knows already."""
        issued = self.books.accounts.create_key(tenant, terms, "test").result()
        self.books.directory.refresh()
        return issued

    def may(self, tenant: str, *scopes: Scope) -> NewKey:
        """A key of a tenant for these scopes."""
        return self.key(tenant, Terms(scopes=frozenset(scopes)))


@contextmanager
def sold(  # noqa: PLR0913 - all that a house may have, each with a default
    url: str,
    *,
    invoices: Invoices | None = None,
    folder: Path | None = None,
    settings: Settings | None = None,
    watched: Callable[[Database], Watched] | None = None,
    supported: Supported | None = None,
    opined: Opined | None = None,
    recommended: Recommended | None = None,
    plan: Plan = PLAN,
) -> Iterator[Sold]:
    """The service over the database at ``url``, whose tables are made where they are missing."""
    database = Database(url)
    upgrade(database)
    directory, prices = SqlDirectory(database), PriceBook({plan.id: plan})
    ledger = SqlLedger(database, prices, time_zone=ZONE)
    audit = SqlAudit(database)
    books = Books(
        directory=directory,
        accounts=SqlAccounts(database),
        audit=audit,
        sessions=SqlSessions(database),
        standings=SqlStandings(database, ZONE, _as_it_is),
        invoices=invoices,
        prices=prices,
        plan=plan.id,
        watched=watched(database) if watched else None,
        supported=supported,
        opined=opined,
        recommended=recommended,
    )
    releases = releases_in(database, folder or Path()).followed()
    admission = Guarded(directory, LocalDesk(ledger, month_ends=lambda: 3600.0), _as_it_is, seconds=5.0)
    try:
        yield Sold(
            app=create_app(
                {"mood": EchoEngine()}, settings or Settings(), admission=admission, books=books, releases=releases
            ),
            books=books,
            database=database,
            audit=audit,
        )
    finally:
        ledger.close()
        directory.close()
        database.close()


def released(house: Sold, *, again: bool = False) -> None:
    """Put version 2 of the model mood into its canary, with some evidence; ``again``: after it was rolled back."""
    kept = SqlReleases(house.database)
    shelf = Shelf(kept)
    if not again:
        for digest in ("a" * 64, "b" * 64):
            kept.add("mood", digest, "classify", by="test", metrics={"accuracy": 0.912}, note="新的").result()
        assert shelf.move(None, Line(model="mood", champion=1), "test").result()
    steady = shelf.lines()["mood"]
    shadow = begin(steady, 2, ReleasePlan(), now=time.time_ns() // 1000)
    shown = replace(shadow, replay=Paired(won=40, lost=22, alike=938))
    canary = expose(shown, now=time.time_ns() // 1000, reason="rows")
    assert shelf.move(steady, shadow, "test").result()
    assert shelf.move(shadow, replace(canary, revision=shadow.revision + 1), "test").result()
    seen = Evidence(first_seconds=98.0, second_seconds=2.7)
    seen.count((9_800, 250), (40, 5), [(4_900, 140), (490, 22), (98, 6)])
    shelf.note(canary.rollout, 0, "worker", seen).result()


def _as_it_is(account: Account) -> Account:
    return account
