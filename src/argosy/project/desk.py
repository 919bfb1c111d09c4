"""The process that holds the ledger and the limits for all workers: ``python -m argosy.project.desk JSON``."""

import json
import logging
import secrets
import socket
import sys

from argosy.project.selling import Shop, open_desk
from argosy.serve.workers import Post, attend

NAME = "argosy.project.desk"


def post(shop: Shop, listening: socket.socket) -> Post:
    """How the desk is started, and started again under the same name."""
    told = {"shop": shop.told(), "holder": secrets.token_hex(8)}
    return Post(
        listening=listening,
        command=lambda number: [sys.executable, "-m", NAME, json.dumps({**told, "socket": number})],
    )


def main() -> None:
    """Give room and take charges until the parent says stop."""
    told = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with open_desk(Shop.of(told["shop"]), told["holder"]) as desk:
        attend(desk, told["socket"])


if __name__ == "__main__":
    main()
