"""Experiments: two versions of a model before customers, what was planned, and what came out."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from argosy.core.errors import BusyError
from argosy.core.experiment import Design, Experiment
from argosy.store.database import Database, metadata
from argosy.store.feedback import feedback
from argosy.store.ledger import tables

experiments_table = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False, index=True),
    sa.Column("rollout", sa.String(64), nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("begun", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.BigInteger),
    sa.Column("result", sa.JSON),
)
running_once = sa.Index(
    "experiments_running",
    experiments_table.c.model,
    unique=True,
    sqlite_where=experiments_table.c.ended.is_(None),
    postgresql_where=experiments_table.c.ended.is_(None),
)
_PAGE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was said of an answer that was sold, and which version gave it; ``at`` is when it was said."""

    tenant: str
    event: str
    index: int
    version: str
    label: str | None
    rating: int | None
    at: int


class SqlExperiments:
    """Experiments, one of a model at a time, and what customers said while they ran."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, one: Experiment) -> "Future[None]":
        """Keep it; raises BusyError while another of its model runs."""
        plan = {"first": one.first, "second": one.second, "design": one.design.to_json()}
        values = {"id": one.id, "model": one.model, "rollout": one.rollout, "by": one.by, "begun": one.begun}

        def work(connection: sa.Connection) -> None:
            try:
                connection.execute(experiments_table.insert().values(plan=plan, **values))
            except IntegrityError as error:
                raise BusyError(
                    "An experiment with {model} runs already.",
                    mend="End it first: argosy experiment end",
                    model=one.model,
                ) from error

        return self._database.write(work)

    def end(self, id_: str, result: Mapping[str, Any], at: int) -> "Future[bool]":
        """Close one that runs; whether it ran."""
        table = experiments_table
        change = sa.update(table).where(table.c.id == id_, table.c.ended.is_(None))
        return self._database.write(
            lambda connection: connection.execute(change.values(ended=at, result=dict(result))).rowcount == 1
        )

    def all(self, model: str | None = None) -> list[Experiment]:
        """Every one, or those of a model, the newest first."""
        table = experiments_table
        query = sa.select(table).order_by(table.c.begun.desc(), table.c.id)
        if model is not None:
            query = query.where(table.c.model == model)
        with self._database.reading() as connection:
            return [_experiment(row) for row in connection.execute(query)]

    def words(self, model: str, since: int, until: int) -> Iterator[Word]:
        """Feedback from ``since`` on and before ``until`` on answers sold since then, in the order in which it came.

        Charges that were taken back are left out. Read in pages.
        """
        said, line, later = feedback.c, tables.lines.c, tables.lines.alias("later")
        taken_back = sa.exists().where(
            later.c.tenant == line.tenant, later.c.event == line.event, later.c.turn > line.turn
        )
        query = (
            sa.select(said.id, said.tenant, said.event, said.index, line.version, said.label, said.rating, said.at)
            .select_from(feedback.join(tables.lines, (line.event == said.event) & (line.tenant == said.tenant)))
            .where(line.model == model, line.at >= since, line.turn % 2 == 0, ~taken_back)
            .where(said.at >= since, said.at < until)
            .order_by(said.at, said.id)
            .limit(_PAGE)
        )
        page = query
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page).mappings().all()
            for row in rows:
                yield Word(**{name: value for name, value in row.items() if name != "id"})
            if len(rows) < _PAGE:
                return
            page = query.where(sa.tuple_(said.at, said.id) > sa.tuple_(rows[-1]["at"], rows[-1]["id"]))


def _experiment(row: Any) -> Experiment:
    plan = row.plan
    return Experiment(
        id=row.id,
        model=row.model,
        rollout=row.rollout,
        first=plan["first"],
        second=plan["second"],
        design=Design.from_json(plan["design"]),
        by=row.by,
        begun=row.begun,
        ended=row.ended,
        result=row.result,
    )
