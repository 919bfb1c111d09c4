"""A process that settles events and tells each, until it is killed: ``python killable_ledger.py URL NUMBER``."""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from books_of_tests import Tiers, ask, got

from argosy.core.account import Limits
from argosy.core.ledger import Receipt
from argosy.store.database import Database
from argosy.store.ledger.sql import SqlLedger
from argosy.store.upgrade import upgrade

THREADS = 4
_told = threading.Lock()


def work(ledger: SqlLedger, name: str) -> None:
    """Settle without end; a half of the events has been settled by processes before, and every third is a stream."""
    limits = Limits(budget=10**7)
    for number in range(10**9):
        event = f"e{name if number % 2 else ''}-{number}"
        held = got(ledger.reserve(ask(event, tokens=60, limits=limits)))
        if number % 3 == 0:
            got(ledger.record(held, {"completion_tokens": 20}))
        receipt: Receipt = got(ledger.settle(held, {"completion_tokens": 50}))
        with _told:
            sys.stdout.write(receipt.usage.event + "\n")
            sys.stdout.flush()


def main() -> None:
    """Four threads."""
    database = Database(sys.argv[1])
    upgrade(database)
    ledger = SqlLedger(database, Tiers())
    for number in range(THREADS):
        threading.Thread(target=work, args=(ledger, f"{sys.argv[2]}.{number}")).start()


if __name__ == "__main__":
    main()
