"""What the verbs of tenants, keys and the audit log share: the project's store, who acts, and tables."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from argosy.project import file
from argosy.project.shop import Shop, open_store
from argosy.store.accounts import SqlAccounts
from argosy.store.audit import SqlAudit
from argosy.ui.speech import out, t


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The store of a project that sells."""

    shop: Shop
    accounts: SqlAccounts
    audit: SqlAudit


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """The store of the project in ``folder``, made where it is missing; raises ProjectError without ``[sell]``."""
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield Opened(shop=shop, accounts=SqlAccounts(database), audit=SqlAudit(database))


def actor() -> str:
    """Who stands in the audit log: the number of the system's user, which names nobody by itself."""
    return f"cli:{os.getuid()}"


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; of none, a line that says so."""
    if not rows:
        out.print(t("There is none."), markup=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table, markup=False)
