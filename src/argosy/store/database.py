"""One door to a database: readers beside each other, and one thread that writes many changes in each commit.

What is promised of a change whose future has a result: it is committed, and survives the end of the process and power
loss, as far as the disk tells the truth about ``fsync`` (SQLite: WAL with ``synchronous=FULL``; PostgreSQL:
``synchronous_commit``). A commit that fails fails every change in it; the next ones are tried anew, on a new
connection where the old one broke. A failure while COMMIT was under way on PostgreSQL may still have been written.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import sqlalchemy as sa

from argosy.core.errors import BusyError, MachineError, MissingError
from argosy.store.faults import collided, explain

T = TypeVar("T")
metadata = sa.MetaData()
_BATCH = 256  # changes a commit at most
_TRIES = 3  # that a change has which collided with those of another process
_BUSY_SECONDS = 5  # that a writer waits for another process which writes, and a connection for its server
_WAL_PAGES = 4_000  # of 4 KiB: beyond them the write-ahead log is brought into the file, after the waiters were told
_WAL_KEPT = 4 * 2**20  # bytes that its file keeps when it starts anew, so that its size tells what is in it
_WAL_LIMIT = 64 * 2**20  # bytes: beyond them readers are waited for, so that the log starts anew
_EMPTYING, _WAIT_SECONDS = 8, 0.1  # while others read; SQLite itself waits some seconds too
_WRITES = "argosy_writes"


@dataclass(slots=True, eq=False)
class _Change:
    work: Callable[[sa.Connection], Any]
    future: "Future[Any]"
    tries: int = 0


_Done = list[tuple[_Change, Any]]


class _BrokenError(Exception):
    """The transaction ended by itself; ``cause`` is what ended it."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Database:
    """A database by its URL: ``sqlite:////path/to/file`` or ``postgresql+psycopg://…``.

    Every change goes through ``write``: changes that wait together are committed together, each in a savepoint of its
    own, so that one that fails takes nothing else with it.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url)
        self.pace = 0.0  # s between the end of a commit and the next one, so that more changes share it
        self._ended = 0.0
        self._changes: SimpleQueue[_Change | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="argosy-writer", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The file, or the URL without its password, as errors show it."""
        return str(self.file) if self.file else self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of SQLite."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with: on SQLite one state of the database; keep it short, the log cannot shrink."""
        try:
            connection = self.engine.connect()
        except sa.exc.DBAPIError as error:
            raise explain(error, self.name) from error
        with connection:
            yield connection

    def write(
        self, work: Callable[[sa.Connection], T], then: "Callable[[Future[T]], None] | None" = None
    ) -> "Future[T]":
        """What ``work`` returns, once it is committed; its exception, if it raised one and changed nothing.

        ``then`` hears of it first, in the writer's thread: of changes that were committed before, earlier.
        """
        future: Future[T] = Future()
        if then is not None:
            future.add_done_callback(then)
        if self._closed:
            self._refuse(future)
        else:
            self._changes.put(_Change(work, future))
        return future

    def close(self) -> None:
        """Write what waits, and close."""
        self._closed = True
        self._changes.put(None)
        self._thread.join()
        while not self._changes.empty():  # asked for while this closed
            change = self._changes.get()
            if change is not None:
                self._refuse(change.future)
        self.engine.dispose()

    def _refuse(self, future: "Future[Any]") -> None:
        if not future.done():
            future.set_exception(MachineError("The database is closed.", where=self.name))

    def _run(self) -> None:
        while (batch := self._gather()) is not None:
            self._commit(batch)
            self._ended = time.monotonic()
            if self.sqlite:
                self._shorten_log()

    def _gather(self) -> list[_Change] | None:
        first = self._changes.get()
        if first is None and not self._changes.empty():  # a change that collided waits behind the end
            self._changes.put(None)
            first = self._changes.get()
        if first is None:
            return None
        if self.pace:
            time.sleep(max(0.0, self._ended + self.pace - time.monotonic()))
        batch = [first]
        while len(batch) < _BATCH and not self._changes.empty():
            change = self._changes.get()
            if change is None:
                self._changes.put(None)
                break
            batch.append(change)
        return [one for one in batch if one.future.running() or one.future.set_running_or_notify_cancel()]

    def _commit(self, batch: list[_Change]) -> None:
        done: _Done = []
        again: list[_Change] = []
        try:
            with self.engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
                for change in batch:
                    self._attempt(connection, change, done, again)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            told = explain(error.cause if isinstance(error, _BrokenError) else error, self.name)
            for change in batch:
                if not change.future.done() and change not in again:
                    change.future.set_exception(told)
        else:
            for change, result in done:
                change.future.set_result(result)
        for change in again:
            change.tries += 1
            self._changes.put(change)

    def _attempt(self, connection: sa.Connection, change: _Change, done: _Done, again: list[_Change]) -> None:
        result, error = _saved(connection, change.work)
        if error is None:
            done.append((change, result))
        elif not _is_open(connection):  # SQLite ends a transaction itself when the disk is full
            raise _BrokenError(error) from error
        elif change.tries < _TRIES and collided(error):
            again.append(change)
        else:
            change.future.set_exception(explain(error, self.name))

    def _shorten_log(self) -> None:
        """Bring the log into the file; a reader in the way is met again at the next commit."""
        log = Path(f"{self.url.database}-wal")
        with suppress(sa.exc.DBAPIError, sqlite3.Error, OSError):
            size = log.stat().st_size
            if size > _WAL_PAGES * 4096:
                with self.engine.connect() as connection:
                    checkpoint(connection, "RESTART" if size > _WAL_LIMIT else "PASSIVE")


def checkpoint(connection: sa.Connection, mode: str) -> None:
    """Bring SQLite's log into the file: PASSIVE waits for nobody, RESTART and TRUNCATE do for readers."""
    raw = connection.connection.dbapi_connection
    if raw is not None:
        raw.execute("PRAGMA busy_timeout=100")
        try:
            raw.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        finally:
            raw.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


def empty_log(database: Database) -> None:
    """Move SQLite's log into its file and cut the log to nothing; raises BusyError where readers do not let go."""
    raw = database.engine.raw_connection()
    try:
        for _ in range(_EMPTYING):
            cursor = raw.cursor()
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.close()
            if not busy:
                return
            time.sleep(_WAIT_SECONDS)  # until readers let go of the log: SQLite tells nobody when
    finally:
        raw.close()
    raise BusyError(
        "Others read the database all the time, so that its log cannot be emptied.",
        where=str(database.url.database),
        mend="Run the same command again: it goes on from here.",
    )


def _saved(connection: sa.Connection, work: Callable[[sa.Connection], T]) -> tuple[T | None, Exception | None]:
    """What ``work`` returns in a savepoint of its own, or its error: the first of several."""
    first: Exception | None = None
    try:
        with connection.begin_nested():
            try:
                return work(connection), None
            except Exception as error:
                first = error
                raise
    except Exception as error:  # noqa: BLE001 - handed to whoever waits
        return None, first or error


def _is_open(connection: sa.Connection) -> bool:
    if connection.invalidated or connection.closed:
        return False
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return not raw.closed


def sqlite_url(file: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{file.absolute()}"


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    waits = {"connect_timeout": _BUSY_SECONDS, "tcp_user_timeout": 2000 * _BUSY_SECONDS, "keepalives_idle": 5}
    try:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args=waits, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise MissingError(
            "PostgreSQL needs the package {package!r}.", mend="pip install 'argosy[postgres]'", package=error.name
        ) from error

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
        # who turned it off meant other tables: what is settled survives power loss
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        connection.commit()

    return engine


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}, hide_parameters=True
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is deleted is overwritten: erased persons leave no bytes
            "wal_autocheckpoint=0",  # the writer does it, when nobody waits
            f"journal_size_limit={_WAL_KEPT}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
