"""One of several serving processes: ``python -m argosy.project.selling.worker JSON``, started by the parent."""

import json
import logging
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from argosy.config.schema import FILE
from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.infer.session import cores
from argosy.project.selling.served_models import engines_of, shown
from argosy.project.selling.shop import Shop
from argosy.serve.app import create_app
from argosy.serve.running.tls import Tls
from argosy.serve.running.workers import Command, work
from argosy.serve.settings import Settings
from argosy.serve.wire.marking import PRODUCER, Marking

NAME = "argosy.project.selling.worker"


def command(
    model: Path, wishes: Serve, engine: str | None, shop: Path | None = None, desk: Path | None = None
) -> Command:
    """How a worker is started: the cores of the machine are shared out.

    Where it sells, ``shop`` is the file that a Shop is kept in, and ``desk`` the socket where it asks for room.
    """
    told = {
        "model": str(model),
        "wishes": wishes.model_dump(),
        "engine": engine,
        "threads": max(1, cores() // wishes.workers),
        "shop": str(shop) if shop else None,
        "desk": str(desk) if desk else None,
    }
    return lambda number, figures: [
        sys.executable,
        "-m",
        NAME,
        json.dumps({**told, "socket": number, "figures": str(figures)}),
    ]


def settings_of(wishes: Serve, model: Path) -> Settings:
    """The table ``[serve]`` as the service takes it, and what is shown of the ``model``."""
    return Settings(
        host=wishes.host,
        port=wishes.port,
        max_texts=wishes.max_texts,
        max_body_bytes=wishes.max_body_kb * 1024,
        cache=wishes.cache,
        timing=wishes.timing,
        otlp=wishes.otlp,
        marking=Marking(where=wishes.label_generated, words=wishes.label_text, producer=wishes.producer or PRODUCER),
        tls=_tls(wishes),
        shown=shown(model),
    )


def _tls(wishes: Serve) -> Tls | None:
    """The files as absolute paths; raises ProjectError for a key without a certificate."""
    if wishes.tls_certificate is None:
        if wishes.tls_key is not None:
            raise ProjectError(
                "There is a key without its certificate.", where=f"{FILE}, [serve]", mend='Add: tls_certificate = "…"'
            )
        return None
    key = Path(wishes.tls_key) if wishes.tls_key else None
    return Tls(certificate=Path(wishes.tls_certificate), key=key)


def main() -> None:
    """Answer until the parent says stop."""
    told = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = Path(told["model"])
    wishes = Serve(**told["wishes"])
    settings = replace(settings_of(wishes, model), figures=Path(told["figures"]))
    engines = engines_of(model, wishes, told["engine"], told["threads"])
    if told["shop"] is None:
        work(create_app(engines, settings), settings, told["socket"])
        return
    from argosy.project.selling.parts import open_selling
    from argosy.project.watching.rounds import making_rounds

    shop = Shop.kept(Path(told["shop"]))
    with (
        closing(open_selling(shop, desk=Path(told["desk"]), threads=told["threads"])) as selling,
        making_rounds(shop, selling.database),
    ):
        work(selling.app(engines, settings), settings, told["socket"])


if __name__ == "__main__":
    main()
