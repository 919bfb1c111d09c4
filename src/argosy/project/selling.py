"""What a service that sells is made of: the only place where the store's parts meet the service's."""

from dataclasses import dataclass
from pathlib import Path

from argosy.project.schema import Sell
from argosy.serve.admission import Admission, Open
from argosy.store.database import Database, sqlite_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """The parts; ``admission`` is what the service is handed."""

    database: Database
    admission: Admission

    def close(self) -> None:
        """Write what waits, and close."""
        self.database.close()


def open_selling(sell: Sell, folder: Path) -> Selling:
    """The parts of the service that the project in ``folder`` sells; close them when done."""
    database = open_store(sell, folder)
    return Selling(database=database, admission=Open())


def open_store(sell: Sell, folder: Path) -> Database:
    """The database of a project: the file or the URL that ``[sell] store`` names, with its tables."""
    if "://" in sell.store:
        return Database(sell.store)
    file = folder / sell.store
    file.parent.mkdir(parents=True, exist_ok=True)
    return Database(sqlite_url(file))
