"""A project that sells, as every verb needs it: its file, its store, its prices, and its first key."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from argosy.config.plans import extended
from argosy.config.schema import FILE, Project
from argosy.config.selling import Sell
from argosy.core.account import SCOPES
from argosy.core.errors import ProjectError
from argosy.core.tenant import NewKey, Tenant, Terms
from argosy.project.watching.addresses import addresses_of

if TYPE_CHECKING:
    from argosy.store.database import Database

_ACTOR = "argosy serve"
_OWNER = 0o600  # who may read what keys and money stand in


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

    def keep(self, place: Path) -> None:
        """Write what ``kept`` reads in another process; the owner's alone, for a store's URL may have a password."""
        place.touch(mode=_OWNER)
        place.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def kept(cls, place: Path) -> Self:
        """What ``keep`` wrote."""
        return cls.from_json(place.read_text(encoding="utf-8"))

    def to_json(self) -> str:
        """Both, for another process."""
        project = self.project.model_dump(mode="json", exclude_unset=True)
        return json.dumps({"project": project, "folder": str(self.folder)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What ``to_json`` told."""
        told = json.loads(text)
        return cls(project=Project.model_validate(told["project"]), folder=Path(told["folder"]))


def make_ready(shop: Shop) -> None:
    """Make the store's tables; raises ProjectError where the plan for new tenants or an alarm's address is none."""
    currency_of(shop)
    addresses_of(shop.project.watch.send)
    with open_store(shop.sell, shop.folder):
        pass


def make_home(shop: Shop) -> None:
    """Make the tables of a project that need not sell, where it keeps what an assistant is asked."""
    with open_store(shop.project.sell or Sell(), shop.folder):
        pass


def first_key(shop: Shop) -> NewKey | None:
    """Where nobody buys yet: a tenant named like the project, with a key; its secret is told this once."""
    from argosy.store.tenants.accounts import SqlAccounts

    currency = currency_of(shop)
    with open_store(shop.sell, shop.folder) as database:
        accounts = SqlAccounts(database)
        if accounts.tenants():
            return None
        wish = Tenant(id="", name=shop.project.name, plan=shop.sell.plan, currency=currency)
        tenant = accounts.create_tenant(wish, _ACTOR).result()
        return accounts.create_key(tenant.id, Terms(scopes=frozenset(SCOPES)), _ACTOR).result()


@contextmanager
def open_store(sell: Sell, folder: Path) -> Iterator["Database"]:
    """The database of a project, its tables as this version has them: a file, or what a URL names."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would say at each start what it loads and looks at
    from argosy.store.database import Database
    from argosy.store.upgrade import upgrade

    database = Database(store_url(sell, folder))
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def store_url(sell: Sell, folder: Path) -> str:
    """The URL of a project's database; a file is made where there is none, for its owner alone."""
    from argosy.store.database import sqlite_url

    if "://" in sell.store:
        return sell.store
    file = folder / sell.store
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=_OWNER)
    return sqlite_url(file)


def currency_of(shop: Shop) -> str:
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
