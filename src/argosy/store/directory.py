"""The directory of keys: in memory, read again whenever the revision of the accounts has moved."""

import hmac
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

from argosy.core.account import Account, Caller
from argosy.core.secret import digest, well_formed
from argosy.core.tenant import Tenant
from argosy.store.accounts import ADMIN, Clock, key_of, keys_table, now, revision_table, secrets_table, tenant_of
from argosy.store.accounts import tenants_table as tenants
from argosy.store.database import Database

_log = logging.getLogger("argosy.error")
_EVERY = 0.25  # seconds between two looks at the revision
_ADMIN = Account(tenant=ADMIN, plan="none", currency="XXX")


@dataclass(frozen=True, slots=True)
class _Secret:
    """A secret as it is kept, and whom it lets in ``until`` then."""

    digest: str
    caller: Caller
    until: int | None


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The accounts at one revision."""

    revision: int = -1
    secrets: Mapping[str, _Secret] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)


class SqlDirectory:
    """Who may ask, as the database says it at most ``every`` seconds ago, whichever process changed it.

    While the database is away, what was known stays valid; expiry goes on counting.
    """

    def __init__(self, database: Database, *, clock: Clock = now, every: float = _EVERY) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._known = _Snapshot()
        self._reading = threading.Lock()
        self._stopping = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._watch, name="argosy-directory", daemon=True)
        self._thread.start()

    def find(self, secret: str) -> Caller | None:
        """Who a secret belongs to; None unless its key is valid now. Suspension stands in the caller's account."""
        held = self._look(secret)
        return held.caller if held is not None and _fate(held, self._clock()) == "valid" else None

    def fate(self, secret: str) -> Literal["valid", "mistyped", "unknown", "expired", "revoked"]:
        """Why ``find`` gives what it gives, to tell a client."""
        held = self._look(secret)
        if held is None:
            return "unknown" if well_formed(secret) else "mistyped"
        return _fate(held, self._clock())

    def account(self, tenant: str) -> Account | None:
        """The account of a tenant, for work without a request."""
        return self._known.accounts.get(tenant)

    def refresh(self) -> None:
        """Look for changes now; blocks for a query or two."""
        with self._reading, self._database.reading() as connection:
            revision = connection.execute(sa.select(revision_table.c.revision)).scalar_one()
            if revision != self._known.revision:
                self._known = _read(connection, revision)

    def close(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _look(self, secret: str) -> _Secret | None:
        wanted = digest(secret)
        held = self._known.secrets.get(wanted)
        return held if held is not None and hmac.compare_digest(held.digest, wanted) else None

    def _watch(self) -> None:
        away = False
        while not self._stopping.wait(self._every):
            try:
                self.refresh()
                away = False
            except sa.exc.SQLAlchemyError as error:
                if not away:
                    _log.error("keys are not read again: %s", type(error).__name__)
                away = True


def account_of(tenant: Tenant) -> Account:
    """A tenant as the service knows it: a price of its own stands in for its plan."""
    return Account(
        tenant=tenant.id,
        plan=tenant.price or tenant.plan,
        currency=tenant.currency,
        limits=tenant.limits,
        suspended=tenant.suspended is not None,
        pins=tenant.pins,
    )


def _read(connection: sa.Connection, revision: int) -> _Snapshot:
    # the revision was read first: rows that are newer than it are read again at the next look
    accounts = {row.id: account_of(tenant_of(row)) for row in connection.execute(sa.select(tenants))}
    keys = {row.id: key_of(row) for row in connection.execute(sa.select(keys_table))}
    held = {}
    for row in connection.execute(sa.select(secrets_table)):
        key = keys.get(row.key)
        account = _ADMIN if key and key.role else accounts.get(key.tenant) if key else None
        if key and account:
            held[row.digest] = _Secret(row.digest, Caller(key=key, account=account), row.until)
    return _Snapshot(revision, held, accounts)


def _fate(held: _Secret, at: int) -> Literal["valid", "expired", "revoked"]:
    if held.caller.key.revoked is not None:
        return "revoked"
    ends = (end for end in (held.until, held.caller.key.expires) if end is not None)
    return "expired" if any(end <= at for end in ends) else "valid"
