"""The service that ``counting.py`` asks: one that sells, over an engine that takes no time, with its counts or without.

    python -m benchmarks.watching.counting_server SHOP counted|bare

``SHOP`` is what ``Shop.keep`` wrote. Prints the address once it answers.
"""

import sys
from contextlib import closing
from pathlib import Path

from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings
from argosy.store.feedback import FeedbackTable


def main(shop: Path, *, counts: bool) -> None:
    """Answer until told to stop."""
    settings, engines = Settings(port=0), {"mood": EchoEngine()}
    with closing(open_selling(Shop.kept(shop))) as selling:
        app = (
            selling.app(engines, settings)
            if counts
            else create_app(
                engines,
                settings,
                admission=selling.admission,
                releases=selling.releases,
                books=selling.books,
                batching=selling.batching,
                hearing=FeedbackTable(selling.database),
            )
        )
        serve(app, settings, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), counts=sys.argv[2] == "counted")
