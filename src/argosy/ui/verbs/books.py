"""What the verbs of tenants, keys and the audit log share: the project's store, who acts, and plain tables."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from argosy.config import file
from argosy.project.selling.shop import Shop, open_store
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.tenants.audit import SqlAudit
from argosy.ui.speech import say, t


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
    """A table on standard output, ids never broken, so that they can be copied; of no rows, a line that says so."""
    if not rows:
        say(t("There is none."))
        return
    widths = [max(cell_len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        say("  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())
