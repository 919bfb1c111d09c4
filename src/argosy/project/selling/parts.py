"""What a service that sells is made of: the only place where the store's parts meet the service's."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from argosy.core.account import Account
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.billing import Papers
from argosy.project.selling.desk import own_desk
from argosy.project.selling.offers import offer_plans
from argosy.project.selling.releasing import releases_in
from argosy.project.selling.shop import Shop, currency_of, open_store
from argosy.project.watching.books import books_of
from argosy.project.watching.pages import WatchPages
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.billing.pricing import PriceBook
from argosy.serve.gate.forward import RemoteDesk
from argosy.serve.gate.keys import Books
from argosy.serve.gate.meter import Guarded
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.supported import Supported
from argosy.serve.jobs.parts import Batching
from argosy.serve.jobs.shelf import Shelf
from argosy.serve.persons.privacy import Naming
from argosy.serve.releases.rollout import Releases
from argosy.serve.settings import Settings
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.jobs import BatchTable, FileTable
from argosy.store.ledger.standing import SqlStandings
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.tenants.audit import SqlAudit
from argosy.store.tenants.directory import SqlDirectory
from argosy.store.tenants.sessions import SqlSessions
from argosy.store.watching.signals import SqlSignals


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """The parts; ``stack`` is what is closed at the end."""

    database: Database
    admission: Guarded
    books: Books
    batching: Batching
    releases: Releases
    stack: ExitStack

    def app(
        self,
        engines: Mapping[str, Engine],
        settings: Settings,
        *,
        supported: Supported | None = None,
        opined: Opined | None = None,
        recommended: Recommended | None = None,
    ) -> FastAPI:
        """The service over ``engines``, with what stands behind an assistant's channels or other pages."""
        return create_app(
            engines,
            settings,
            admission=self.admission,
            releases=self.releases,
            books=replace(self.books, supported=supported, opined=opined, recommended=recommended),
            batching=self.batching,
            hearing=FeedbackTable(self.database),
            signals=SqlSignals(self.database),
        )

    def close(self) -> None:
        """Write what waits, and close."""
        self.stack.close()


def open_selling(shop: Shop, *, desk: Path | None = None, threads: int | None = None) -> Selling:
    """The parts of the service of a project that sells; close them when done.

    The ledger is this process's own, or that of the process which answers at the Unix socket ``desk``. A version that
    is released meanwhile runs with ``threads``.
    """
    sell = shop.sell
    with ExitStack() as stack:
        database = stack.enter_context(open_store(sell, shop.folder))
        book = offer_plans(database, shop.project)
        directory = SqlDirectory(database)
        stack.callback(directory.close)
        near = RemoteDesk(desk) if desk else stack.enter_context(own_desk(sell, database, book))
        pays = _paying(book)
        persons = ProjectPrivacy(shop.project, shop.folder, database)
        books = Books(
            directory=directory,
            accounts=SqlAccounts(database),
            audit=SqlAudit(database),
            sessions=SqlSessions(database),
            standings=SqlStandings(database, sell.time_zone, pays),
            invoices=Papers(database),
            prices=book,
            plan=sell.plan,
            currency=currency_of(shop),
            zone=sell.time_zone,
            privacy=persons,
            watched=WatchPages(books=books_of(shop, database), database=database),
        )
        return Selling(
            database=database,
            admission=Guarded(directory, near, pays, seconds=sell.settle_seconds, naming=Naming(persons.subjects)),
            books=books,
            batching=Batching(
                shelf=Shelf(shop.folder / sell.files, FileTable(database)),
                jobs=BatchTable(database),
                caller=directory.caller,
            ),
            releases=releases_in(database, shop.folder).followed(threads=threads),
            stack=stack.pop_all(),
        )


def _paying(book: PriceBook) -> Callable[[Account], Account]:
    """An account with the version of its plan that is offered now, prepaid or timed where the plan is."""

    def pays(account: Account) -> Account:
        plan = book.plan(book.current(account.plan, account.currency))
        limits = replace(account.limits, prepaid=True) if plan.prepaid else account.limits
        timed = any(price.unit == "minutes" for price in plan.prices)
        return replace(account, plan=plan.id, limits=limits, timed=timed)

    return pays
