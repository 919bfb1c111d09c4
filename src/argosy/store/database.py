"""One door to a database: readers beside each other, and one thread that writes many changes in each commit."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
metadata = sa.MetaData()
_BATCH = 256  # changes a commit at most
_BUSY_SECONDS = 5.0  # that SQLite waits for another process which writes


@dataclass(slots=True, eq=False)
class _Change:
    work: Callable[[sa.Connection], Any]
    future: "Future[Any]"


class Database:
    """A database by its URL: ``sqlite:////path/to/file`` or ``postgresql+psycopg://…``.

    SQLite runs in WAL mode with ``synchronous=FULL``. Every change goes through ``write``: changes that wait together
    are committed together, each in a savepoint of its own, so that one that fails takes nothing else with it.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url)
        self._changes: SimpleQueue[_Change | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="argosy-writer", daemon=True)
        self._thread.start()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[sa.Connection], T]) -> "Future[T]":
        """What ``work`` returns, once it is committed; its exception, if it raised one and changed nothing."""
        future: Future[T] = Future()
        self._changes.put(_Change(work, future))
        return future

    def close(self) -> None:
        """Write what waits, and close."""
        self._changes.put(None)
        self._thread.join()
        self.engine.dispose()

    def _run(self) -> None:
        while (batch := self._gather()) is not None:
            self._commit(batch)

    def _gather(self) -> list[_Change] | None:
        first = self._changes.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < _BATCH and not self._changes.empty():
            change = self._changes.get()
            if change is None:
                self._changes.put(None)
                break
            batch.append(change)
        return batch

    def _commit(self, batch: list[_Change]) -> None:
        done: list[tuple[_Change, Any]] = []
        try:
            with self.engine.begin() as connection:
                for change in batch:
                    if change.future.set_running_or_notify_cancel():
                        _attempt(connection, change, done)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            for change in batch:
                if not change.future.done():
                    change.future.set_exception(error)
            return
        for change, result in done:
            change.future.set_result(result)


def _attempt(connection: sa.Connection, change: _Change, done: list[tuple[_Change, Any]]) -> None:
    try:
        with connection.begin_nested():
            result = change.work(connection)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits
        change.future.set_exception(error)
    else:
        done.append((change, result))


def sqlite_url(file: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{file.absolute()}"


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes() else "BEGIN")

    return engine


def _writes() -> bool:
    return threading.current_thread().name == "argosy-writer"
