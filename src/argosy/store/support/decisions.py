"""What people decided of stored answers, and what they said should have been answered."""

from concurrent.futures import Future
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from argosy.core.support import Correction
from argosy.store.database import Database
from argosy.store.support.tables import answers_table, corrections_table
from argosy.store.writing import put


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision on a stored answer: ``approved`` as ``text`` says it, refused (False), or left open again (None)."""

    entry: str
    approved: bool | None
    text: str
    by: str
    at: int


class SqlDecisions:
    """The decisions on one model's answers, and the corrections of them. Times are microseconds since the epoch."""

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model

    def decide(self, verdict: Verdict) -> "Future[None]":
        """Keep a decision; the last one counts."""

        def work(connection: sa.Connection) -> None:
            put(connection, answers_table, [{**asdict(verdict), "model": self._model}])

        return self._database.write(work)

    def verdicts(self) -> dict[str, Verdict]:
        """The decisions by the ids of their entries."""
        query = sa.select(answers_table).where(answers_table.c.model == self._model)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["entry"]: Verdict(**{key: row[key] for key in row if key != "model"}) for row in rows}

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep a correction."""

        def work(connection: sa.Connection) -> None:
            connection.execute(corrections_table.insert(), {**asdict(correction), "model": self._model})

        return self._database.write(work)

    def corrections(self, start: int = 0) -> list[Correction]:
        """Those from ``start`` on, in the order they were made."""
        table = corrections_table
        query = sa.select(table).where(table.c.model == self._model, table.c.at >= start)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.c.at, table.c.id)).mappings().all()
        return [Correction(**{key: row[key] for key in row if key != "model"}) for row in rows]
