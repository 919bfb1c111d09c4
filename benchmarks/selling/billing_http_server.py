"""The service that ``billing_http.py`` kills: two workers and their desk, over models that follow from the text alone.

    python -m benchmarks.selling.billing_http_server SHOP

It is put together as ``argosy serve`` does it, by the parts of a project that sells; ``SHOP`` is what ``Shop.keep``
wrote. Prints the address. The workers are this program, with a JSON object in the place of ``SHOP``.
"""

import json
import sys
from contextlib import closing
from pathlib import Path

from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator
from argosy.project.selling.desk import post
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.answers.work import Engine
from argosy.serve.running.workers import desk_socket, supervise, work
from argosy.serve.settings import Settings

WORKERS = 2


def be_parent(shop: Path) -> None:
    """Start everybody, and start again whoever dies, until told to stop."""
    with desk_socket() as (path, listening):
        told = {"shop": str(shop), "desk": str(path)}
        supervise(
            lambda number, figures: [
                sys.executable,
                __file__,
                json.dumps({**told, "socket": number, "figures": str(figures)}),
            ],
            WORKERS,
            Settings(port=0),
            lambda address: print(address, flush=True),
            desk=post(shop, listening),
        )


def be_worker(told: dict[str, str]) -> None:
    """Answer until the parent says stop."""
    settings = Settings(figures=Path(told["figures"]))
    engines: dict[str, Engine] = {
        "labels": EchoEngine(),
        "vectors": EchoEmbedder(dimensions=8),
        "texts": EchoGenerator(),
    }
    with closing(open_selling(Shop.kept(Path(told["shop"])), desk=Path(told["desk"]))) as selling:
        work(selling.app(engines, settings), settings, int(told["socket"]))


if __name__ == "__main__":
    if sys.argv[1].startswith("{"):
        be_worker(json.loads(sys.argv[1]))
    else:
        be_parent(Path(sys.argv[1]))
