"""Tenants and keys in the database, and the directory that holds them in memory for every request."""

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar, get_args

import sqlalchemy as sa

from argosy.core.account import Key, Limits, Scope
from argosy.core.errors import DataError, MissingError
from argosy.core.secret import digest, mint, prefix
from argosy.core.tenant import NewKey, Party, Tenant, Terms
from argosy.store.database import Database, metadata
from argosy.store.tenants import audit

ADMIN = "admin"
"""What stands for the tenant of a key of the admin side."""
Clock = Callable[[], int]
T = TypeVar("T")

tenants_table = sa.Table(
    "tenants",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("plan", sa.String(200), nullable=False),
    sa.Column("price", sa.String(200)),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("pins", sa.JSON, nullable=False),
    sa.Column("billing", sa.JSON, nullable=False),
    sa.Column("suspended", sa.String(200)),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),  # in which it changed last
)
keys_table = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), sa.ForeignKey("tenants.id"), index=True),
    sa.Column("prefix", sa.String(32), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("models", sa.JSON, nullable=False),
    sa.Column("origins", sa.JSON, nullable=False),
    sa.Column("role", sa.String(16)),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("rotated", sa.BigInteger),
    sa.Column("expires", sa.BigInteger),
    sa.Column("revoked", sa.BigInteger),
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),  # in which it changed last
)
secrets_table = sa.Table(
    "key_secrets",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), sa.ForeignKey("keys.id"), nullable=False, index=True),
    sa.Column("until", sa.BigInteger),
)
sessions_table = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), sa.ForeignKey("keys.id"), nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)
revision_table = sa.Table(
    "accounts_revision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
_REVISION = sa.select(revision_table.c.revision).scalar_subquery()


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def new_id(kind: str) -> str:
    """An opaque id such as ``ten_…``: 96 random bits."""
    return f"{kind}_{secrets.token_hex(12)}"


class SqlAccounts:
    """Tenants and keys; a change, its audit entry and the new revision are one transaction."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    def tenants(self) -> list[Tenant]:
        """All tenants, in the order of their creation."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(tenants_table).order_by(tenants_table.c.created, tenants_table.c.id))
            return [tenant_of(row) for row in rows]

    def tenant(self, tenant: str) -> Tenant:
        """One tenant; raises MissingError."""
        with self._database.reading() as connection:
            return _tenant(connection, tenant)

    def create_tenant(self, wish: Tenant, actor: str) -> "Future[Tenant]":
        """A new tenant as ``wish`` says, with an id and a time of its own."""

        def work(connection: sa.Connection) -> Tenant:
            made = replace(wish, id=new_id("ten"), created=self._clock())
            connection.execute(tenants_table.insert().values(**asdict(made), revision=_REVISION))
            self._note(connection, actor, "tenant.create", made.id, _said(_told(made)))
            return made

        return self._write(work)

    def change_tenant(self, tenant: str, alter: Callable[[Tenant], Tenant], actor: str) -> "Future[Tenant]":
        """The tenant as ``alter`` leaves it; ``id`` and ``created`` stay."""

        def work(connection: sa.Connection) -> Tenant:
            before = _tenant(connection, tenant, lock=True)
            after = replace(alter(before), id=before.id, created=before.created)
            if after != before:
                connection.execute(_at(tenants_table, tenant).values(**asdict(after), revision=_REVISION))
                self._note(connection, actor, _action(before, after), tenant, _changes(before, after))
            return after

        return self._write(work)

    def suspend(self, tenant: str, reason: str, actor: str) -> "Future[Tenant]":
        """Refuse the tenant from now on; ``reason`` is a stable word such as ``unpaid``."""
        return self.change_tenant(tenant, lambda known: replace(known, suspended=reason), actor)

    def resume(self, tenant: str, actor: str) -> "Future[Tenant]":
        """Let the tenant in again."""
        return self.change_tenant(tenant, lambda known: replace(known, suspended=None), actor)

    def keys(self, tenant: str | None = None) -> list[Key]:
        """The keys of a tenant, or of all and of the admin side, in the order of their creation."""
        query = sa.select(keys_table).order_by(keys_table.c.created, keys_table.c.id)
        if tenant is not None:
            query = query.where(keys_table.c.tenant.is_(None) if tenant == ADMIN else keys_table.c.tenant == tenant)
        with self._database.reading() as connection:
            return [key_of(row) for row in connection.execute(query)]

    def key(self, key: str) -> Key:
        """One key; raises MissingError."""
        with self._database.reading() as connection:
            return _key(connection, key)

    def create_key(self, tenant: str | None, terms: Terms, actor: str) -> "Future[NewKey]":
        """A new key; without a tenant one of the admin side, whose terms have a role."""
        _check(tenant, terms)

        def work(connection: sa.Connection) -> NewKey:
            if tenant is not None:
                _tenant(connection, tenant)
            secret = mint(admin=tenant is None)
            values = {**_terms(terms), "id": new_id("key"), "tenant": tenant, "prefix": prefix(secret)}
            connection.execute(keys_table.insert().values(**values, created=self._clock(), revision=_REVISION))
            connection.execute(secrets_table.insert().values(digest=digest(secret), key=values["id"]))
            details = _said({"tenant": tenant or ADMIN, **_terms(terms)})
            self._note(connection, actor, "key.create", values["id"], details)
            return NewKey(key=_key(connection, values["id"]), secret=secret)

        return self._write(work)

    def rotate_key(self, key: str, grace: int, actor: str) -> "Future[NewKey]":
        """A new secret; those before it, and who signed in with them, stay for ``grace`` microseconds at most."""

        def work(connection: sa.Connection) -> NewKey:
            known = _key(connection, key, lock=True)
            if known.revoked is not None:
                raise DataError("The key {key} is revoked.", mend="Create another: argosy key create", key=key)
            secret, at = mint(admin=known.role is not None), self._clock()
            until = secrets_table.c.until
            old = sa.and_(secrets_table.c.key == key, sa.or_(until.is_(None), until > at + grace))
            connection.execute(secrets_table.update().where(old).values(until=at + grace))
            sessions = sessions_table.c  # none outlives the secret that it was opened with
            signed_in = sa.and_(sessions.key == key, sessions.until > at + grace)
            connection.execute(sessions_table.update().where(signed_in).values(until=at + grace))
            connection.execute(secrets_table.insert().values(digest=digest(secret), key=key))
            connection.execute(_at(keys_table, key).values(prefix=prefix(secret), rotated=at, revision=_REVISION))
            self._note(connection, actor, "key.rotate", key, {"tenant": known.tenant, "grace": grace})
            return NewKey(key=_key(connection, key), secret=secret)

        return self._write(work)

    def revoke_key(self, key: str, actor: str) -> "Future[Key]":
        """End a key; once ended, it stays so."""

        def work(connection: sa.Connection) -> Key:
            known = _key(connection, key, lock=True)
            if known.revoked is None:
                connection.execute(_at(keys_table, key).values(revoked=self._clock(), revision=_REVISION))
                self._note(connection, actor, "key.revoke", key, {"tenant": known.tenant})
            return _key(connection, key)

        return self._write(work)

    def _write(self, work: Callable[[sa.Connection], T]) -> "Future[T]":
        def counted(connection: sa.Connection) -> T:
            # first of all: who has this row's lock changes accounts, so that no two wait for each other
            connection.execute(revision_table.update().values(revision=revision_table.c.revision + 1))
            return work(connection)

        return self._database.write(counted)

    def _note(
        self, connection: sa.Connection, actor: str, action: str, about: str, details: Mapping[str, object]
    ) -> None:
        audit.append(connection, actor, action, about, details, clock=self._clock)


def tenant_of(row: sa.Row[Any]) -> Tenant:
    """A tenant from its row."""
    values = {field.name: getattr(row, field.name) for field in fields(Tenant)}
    return Tenant(**{**values, "limits": Limits(**row.limits), "billing": Party(**row.billing)})


def key_of(row: sa.Row[Any]) -> Key:
    """A key from its row."""
    values = {field.name: getattr(row, field.name) for field in fields(Key)}
    sets = {name: frozenset(getattr(row, name)) for name in ("scopes", "models")}
    return Key(**{**values, **sets, "origins": tuple(row.origins), "tenant": row.tenant or ADMIN})


def _check(tenant: str | None, terms: Terms) -> None:
    if (tenant is None) != (terms.role is not None) or (terms.role and terms.scopes):
        raise DataError("A key has either a tenant and scopes, or a role.", mend="Name one of them.")
    unknown = terms.scopes - set(get_args(Scope))
    if unknown:
        raise DataError(
            "There is no scope {scope!r}.",
            mend="There are: {known}.",
            scope=min(unknown),
            known=", ".join(get_args(Scope)),
        )


def _terms(terms: Terms) -> dict[str, Any]:
    lists = {"scopes": sorted(terms.scopes), "models": sorted(terms.models), "origins": list(terms.origins)}
    return {**lists, "role": terms.role, "expires": terms.expires}


def _tenant(connection: sa.Connection, tenant: str, *, lock: bool = False) -> Tenant:
    row = _row(connection, tenants_table, tenant, lock=lock)
    if row is None:
        raise MissingError("There is no tenant {id!r}.", mend="See: argosy tenant list", id=tenant)
    return tenant_of(row)


def _key(connection: sa.Connection, key: str, *, lock: bool = False) -> Key:
    row = _row(connection, keys_table, key, lock=lock)
    if row is None:
        raise MissingError("There is no key {id!r}.", mend="See: argosy key list", id=key)
    return key_of(row)


def _row(connection: sa.Connection, table: sa.Table, key: str, *, lock: bool) -> sa.Row[Any] | None:
    query = sa.select(table).where(table.c.id == key)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _at(table: sa.Table, key: str) -> sa.Update:
    return table.update().where(table.c.id == key)


def _told(tenant: Tenant) -> dict[str, object]:
    """What the audit log says of a tenant: nothing that names a person or a company."""
    values = asdict(tenant)
    return {name: values[name] for name in ("plan", "price", "currency", "limits", "pins", "suspended")}


def _said(values: Mapping[str, Any]) -> dict[str, object]:
    """Only what says something."""
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _changes(before: Tenant, after: Tenant) -> dict[str, object]:
    """The values that are no personal data, old and new, and the mere names of what else changed."""
    old, new = _told(before), _told(after)
    values = {name: [old[name], new[name]] for name in old if old[name] != new[name]}
    hidden = [name for name in ("name", "billing") if getattr(before, name) != getattr(after, name)]
    return {**values, **({"changed": hidden} if hidden else {})}


def _action(before: Tenant, after: Tenant) -> str:
    if before.suspended == after.suspended:
        return "tenant.set"
    return "tenant.resume" if after.suspended is None else "tenant.suspend"
