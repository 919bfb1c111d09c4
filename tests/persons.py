"""A project with rows of two persons, and what a service may hold of them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from argosy.config.file import parse
from argosy.core.captured import Captured
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.store.database import Database
from argosy.store.feedback import feedback
from argosy.store.ledger.tables import lines, replies

WORDS = "the parcel of Ilse Öhler never came"


class Clock:
    """A clock that is set by hand, in microseconds."""

    def __init__(self) -> None:
        self.at = 1_800_000_000_000_000

    def __call__(self) -> int:
        """The time."""
        return self.at


PROJECT = """
name = "shop"
languages = ["en"]
[data]
path = "rows.csv"
group = "person"
[base]
model = "scratch"
[sell]
[privacy]
capture = 1.0
basis = "{basis}"
keep_days = 10
"""


def project_in(folder: Path, basis: str = "consent") -> Path:
    """A project with rows of two persons."""
    folder.mkdir(exist_ok=True)
    (folder / "argosy.toml").write_text(PROJECT.format(basis=basis), encoding="utf-8")
    (folder / "rows.csv").write_text(f"text,label,person\n{WORDS},bad,kim-7731\nall fine,good,bob\n", encoding="utf-8")
    return folder


def opened(folder: Path, database: Database, clock: Clock, basis: str = "consent") -> ProjectPrivacy:
    """Privacy of a project in a folder."""
    project = parse(tomllib.loads((project_in(folder, basis) / "argosy.toml").read_text(encoding="utf-8")))
    return ProjectPrivacy(project, folder, database, clock=clock)


def seen(name: str, event: str, text: str = WORDS, *, at: int = 0, tenant: str = "ten_a") -> Captured:
    """An exchange."""
    return Captured(
        tenant=tenant,
        subject=name,
        event=event,
        model="mood",
        version="1",
        at=at,
        asked={"input": text},
        answer={"l": 1},
    )


def line(database: Database, subject: str, event: str, *, tenant: str = "ten_a", seq: int = 1) -> None:
    """A line of the ledger and a kept reply of a subject's event, and feedback on it."""
    common = {"tenant": tenant, "event": event, "subject": subject}
    blank = dict.fromkeys(("token", "key", "model", "route", "plan"), "x")
    charged = {"quantities": "{}", "amount": 1, "prepaid": False, "at": 1, "month": "2026-11", "currency": "CNY"}
    kept = {"asked": "x", "status": 200, "media_type": "application/json", "body": WORDS.encode(), "expires": 2**60}
    said = {"id": f"fb_{event}", "tenant": tenant, "event": event, "digest": event, "model": "m", "index": 0}

    def write(connection: sa.Connection) -> None:
        connection.execute(lines.insert().values(seq=seq, turn=0, **blank, **charged, **common))
        connection.execute(replies.insert().values(**kept, **common))
        connection.execute(feedback.insert().values(**said, label="good", comment=WORDS, at=1))

    database.write(write).result()


def stored(database: Database, folder: Path) -> Iterator[bytes]:
    """The bytes of the database's files (its rows, on PostgreSQL) and of everything in the project but its own rows."""
    if database.file:
        for path in database.file.parent.glob(f"{database.file.name}*"):
            yield path.read_bytes()
    else:
        with database.reading() as connection:
            for table in sa.inspect(connection).get_table_names():
                for row in connection.exec_driver_sql(f"SELECT t::text FROM {table} t").scalars():  # noqa: S608
                    yield row.encode()
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in {"rows.csv", "argosy.toml", "privacy.key"}:
            yield path.read_bytes()
