"""A project that sells, served from a folder: with the desk in the process of the service, or apart from it."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from argosy.config.schema import Project
from argosy.core.account import SCOPES, Limits
from argosy.core.ledger import Usage
from argosy.core.records import Prediction
from argosy.core.tenant import NewKey, Tenant, Terms
from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.desk import open_desk
from argosy.project.selling.parts import Selling, open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.answers.work import Engine
from argosy.serve.gate.forward import answer_workers
from argosy.serve.running.workers import desk_socket
from argosy.serve.settings import Settings
from argosy.store.ledger import books

TEXT = 2000
"""Micro-units that a text costs."""
_PROJECT = {
    "name": "shop",
    "languages": ["en"],
    "data": {"path": "rows.csv"},
    "base": {"model": "package:none"},
    "plans": {
        "standard": {"prices": [{"unit": "texts", "per": 1000, "price": "2.00", "models": ["mood", "slow"]}]},
        "asked": {"prices": [{"unit": "requests", "per": 1, "price": "0.01"}]},
        "rows": {"prices": [{"unit": "rows", "per": 1000, "price": "1.00"}]},
        "tokens": {
            "prices": [
                {"unit": "prompt_tokens", "per": 1000, "price": "0.01"},
                {"unit": "completion_tokens", "per": 1000, "price": "0.10"},
            ]
        },
        "wallet": {"prepaid": True, "prices": [{"unit": "texts", "per": 1000, "price": "2.00"}]},
    },
}


@dataclass
class Gated:
    """An engine that answers when it is let."""

    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    name: str = "gated"
    labels: tuple[str, ...] = ("a", "b")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Wait, then answer."""
        self.begun.set()
        assert self.gate.wait(60)
        return EchoEngine(labels=self.labels).classify(texts)

    def count(self, text: str) -> int:
        """A token a character."""
        return len(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A service that sells, not started yet."""

    selling: Selling
    engines: Mapping[str, Engine]

    def app(self, settings: Settings | None = None) -> FastAPI:
        """The service."""
        return self.selling.app(self.engines, settings or Settings())

    def tenant(self, limits: Limits | None = None, plan: str = "standard") -> str:
        """A new tenant's id."""
        wish = Tenant(id="", name="Acme", plan=plan, currency="CNY", limits=limits or Limits())
        return self.selling.books.accounts.create_tenant(wish, "test").result().id

    def key(self, tenant: str, terms: Terms | None = None) -> NewKey:
        """A key that is known already."""
        terms = terms or Terms(scopes=frozenset(SCOPES))
        issued = self.selling.books.accounts.create_key(tenant, terms, "test").result()
        self.selling.books.directory.refresh()
        return issued

    def buyer(self, limits: Limits | None = None, plan: str = "standard") -> tuple[str, dict[str, str]]:
        """A new tenant, and the head of its requests."""
        tenant = self.tenant(limits, plan)
        return tenant, {"authorization": f"Bearer {self.key(tenant).secret}"}

    def lines(self, tenant: str) -> list[Usage]:
        """What was charged."""
        return list(books.between(self.selling.database, tenant, 0, None))


def shop_in(folder: Path, *, settle_seconds: float = 5.0, store: str | None = None) -> Shop:
    """A project that sells ``mood`` and ``slow`` by the text, its books in a file or at the URL ``store``."""
    told = {**_PROJECT, "sell": {"settle_seconds": settle_seconds} | ({"store": store} if store else {})}
    return Shop(project=Project.model_validate(told), folder=folder)


@contextmanager
def stand_in(
    folder: Path, *, far: bool = False, settle_seconds: float = 5.0, engines: Mapping[str, Engine] | None = None
) -> Iterator[Stand]:
    """The service; its desk is ``far`` where a Unix socket lies between them."""
    shop = shop_in(folder, settle_seconds=settle_seconds)
    with ExitStack() as stack:
        path = stack.enter_context(_far(shop)) if far else None
        selling = stack.enter_context(closing(open_selling(shop, desk=path)))
        yield Stand(selling=selling, engines=engines or {"mood": EchoEngine(), "free": EchoEngine()})


@contextmanager
def _far(shop: Shop) -> Iterator[Path]:
    """A desk in a thread of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    with open_desk(shop, "desk") as desk, desk_socket() as (path, listening):
        thread = threading.Thread(target=loop.run_until_complete, args=(answer_workers(desk, listening, stop),))
        thread.start()
        try:
            yield path
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
