"""A process that makes rounds until it is killed: ``python killable_rounds.py SHOP TIME``, the file of a kept shop."""

import sys
import time
from pathlib import Path

from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.rounds import making_rounds


def main() -> None:
    """At a time that stands still."""
    shop = Shop.kept(Path(sys.argv[1]))
    with open_store(shop.sell, shop.folder) as database, making_rounds(shop, database, clock=lambda: int(sys.argv[2])):
        time.sleep(60)  # until the test kills it, while the rounds go on in their threads


if __name__ == "__main__":
    main()
