"""Subjects: the persons concerned, known to all other tables by a random id alone.

The one way from a person's own id to the random one is a row here, which also holds the person's data key, wrapped.
Without the row nobody can tell whose the id was, nor open what the key sealed: deleting it erases the person.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from argosy.store.database import Database, metadata
from argosy.store.persons.keyring import Keyring, new_key, seal, unseal
from argosy.store.tenants import audit

Clock = Callable[[], int]
_REMEMBERED = 10_000

subjects_table = sa.Table(
    "subjects",
    metadata,
    sa.Column("lookup", sa.LargeBinary(32), primary_key=True),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("tenant", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.LargeBinary, nullable=False),  # the person's own id, sealed with the data key
    sa.Column("master", sa.String(32), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)
masters_table = sa.Table(
    "privacy_master",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("master", sa.String(32), nullable=False),
)
_ONLY = 1


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person concerned: ``id`` is what all else knows, ``name`` the tenant's own id of the person."""

    id: str
    tenant: str
    name: str
    key: bytes


class Subjects:
    """Finds and makes subjects; several threads and processes may."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Clock = now) -> None:
        self.database = database
        self.keyring = keyring
        self.clock = clock
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def known(self, tenant: str, name: str) -> str | None:
        """The id, where this process has met the person since the last ``forget``."""
        return self._known.get(self.keyring.lookup(tenant, name))

    def named(self, tenant: str, name: str) -> str:
        """The id of a person, made where there is none yet; durable when this returns."""
        lookup = self.keyring.lookup(tenant, name)
        found = self._known.get(lookup) or self._read(lookup)
        if found is None:
            found = self._made(lookup, tenant, name)
        self._known[lookup] = found
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    def forget(self) -> None:
        """Know nobody by memory alone: somebody was erased."""
        self._known.clear()

    def find(self, who: str, tenant: str | None = None) -> list[Subject]:
        """The subjects that ``who`` may mean: their own id with a tenant or with any, or ``sub_…`` itself."""
        table = subjects_table
        with self.database.reading() as connection:
            tenants = connection.scalars(sa.select(table.c.tenant).distinct()).all() if tenant is None else [tenant]
            lookups = [self.keyring.lookup(one, who) for one in tenants]
            wanted = sa.or_(table.c.lookup.in_(lookups), table.c.id == who)
            query = sa.select(table).where(wanted).order_by(table.c.id)
            if tenant is not None:
                query = query.where(table.c.tenant == tenant)
            return [self._subject(row) for row in connection.execute(query)]

    def by_id(self, connection: sa.Connection, subject: str) -> Subject | None:
        """The subject with its key, for as long as the transaction of ``connection`` lasts; None once erased."""
        query = sa.select(subjects_table).where(subjects_table.c.id == subject).with_for_update(read=True)
        row = connection.execute(query).one_or_none()
        return self._subject(row) if row else None

    def rotate(self, actor: str = "argosy") -> int:
        """Wrap every data key with a new master key and destroy the old ones; how many keys were wrapped.

        A kill in the middle leaves both master keys in the file; the next call ends with one.
        """
        master = self.keyring.add_master()
        count = self.database.write(lambda connection: self._rewrap(connection, master, actor)).result()
        self.keyring.drop_masters()
        return count

    def _made(self, lookup: bytes, tenant: str, name: str) -> str:
        try:
            return self.database.write(lambda connection: self._insert(connection, lookup, tenant, name)).result()
        except sa.exc.IntegrityError:  # another process was first
            return self.database.write(lambda connection: self._insert(connection, lookup, tenant, name)).result()

    def _read(self, lookup: bytes) -> str | None:
        with self.database.reading() as connection:
            return connection.scalar(sa.select(subjects_table.c.id).where(subjects_table.c.lookup == lookup))

    def _insert(self, connection: sa.Connection, lookup: bytes, tenant: str, name: str) -> str:
        self._hold_master(connection)
        known = connection.scalar(sa.select(subjects_table.c.id).where(subjects_table.c.lookup == lookup))
        if known is not None:
            return str(known)
        subject, key = f"sub_{secrets.token_hex(16)}", new_key()
        connection.execute(
            subjects_table.insert().values(
                lookup=lookup,
                id=subject,
                tenant=tenant,
                name=seal(key, name.encode("utf-8", "surrogatepass"), subject),
                master=self.keyring.current,
                wrapped=self.keyring.wrap(key, subject),
                created=self.clock(),
            )
        )
        return subject

    def _hold_master(self, connection: sa.Connection) -> None:
        """Wrap with the master key that the database names, which stays as it is until this transaction ends."""
        held = connection.scalar(sa.select(masters_table.c.master).with_for_update())
        if held is None:
            connection.execute(masters_table.insert().values(id=_ONLY, master=self.keyring.current))
        elif held != self.keyring.current:
            self.keyring.refresh()

    def _rewrap(self, connection: sa.Connection, master: str, actor: str) -> int:
        self._hold_master(connection)
        connection.execute(masters_table.update().values(master=master))
        table = subjects_table
        rows = connection.execute(sa.select(table).where(table.c.master != master)).all()
        for row in rows:
            key = self.keyring.unwrap(row.master, row.wrapped, row.id)
            values = {"master": master, "wrapped": self.keyring.wrap(key, row.id)}
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
        audit.append(connection, actor, "privacy.rotate", master, {"keys": len(rows)}, clock=self.clock)
        return len(rows)

    def _subject(self, row: sa.Row[tuple[object, ...]]) -> Subject:
        key = self.keyring.unwrap(row.master, row.wrapped, row.id)
        name = unseal(key, row.name, row.id).decode("utf-8", "surrogatepass")
        return Subject(id=row.id, tenant=row.tenant, name=name, key=key)
