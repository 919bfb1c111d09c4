"""The process that holds the ledger and the limits for all workers: ``python -m argosy.project.selling.desk JSON``."""

import json
import logging
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argosy.config.selling import Sell
from argosy.project.selling.offers import known_plans
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.billing.pricing import PriceBook
from argosy.serve.gate.desk import LocalDesk
from argosy.serve.running.workers import Post, attend
from argosy.store.database import Database
from argosy.store.ledger.sql import SqlLedger

NAME = "argosy.project.selling.desk"


def post(shop: Path, listening: socket.socket) -> Post:
    """How the desk of a shop that is kept in a file is started, and started again under the same name."""
    told = {"shop": str(shop), "holder": secrets.token_hex(8)}
    return Post(
        listening=listening,
        command=lambda number: [sys.executable, "-m", NAME, json.dumps({**told, "socket": number})],
    )


@contextmanager
def open_desk(shop: Shop, holder: str) -> Iterator[LocalDesk]:
    """The desk at which all workers of one service ask for room: its ledger and its limits.

    One that is started after another has died has the same ``holder``'s name.
    """
    with ExitStack() as stack:
        database = stack.enter_context(open_store(shop.sell, shop.folder))
        yield stack.enter_context(own_desk(shop.sell, database, known_plans(database, shop.project), holder))


@contextmanager
def own_desk(sell: Sell, database: Database, book: PriceBook, holder: str = "") -> Iterator[LocalDesk]:
    """A desk within this process."""
    ledger = SqlLedger(database, book, time_zone=sell.time_zone, holder=holder)
    try:
        yield LocalDesk(ledger, month_ends=lambda: month_left(datetime.now(ZoneInfo(sell.time_zone))))
    finally:
        ledger.close()


def month_left(now: datetime) -> float:
    """Seconds until the month of ``now`` ends by its own clock."""
    begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (begins + timedelta(days=31)).replace(day=1)
    return ends.timestamp() - now.timestamp()


def main() -> None:
    """Give room and take charges until the parent says stop."""
    told = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with open_desk(Shop.kept(Path(told["shop"])), told["holder"]) as desk:
        attend(desk, told["socket"])


if __name__ == "__main__":
    main()
