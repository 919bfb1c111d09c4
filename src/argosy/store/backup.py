"""A database copied into one file while it is written to, and made again from that file.

The file is an SQLite database with the same tables and a manifest, whatever it was made from: SQLite's own online
backup where the source is SQLite, a copy row by row from one snapshot (REPEATABLE READ) where it is PostgreSQL. So it
needs none of PostgreSQL's programs, which must not be older than the server, any SQLite can read it, and a service can
move from one database to the other.
"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from argosy.core.errors import DataError, MissingError
from argosy.store.database import Database, sqlite_url
from argosy.store.faults import explain
from argosy.store.ledger.books import wall_clock
from argosy.store.upgrade import refuse_newer, upgrade, version

FORMAT = 1
_TABLE = "argosy_backup"
_ALEMBIC = "alembic_version"
_PAGE = 1_000  # rows copied at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds: the tables' version, when it was begun (microseconds UTC), and the rows of each table."""

    format: int
    version: str
    at: int
    source: str
    rows: dict[str, int]


def back_up(database: Database, file: Path, *, clock: Callable[[], int] = wall_clock) -> Manifest:
    """Copy a database into a new ``file``, as it is at one moment; nobody who writes waits for it.

    The file appears when it is complete and on the disk. Raises DataError for a database without tables or a file that
    is there already, MachineError where the disk is full.
    """
    if file.exists():
        raise DataError("There is a file of that name already.", where=str(file), mend="Name another one.")
    at = clock()
    with _beside(file) as part:
        try:
            copied = _copy_file(database, part) if database.sqlite else _copy_rows_out(database, part)
            manifest = _seal(part, at, "sqlite" if database.sqlite else "postgresql", copied)
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raise explain(error, str(file)) from error
        os.link(part, file)
    _sync(file.parent)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says that it holds; MissingError, DataError where it is none, is damaged, or is too new."""
    if not file.is_file():
        raise MissingError("There is no such backup.", where=str(file), mend="Name a file that argosy backup wrote.")
    try:
        with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro", uri=True)) as raw:
            found = raw.execute("SELECT manifest FROM argosy_backup").fetchone()
            whole = raw.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            manifest = Manifest(**json.loads(found[0]))
            rows = {name: _count(raw, name) for name in manifest.rows}
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise DataError(
            "This is no backup, or it is damaged.", where=str(file), mend="Name a file that argosy backup wrote."
        ) from error
    if manifest.format > FORMAT:
        raise DataError(
            "The backup has the format {found}, and this Argosy reads none newer than {format}.",
            where=str(file),
            mend="Install the Argosy that wrote it, or a newer one.",
            found=manifest.format,
            format=FORMAT,
        )
    if not whole or rows != manifest.rows:
        raise DataError("The backup is damaged.", where=str(file), mend="Take another one.")
    refuse_newer(manifest.version, str(file))
    return manifest


def restore(file: Path, url: str) -> Manifest:
    """Make a database from a backup, and bring it to this version; DataError where there are tables already.

    What was reserved when the backup was made is cleared by the ledger that starts first; streams are charged for what
    they had recorded.
    """
    manifest = read_manifest(file)
    database = Database(url)
    try:
        with database.reading() as connection:
            if sa.inspect(connection).get_table_names():
                raise DataError(
                    "The database is not empty.", where=database.name, mend="Restore into a new one, then name that."
                )
        upgrade(database, to=manifest.version)
        database.write(lambda connection: _copy_rows_in(connection, file, manifest)).result()
        upgrade(database)
    finally:
        database.close()
    return manifest


def _copy_file(database: Database, part: Path) -> str:
    """SQLite's own backup: one state of the database, read beside those who write; its version."""
    with closing(sqlite3.connect(str(database.file))) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        target.commit()
    with database.reading() as connection:
        return _known(version(connection), database.name)


def _copy_rows_out(database: Database, part: Path) -> str:
    """Every row of a snapshot into SQLite; its version."""
    with database.reading() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        found = _known(version(connection), database.name)
        target = Database(sqlite_url(part))
        try:
            upgrade(target, to=found)
            target.write(lambda writing: _copy(connection, writing)).result()
        finally:
            target.close()
    return found


def _copy_rows_in(connection: sa.Connection, file: Path, manifest: Manifest) -> None:
    source = sa.create_engine(f"sqlite:///file:{file.absolute()}?mode=ro&uri=true")
    try:
        with source.connect() as reading:
            _copy(reading, connection)
    finally:
        source.dispose()
    for name, rows in manifest.rows.items():
        found = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
        if found != rows:
            raise DataError(
                "The table {name} has {found} rows and not {rows} as in the backup.", name=name, found=found, rows=rows
            )


def _copy(source: sa.Connection, target: sa.Connection) -> None:
    """All rows of all tables but Alembic's, parents before children."""
    found, made = sa.MetaData(), sa.MetaData()
    found.reflect(source, only=lambda name, _: name not in {_ALEMBIC, _TABLE})
    made.reflect(target, only=list(found.tables))
    for table in made.sorted_tables:
        if target.execute(sa.select(table).limit(1)).first():  # what the migrations put there
            target.execute(sa.delete(table))
        rows = source.execution_options(yield_per=_PAGE).execute(sa.select(found.tables[table.name]))
        for part in rows.mappings().partitions(_PAGE):
            target.execute(sa.insert(table), [dict(row) for row in part])
        for column in table.c:
            if isinstance(column.server_default, sa.DefaultClause) and "nextval" in str(column.server_default.arg):
                _continue_counting(target, column)


def _continue_counting(connection: sa.Connection, column: sa.Column[int]) -> None:
    """Let a column of PostgreSQL that counts by itself go on behind its last row."""
    last = connection.scalar(sa.select(sa.func.max(column)))
    if last is not None:
        sequence = sa.func.pg_get_serial_sequence(column.table.name, column.name)
        connection.execute(sa.select(sa.func.setval(sequence, last)))


def _seal(part: Path, at: int, source: str, found: str) -> Manifest:
    """Write the manifest into the copy, and all of it to the disk."""
    with closing(sqlite3.connect(part)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        names = [name for (name,) in raw.execute(asked) if name not in {_TABLE, _ALEMBIC}]
        manifest = Manifest(
            format=FORMAT, version=found, at=at, source=source, rows={name: _count(raw, name) for name in names}
        )
        raw.execute("CREATE TABLE argosy_backup (manifest TEXT NOT NULL)")
        raw.execute("INSERT INTO argosy_backup VALUES (?)", (json.dumps(asdict(manifest)),))
        raw.commit()
    _sync(part)
    return manifest


def _count(raw: sqlite3.Connection, name: str) -> int:
    counted = sa.select(sa.func.count()).select_from(sa.table(name))
    return int(raw.execute(str(counted.compile(dialect=sqlite.dialect()))).fetchone()[0])


def _known(found: str | None, where: str) -> str:
    if found is None:
        raise DataError("The database has no tables of Argosy.", where=where, mend="Name the one of the service.")
    return found


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A temporary file in the same folder, gone when the block ends."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(name + end).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
