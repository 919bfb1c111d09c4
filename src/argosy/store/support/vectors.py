"""Vectors in PostgreSQL with the extension ``vector``, for knowledge that outgrows the memory of who serves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql

from argosy.core.errors import MissingError
from argosy.store.database import Database

_DECIMALS = 5  # of a cosine, as every kind of ``Vectors`` tells it
_SOME = 1_000  # vectors that a statement puts in, and names that one asks for
_WIDER = 4  # candidates of the graph for each that is asked for, so that few are missed
_EFFORT, _MOST_EFFORT = 128, 1_000  # candidates that the graph looks at
_MOST_LINKED = 2_000  # numbers in a vector that the extension's graph takes; longer ones are all compared
Floats = NDArray[np.float32]


class _Vector(sa.types.UserDefinedType[Any]):
    """The extension's type, written as text."""

    cache_ok = True

    def __init__(self, width: int) -> None:
        self.width = width

    def get_col_spec(self, **_: Any) -> str:
        """What stands in CREATE TABLE and CAST."""
        return f"vector({self.width})"


class PgVectors:
    """The vectors of one ``name``, beside those of others of the same width in one table with a graph (HNSW)."""

    def __init__(self, database: Database, name: str, width: int) -> None:
        self._database = database
        self._name = name
        self._width = width
        self._table = sa.Table(
            f"support_nearest_{width}",
            sa.MetaData(),
            sa.Column("collection", sa.String(64), primary_key=True),
            sa.Column("name", sa.String(64), primary_key=True),
            sa.Column("vector", _Vector(width), nullable=False),
        )
        database.write(self._make).result()

    def __len__(self) -> int:
        """How many there are."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(self._mine)) or 0

    def add(self, vectors: Mapping[str, Floats]) -> None:
        """Put in those that are not there."""
        there = self._there(list(vectors))
        rows = [
            {"collection": self._name, "name": name, "vector": _text(vectors[name])} for name in vectors.keys() - there
        ]
        insert = postgresql.insert(self._table).on_conflict_do_nothing()

        def work(connection: sa.Connection) -> None:
            for start in range(0, len(rows), _SOME):
                connection.execute(insert, rows[start : start + _SOME])

        self._database.write(work).result()

    def remove(self, names: Sequence[str]) -> None:
        """Take out those that are there."""

        def work(connection: sa.Connection) -> None:
            for some in _parts(names):
                connection.execute(self._table.delete().where(self._mine, self._table.c.name.in_(some)))

        if names:
            self._database.write(work).result()

    def search(self, vector: Floats, most: int) -> list[tuple[str, float]]:
        """The nearest with their cosines, but for those that the graph misses."""
        wanted = _WIDER * most
        apart = self._apart(vector)
        found = sa.select(self._table.c.name, 1 - apart).where(self._mine).order_by(apart).limit(wanted)
        effort = min(max(wanted, _EFFORT), _MOST_EFFORT)
        with self._database.reading() as connection, connection.begin():
            # the graph is of all names together: it is followed until enough of this one are found
            connection.execute(sa.text("SET LOCAL hnsw.iterative_scan = strict_order"))
            connection.execute(sa.text(f"SET LOCAL hnsw.ef_search = {effort}"))
            rows = [(name, round(cosine, _DECIMALS)) for name, cosine in connection.execute(found)]
        return sorted(rows, key=lambda one: (-one[1], one[0]))[:most]

    def cosines(self, vector: Floats, names: Sequence[str]) -> Floats:
        """Float32 [names]; 0 for one that is not there."""
        found: dict[str, float] = {}
        cosine = 1 - self._apart(vector)
        with self._database.reading() as connection:
            for some in _parts(names):
                chosen = sa.select(self._table.c.name, cosine).where(self._mine, self._table.c.name.in_(some))
                found |= {name: round(value, _DECIMALS) for name, value in connection.execute(chosen)}
        return np.array([found.get(name, 0.0) for name in names], dtype=np.float32)

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return self._table.c.collection == self._name

    def _apart(self, vector: Floats) -> sa.ColumnElement[float]:
        """The distance of each vector: 1 less its cosine."""
        asked = sa.cast(sa.literal(_text(vector)), _Vector(self._width))
        return self._table.c.vector.op("<=>", return_type=sa.Float())(asked)

    def _there(self, names: Sequence[str]) -> set[str]:
        found: set[str] = set()
        with self._database.reading() as connection:
            for some in _parts(names):
                chosen = sa.select(self._table.c.name).where(self._mine, self._table.c.name.in_(some))
                found |= set(connection.scalars(chosen))
        return found

    def _make(self, connection: sa.Connection) -> None:
        known = sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
        if connection.scalar(known) is None:
            raise MissingError(
                "This PostgreSQL has no extension ``vector``.",
                where=self._database.name,
                mend="Install pgvector on its machine; until then vectors are searched in memory.",
            )
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
        self._table.create(connection, checkfirst=True)
        if self._width <= _MOST_LINKED:
            graph = f"{self._table.name}_graph ON {self._table.name} USING hnsw (vector vector_cosine_ops)"
            connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {graph}"))


def _text(vector: Floats) -> str:
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _SOME] for start in range(0, len(names), _SOME)]
