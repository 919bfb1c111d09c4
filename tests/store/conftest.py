"""Databases for the tests of the store: SQLite always, a real PostgreSQL where it is installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import real_postgres

from argosy.store.database import Database, sqlite_url
from argosy.store.upgrade import upgrade

_TEMPLATE = "argosy_template"


@pytest.fixture(scope="session")
def postgres() -> Iterator[real_postgres.Server]:
    """A server for this process of the tests, with a template that is upgraded already."""
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    if real_postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed (initdb and pg_ctl)")
    with real_postgres.server() as server:
        server.execute(f"CREATE DATABASE {_TEMPLATE}")
        made = Database(server.url(_TEMPLATE))
        upgrade(made)
        made.close()
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an upgraded database that nobody opens: it is copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    made = Database(sqlite_url(file))
    upgrade(made)
    made.close()
    assert [path.name for path in file.parent.iterdir()] == [file.name]  # nothing is left in a log beside it
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an upgraded database, on each kind in turn."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").database(_TEMPLATE)
    return sqlite_url(shutil.copy(request.getfixturevalue("sqlite"), tmp_path / "店 ledger.db"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An upgraded database."""
    opened = Database(url)
    yield opened
    opened.close()
