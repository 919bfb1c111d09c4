"""The tables of a database, made and brought up to this version by Alembic."""

from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from argosy.core.errors import DataError
from argosy.store.database import Database

_LOCK = 0x4172676F  # PostgreSQL's advisory lock that upgrades take


def upgrade(database: Database, *, to: str = "") -> None:
    """Bring the tables to this version (or ``to`` an older one, new ones only); several processes may start at once.

    All in one transaction. Raises DataError for a database that a newer Argosy has upgraded.
    """
    with database.reading() as connection:
        done = _is_current(connection, database.name)
    if not done:
        database.write(lambda connection: _upgrade(connection, database.name, to)).result()


def version(connection: sa.Connection) -> str | None:
    """The revision of the tables; None for a database without any."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of Argosy knows last."""
    return str(_scripts().get_current_head())


def refuse_newer(found: str | None, where: str) -> None:
    """Raise DataError for a version that this Argosy does not know."""
    if found is not None and found not in _known():
        raise DataError(
            "The database is of version {found}, and this Argosy knows none newer than {newest}.",
            where=where,
            mend="Install the Argosy that upgraded it, or a newer one; or restore a backup from before.",
            found=found,
            newest=newest(),
        )


def _is_current(connection: sa.Connection, where: str) -> bool:
    found = version(connection)
    refuse_newer(found, where)
    return found == newest()


def _upgrade(connection: sa.Connection, where: str, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not _is_current(connection, where):  # another process may have been first
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to or "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "argosy.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())
