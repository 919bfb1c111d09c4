"""The directory of keys: in memory, read again whenever the revision of the accounts has moved."""

import hmac
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from argosy.core.account import Account, Caller, Fate, Key
from argosy.core.errors import ArgosyError
from argosy.core.secret import digest, well_formed
from argosy.core.tenant import Tenant
from argosy.store.database import Database
from argosy.store.tenants.accounts import (
    ADMIN,
    Clock,
    key_of,
    keys_table,
    now,
    revision_table,
    secrets_table,
    tenant_of,
    tenants_table,
)

_log = logging.getLogger("argosy.error")
_EVERY = 0.25  # seconds between two looks at the revision
_ADMIN = Account(tenant=ADMIN, plan="none", currency="XXX")


@dataclass(frozen=True, slots=True)
class _Secret:
    """A secret as it is kept: it opens ``key`` until then."""

    digest: str
    key: str
    until: int | None


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The accounts at one revision."""

    revision: int = -1
    secrets: Mapping[str, _Secret] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    callers: Mapping[str, Caller] = field(default_factory=dict)


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
        held, caller = self._look(secret)
        return caller if held and caller and _fate(caller.key, held.until, self._clock()) == "valid" else None

    def fate(self, secret: str) -> Fate:
        """Why ``find`` gives what it gives, to tell a client."""
        held, caller = self._look(secret)
        if held is None or caller is None:
            return "unknown" if well_formed(secret) else "mistyped"
        return _fate(caller.key, held.until, self._clock())

    def caller(self, key: str) -> Caller | None:
        """The same by the id of a key, for a person who has signed in with it."""
        caller = self._known.callers.get(key)
        return caller if caller is not None and _fate(caller.key, None, self._clock()) == "valid" else None

    def account(self, tenant: str) -> Account | None:
        """The account of a tenant, for work without a request."""
        return self._known.accounts.get(tenant)

    def refresh(self) -> None:
        """Look for changes now; blocks for a query or two."""
        with self._reading, self._database.reading() as connection:
            revision = connection.execute(sa.select(revision_table.c.revision)).scalar_one()
            if revision < self._known.revision:  # an older database was restored
                self._known = _Snapshot()
            if revision != self._known.revision:
                self._known = _read(connection, revision, self._known)

    def close(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _look(self, secret: str) -> tuple[_Secret | None, Caller | None]:
        wanted, known = digest(secret), self._known
        held = known.secrets.get(wanted)
        if held is None or not hmac.compare_digest(held.digest, wanted):
            return None, None
        return held, known.callers.get(held.key)

    def _watch(self) -> None:
        away = False
        while not self._stopping.wait(self._every):
            try:
                self.refresh()
                away = False
            except (ArgosyError, sa.exc.SQLAlchemyError) as error:
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


def _read(connection: sa.Connection, revision: int, known: _Snapshot) -> _Snapshot:
    """``known`` with what has changed since.

    The revision was read before: rows that are newer than it are read again at the next look.
    """
    changed = sa.select(tenants_table).where(tenants_table.c.revision > known.revision)
    fresh = {row.id: account_of(tenant_of(row)) for row in connection.execute(changed)}
    accounts = {**known.accounts, **fresh}
    callers = {
        id_: replace(caller, account=fresh[caller.key.tenant]) if caller.key.tenant in fresh else caller
        for id_, caller in known.callers.items()
    }
    newer = keys_table.c.revision > known.revision
    for row in connection.execute(sa.select(keys_table).where(newer)):
        key = key_of(row)
        account = _ADMIN if key.role else accounts.get(key.tenant)
        if account:
            callers[key.id] = Caller(key=key, account=account)
    touched = sa.select(secrets_table).join(keys_table, keys_table.c.id == secrets_table.c.key).where(newer)
    held = {row.digest: _Secret(row.digest, row.key, row.until) for row in connection.execute(touched)}
    return _Snapshot(revision, {**known.secrets, **held}, accounts, callers)


def _fate(key: Key, until: int | None, at: int) -> Fate:
    if key.revoked is not None:
        return "revoked"
    ends = (end for end in (until, key.expires) if end is not None)
    return "expired" if any(end <= at for end in ends) else "valid"
