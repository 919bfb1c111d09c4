"""Keys as the service sees them: who a secret belongs to, and the books in which tenants and keys stand."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection

from argosy.core.account import Account, Caller, Fate, Key
from argosy.core.tenant import Day, Entry, InvoiceHead, NewKey, Paper, Standing, Tenant, Terms
from argosy.serve.billing.pricing import PriceBook
from argosy.serve.errors import RequestError
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.supported import Supported
from argosy.serve.gate.watched import Watched
from argosy.serve.persons.privacy import Privacy

_LONGEST_SECRET = 256  # characters


class Directory(Protocol):
    """Who may ask, held in memory: no database is asked for a request, and a change counts within a second."""

    def find(self, secret: str) -> Caller | None:
        """Who a secret belongs to; None unless its key is valid now. Suspension stands in the caller's account."""
        ...

    def fate(self, secret: str) -> Fate:
        """Why ``find`` gives what it gives, to tell a client."""
        ...

    def caller(self, key: str) -> Caller | None:
        """The same by the id of a key, for a person who has signed in with it."""
        ...

    def account(self, tenant: str) -> Account | None:
        """The account of a tenant, for work without a request."""
        ...

    def refresh(self) -> None:
        """Look for changes now; blocks for a query or two."""
        ...


class Accounts(Protocol):
    """Tenants and keys; every change is audited in its own transaction, under the name of ``actor``.

    Futures fail with MissingError for an id that is not there.
    """

    def tenants(self) -> list[Tenant]:
        """All tenants, in the order of their creation."""
        ...

    def tenant(self, tenant: str) -> Tenant:
        """One tenant; raises MissingError."""
        ...

    def create_tenant(self, wish: Tenant, actor: str) -> "Future[Tenant]":
        """A new tenant as ``wish`` says, with an id and a time of its own."""
        ...

    def change_tenant(self, tenant: str, alter: Callable[[Tenant], Tenant], actor: str) -> "Future[Tenant]":
        """The tenant as ``alter`` leaves it; ``id`` and ``created`` stay."""
        ...

    def suspend(self, tenant: str, reason: str, actor: str) -> "Future[Tenant]":
        """Refuse the tenant from now on; ``reason`` is a stable word such as ``unpaid``."""
        ...

    def resume(self, tenant: str, actor: str) -> "Future[Tenant]":
        """Let the tenant in again."""
        ...

    def keys(self, tenant: str | None = None) -> list[Key]:
        """The keys of a tenant, or of all and of the admin side, in the order of their creation."""
        ...

    def key(self, key: str) -> Key:
        """One key; raises MissingError."""
        ...

    def create_key(self, tenant: str | None, terms: Terms, actor: str) -> "Future[NewKey]":
        """A new key; without a tenant one of the admin side, whose terms have a role."""
        ...

    def rotate_key(self, key: str, grace: int, actor: str) -> "Future[NewKey]":
        """A new secret; those before it stay valid for ``grace`` microseconds at most."""
        ...

    def revoke_key(self, key: str, actor: str) -> "Future[Key]":
        """End a key; once ended, it stays so."""
        ...


class AuditLog(Protocol):
    """What was done, in order."""

    def entries(self, *, after: int = 0, limit: int | None = None, about: str | None = None) -> Sequence[Entry]:
        """Entries with seq > ``after``, oldest first; ``about`` is an object or an actor."""
        ...

    def latest(self, *, before: int | None = None, limit: int, about: str | None = None) -> Sequence[Entry]:
        """The last entries (with seq < ``before``), newest first."""
        ...

    def head(self) -> tuple[int, str]:
        """Seq and hash of the last entry; (0, 64 zeros) of an empty log. Noted elsewhere, it proves the log whole."""
        ...

    def verify(self, noted: tuple[int, str] | None = None) -> tuple[int, str]:
        """The head of a log in which nothing was changed; DataError names the first entry that does not fit."""
        ...


class Sessions(Protocol):
    """Who has signed in to the page of their tenant, or to the admin side; tokens are kept as hashes."""

    def open(self, key: str, secret: str) -> "Future[str]":
        """A new token that stands for the key for some hours, and no longer than the secret it was opened with."""
        ...

    def find(self, token: str) -> str | None:
        """The id of the key that a token stands for; None once it is over."""
        ...

    def close(self, token: str) -> "Future[None]":
        """End a session."""
        ...


class Standings(Protocol):
    """What tenants have used so far."""

    def standing(self, account: Account) -> Standing:
        """The month that runs now."""
        ...

    def amounts(self) -> Mapping[tuple[str, str], int]:
        """Micro-units charged in the month that runs now, by (tenant, currency)."""
        ...

    def days(self, account: Account) -> Sequence[Day]:
        """The days of the month that runs now, up to today; money in the account's currency."""
        ...


class Invoices(Protocol):
    """The invoices of tenants; drafts are none of them yet, and only the operator sees them."""

    def of_tenant(self, tenant: str) -> Sequence[InvoiceHead]:
        """A tenant's invoices, the newest first."""
        ...

    def of_all(self, tenant: str | None = None) -> Sequence[InvoiceHead]:
        """Every invoice, or a tenant's, drafts too, the newest first."""
        ...

    def paper(self, tenant: str | None, invoice: str, form: str, language: str) -> Paper | None:
        """One of them as ``html``, ``pdf``, ``csv`` or ``json``; None where the tenant has no such invoice.

        Without a tenant any invoice, drafts too.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the admin side and the tenants' page are made from; new tenants have ``plan`` and ``currency``.

    ``zone`` is the time zone of billing months, ``prices`` are the plans that were ever offered; with ``privacy``
    persons can be told what is held of them, and erased; with ``watched`` there are pages of how the models fare, with
    ``supported`` a desk for the people behind an assistant, ``opined`` an opinion monitor, ``recommended`` a
    recommender.
    """

    directory: Directory
    accounts: Accounts
    audit: AuditLog
    sessions: Sessions
    standings: Standings
    invoices: Invoices | None = None
    prices: PriceBook | None = None
    plan: str = "standard"
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    privacy: Privacy | None = None
    watched: Watched | None = None
    supported: Supported | None = None
    opined: Opined | None = None
    recommended: Recommended | None = None


def identify(directory: Directory, secret: str | None) -> Caller:
    """Whose secret this is; raises RequestError without one, and for one that opens nothing or no more."""
    if not secret:
        raise RequestError(
            "The request has no key.", code="missing_key", mend="Send the header Authorization: Bearer YOUR_KEY."
        )
    caller = directory.find(secret) if len(secret) <= _LONGEST_SECRET else None
    if caller is None:
        raise _refusal(directory.fate(secret) if len(secret) <= _LONGEST_SECRET else "mistyped")
    return caller


def _refusal(fate: Fate) -> RequestError:
    """What a client is told whose key does not open."""
    if fate in {"expired", "revoked"}:
        return RequestError(
            "This key is over: it has expired, or it was rotated or revoked.",
            code="expired_key",
            mend="Use the key that came in its place, or ask the operator for one.",
        )
    if fate == "mistyped":
        return RequestError(
            "This is no key: there is a typing error in it, or a part of it is missing.",
            code="invalid_key",
            mend="Copy the whole key; it begins with ak_.",
        )
    return RequestError("This key is not known here.", code="invalid_key", mend="Ask the operator for a key.")


def secret_of(request: HTTPConnection) -> str | None:
    """The secret in the header ``Authorization: Bearer …``; None without one."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None
