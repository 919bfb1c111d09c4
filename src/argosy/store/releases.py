"""Versions, lines and evidence of releases in the database; every move is in the audit log by the same transaction."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from argosy.store.database import Database, metadata
from argosy.store.feedback import feedback
from argosy.store.tenants import audit

Json = dict[str, Any]
Clock = Callable[[], int]

versions_table = sa.Table(
    "release_versions",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("metrics", sa.JSON, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("model", "digest"),
)
lines_table = sa.Table(
    "release_lines",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("line", sa.JSON, nullable=False),
)
evidence_table = sa.Table(
    "release_evidence",
    metadata,
    sa.Column("rollout", sa.String(64), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("worker", sa.String(64), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
)
pairs_table = sa.Table(
    "release_pairs",
    metadata,
    sa.Column("rollout", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("event", sa.String(128), primary_key=True),
    sa.Column("champion", sa.Text, nullable=False),
    sa.Column("challenger", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


class SqlReleases:
    """Several processes may use one database; lines and evidence are plain JSON, whose meaning is the service's."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    def versions(self, model: str | None = None) -> list[Json]:
        """The versions of a model, or of all, by number."""
        query = sa.select(versions_table).order_by(versions_table.c.model, versions_table.c.number)
        if model is not None:
            query = query.where(versions_table.c.model == model)
        with self._database.reading() as connection:
            return [row._asdict() for row in connection.execute(query)]

    def add(self, model: str, digest: str, kind: str, *, by: str, metrics: Json, note: str = "") -> "Future[Json]":
        """A new version with the next number; the one there is where this artifact was added before."""
        table = versions_table

        def work(connection: sa.Connection) -> Json:
            known = connection.execute(sa.select(table).where(table.c.model == model, table.c.digest == digest)).first()
            if known:
                return known._asdict()
            last = connection.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.model == model))
            number = (last or 0) + 1
            values = {"model": model, "number": number, "digest": digest, "kind": kind, "at": self._clock(), "by": by}
            values |= {"metrics": metrics, "note": note}
            connection.execute(table.insert().values(**values))
            details = {"version": number, "digest": digest}
            audit.append(connection, by, "release.add", model, details, clock=self._clock)
            return values

        return self._database.write(work)

    def lines(self) -> dict[str, Json]:
        """The line of each model that has versions."""
        with self._database.reading() as connection:
            return {row.model: row.line for row in connection.execute(sa.select(lines_table))}

    def move(self, before: Json | None, after: Json, by: str) -> "Future[bool]":
        """Put ``after`` in the place of ``before`` (None: of nothing); False when another stands there by now."""
        table, model = lines_table, after["model"]

        def work(connection: sa.Connection) -> bool:
            values = {"revision": after["revision"], "line": after}
            if before is None:
                insert = _insert(connection, table).values(model=model, **values).on_conflict_do_nothing()
                moved = connection.execute(insert.returning(table.c.model)).first() is not None
            else:
                there = (table.c.model == model) & (table.c.revision == before["revision"])
                moved = connection.execute(table.update().where(there).values(**values)).rowcount == 1
            if moved and before and before["rollout"] and before["rollout"] != after["rollout"]:
                connection.execute(pairs_table.delete().where(pairs_table.c.rollout == before["rollout"]))
            if moved:
                audit.append(connection, by, _action(before, after), model, _told(before, after), clock=self._clock)
            return moved

        return self._database.write(work)

    def note(self, rollout: str, step: int, worker: str, evidence: Json) -> "Future[None]":
        """Replace what a worker noted of a step."""

        def work(connection: sa.Connection) -> None:
            values = {"at": self._clock(), "evidence": evidence}
            insert = _insert(connection, evidence_table).values(rollout=rollout, step=step, worker=worker, **values)
            connection.execute(insert.on_conflict_do_update(index_elements=["rollout", "step", "worker"], set_=values))

        return self._database.write(work)

    def evidence(self, rollout: str, step: int) -> list[Json]:
        """What the workers noted of a step."""
        table = evidence_table
        query = sa.select(table.c.evidence).where(table.c.rollout == rollout, table.c.step == step)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def pair(self, rollout: str, answers: Mapping[tuple[str, str], tuple[str, str]]) -> "Future[None]":
        """Keep both versions' labels of requests by tenant and event; what is known keeps what was said first."""
        rows = [
            {"rollout": rollout, "tenant": tenant, "event": event, "champion": mine, "challenger": theirs}
            for (tenant, event), (mine, theirs) in answers.items()
        ]

        def work(connection: sa.Connection) -> None:
            at = self._clock()
            insert = _insert(connection, pairs_table).values([{**row, "at": at} for row in rows])
            connection.execute(insert.on_conflict_do_nothing())

        return self._database.write(work)

    def labelled(self, rollout: str) -> tuple[int, int, int]:
        """Of the pairs whose true label has come as feedback: won by the challenger, lost by it, and alike."""
        pairs, truth = pairs_table.c, _newest_labels()
        right = [sa.case((side == truth.c.label, 1), else_=0) for side in (pairs.challenger, pairs.champion)]
        counted = sa.select(
            sa.func.sum(right[0] * (1 - right[1])), sa.func.sum(right[1] * (1 - right[0])), sa.func.count()
        )
        same = (pairs.tenant == truth.c.tenant) & (pairs.event == truth.c.event)
        query = counted.select_from(pairs_table.join(truth, same)).where(pairs.rollout == rollout, truth.c.rank == 1)
        with self._database.reading() as connection:
            won, lost, rows = connection.execute(query).one()
        return int(won or 0), int(lost or 0), int(rows - (won or 0) - (lost or 0))

    def history(self, model: str) -> list[Json]:
        """What was done to a model's releases, from the audit log, oldest first."""
        entries = audit.SqlAudit(self._database).entries(about=model)
        return [
            {"at": entry.at, "actor": entry.actor, "action": entry.action, **entry.details}
            for entry in entries
            if entry.action.startswith("release.")
        ]


def live_at(history: Sequence[Mapping[str, Any]], at: int) -> Mapping[str, Any] | None:
    """The state told by the last entry with one at or before ``at``: champion, challenger, phase and share."""
    told = [entry for entry in history if entry["at"] <= at and "champion" in entry]
    return told[-1] if told else None


def _newest_labels() -> sa.Subquery:
    """The labels of feedback about the first text of a request; the newest has rank 1."""
    said = feedback.c
    newest = sa.func.row_number().over(partition_by=(said.tenant, said.event), order_by=said.at.desc())
    query = sa.select(said.tenant, said.event, said.label, newest.label("rank"))
    return query.where(said.label.is_not(None), said.index == 0).subquery()


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table)


def _action(before: Json | None, after: Json) -> str:
    phases = (before["phase"] if before else "steady", after["phase"])
    if phases[1] != "steady":
        return "release.note" if before and before["since"] == after["since"] else f"release.{phases[1]}"
    if before is None:
        return "release.first"
    if before["champion"] != after["champion"]:
        return "release.rollback" if after["champion"] == before["previous"] else "release.promote"
    return "release.rollback" if phases[0] != "steady" else "release.pin"


def _told(before: Json | None, after: Json) -> Json:
    challenger = after["challenger"] if after["phase"] != "steady" or (before and before["phase"] != "steady") else None
    share = after["plan"]["shares"][after["step"]] if after["phase"] == "canary" else 0.0
    told = {name: after[name] for name in ("champion", "phase", "rollout", "reason", "pins", "revision")}
    return {**told, "challenger": challenger, "share": share}
