"""A word that changes whenever anything of a monitor does, which is cheap to ask for: pages ask it each second."""

import sqlalchemy as sa

from argosy.store.database import Database
from argosy.store.opinion.tables import logs_table
from argosy.store.watching.alarms import alarms_table, looks_table


def standing(database: Database, model: str, looks: str) -> str:
    """Of the log of a ``model``, of its alarms and of its ``looks``, by the name these are kept under."""
    table = alarms_table.c
    turn = sa.select(logs_table.c.turn).where(logs_table.c.model == model).scalar_subquery()
    through = sa.select(looks_table.c.through).where(looks_table.c.model == looks).scalar_subquery()
    of_alarms = (
        sa.func.count(),
        sa.func.count(table.closed),
        sa.func.count(table.acknowledged),
        sa.func.count(sa.func.nullif(table.owner, "")),
    )
    query = sa.select(turn, through, *of_alarms).where(table.model == looks)
    with database.reading() as connection:
        return "-".join(str(part or 0) for part in connection.execute(query).one())
