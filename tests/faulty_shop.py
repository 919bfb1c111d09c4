"""A shop in a process of its own whose disk, database and clock fail it: ``python faulty_shop.py JSON``.

The JSON has ``folder``, ``store`` (a URL or null), ``settle_seconds`` and ``port``; the file ``skew`` in the folder has
the seconds by which the clock is wrong. It tells its address once it answers.
"""

import json
import sys
import time
from contextlib import closing
from pathlib import Path

from endless import Endless
from served_shop import print_address
from shops import shop_in

from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.parts import open_selling
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings


def main() -> None:
    """Serve until stopped."""
    told = json.loads(sys.argv[1])
    folder = Path(told["folder"])
    right, skew = time.time_ns, folder / "skew"

    def wrong() -> int:
        return right() + (int(skew.read_text()) * 10**9 if skew.exists() else 0)

    time.time_ns = wrong
    shop = shop_in(folder, settle_seconds=told["settle_seconds"], store=told["store"])
    settings = Settings(port=told["port"], stop_seconds=2)
    with closing(open_selling(shop)) as selling:
        serve(selling.app({"mood": EchoEngine(), "slow": Endless()}, settings), settings, print_address)


if __name__ == "__main__":
    main()
