"""One of several serving processes: ``python -m argosy.project.selling.worker JSON``, started by the parent."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.config.bots import read_channels
from argosy.config.schema import FILE
from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.infer.folder import is_monitor, is_recommender, keeps_log
from argosy.infer.session import cores
from argosy.project.selling.served_models import engines_of, shown
from argosy.project.selling.shop import Shop
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.channels.parts import Channels
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.supported import Supported
from argosy.serve.running.tls import Tls
from argosy.serve.running.workers import Command, work
from argosy.serve.settings import Settings
from argosy.serve.wire.marking import PRODUCER, Marking

if TYPE_CHECKING:
    from argosy.store.database import Database

NAME = "argosy.project.selling.worker"


def command(
    model: Path,
    wishes: Serve,
    engine: str | None,
    shop: Path | None = None,
    desk: Path | None = None,
    *,
    home: Path | None = None,
) -> Command:
    """How a worker is started: the cores of the machine are shared out.

    Where it sells, ``shop`` is the file that a Shop is kept in, and ``desk`` the socket where it asks for room; else
    ``home`` is such a file, of the project whose store an assistant uses.
    """
    told = {
        "model": str(model),
        "wishes": wishes.model_dump(),
        "engine": engine,
        "threads": max(1, cores() // wishes.workers),
        "shop": str(shop) if shop else None,
        "desk": str(desk) if desk else None,
        "home": str(home) if home else None,
    }
    return lambda number, figures: [
        sys.executable,
        "-m",
        NAME,
        json.dumps({**told, "socket": number, "figures": str(figures)}),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The engines that a server answers for, and what stands behind channels, pages and other routes."""

    engines: Mapping[str, Engine]
    supported: Supported | None = None
    opined: Opined | None = None
    recommended: Recommended | None = None


@contextmanager
def opened(
    model: Path,
    wishes: Serve,
    engine: str | None = None,
    *,
    threads: int | None = None,
    home: Shop | None = None,
    database: "Database | None" = None,
) -> Iterator[Opened]:
    """What a server answers for while the block runs.

    Where the model keeps a log, and a project is its ``home``, it is a live one over the project's store.
    """
    live = home is not None and keeps_log(model)
    if home is None or not live:
        yield Opened(engines=engines_of(model, wishes, engine, threads))
        return
    from argosy.project.supporting.live import store_of

    with ExitStack() as stack:
        books = database or stack.enter_context(store_of(home))
        if is_monitor(model):
            from argosy.project.opining.serving import serving_opinion

            engines = engines_of(model, wishes, engine, threads)
            yield Opened(engines=engines, opined=stack.enter_context(serving_opinion(home, model, books)))
            return
        if is_recommender(model):
            from argosy.project.recommending.serving import serving_recommendations

            engines = engines_of(model, wishes, engine, threads)
            shown = stack.enter_context(serving_recommendations(home, model, books, threads=threads))
            yield Opened(engines=engines, recommended=shown)
            return
        from argosy.project.supporting.live import serving_live

        assistant = stack.enter_context(serving_live(home, model, books, threads=threads))
        engines = engines_of(model, wishes, engine, threads, opened=assistant.engine)
        assistant.rewrite_by(engines, home.project.support.rewrite)
        yield Opened(engines=engines, supported=assistant.desk)


def settings_of(wishes: Serve, model: Path, home: Shop | None = None) -> Settings:
    """The table ``[serve]`` as the service takes it, what is shown of the ``model``, and by which ways it is asked.

    Raises ProjectError for a file of robots' secrets in the project ``home`` that is not valid, or open to others.
    """
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
        channels=_channels(home) if home else Channels(),
    )


def _channels(home: Shop) -> Channels:
    wish = home.project.support
    return read_channels(home.folder / wish.bots, tuple(wish.origins))


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
    kept = told["shop"] or told["home"]
    home = Shop.kept(Path(kept)) if kept else None
    settings = replace(settings_of(wishes, model, home), figures=Path(told["figures"]))
    threads = told["threads"]
    if home is None or not told["shop"]:
        with opened(model, wishes, told["engine"], threads=threads, home=home) as found:
            app = create_app(
                found.engines, settings, supported=found.supported, opined=found.opined, recommended=found.recommended
            )
            work(app, settings, told["socket"])
        return
    from argosy.project.selling.parts import open_selling
    from argosy.project.watching.rounds import making_rounds

    with (
        closing(open_selling(home, desk=Path(told["desk"]), threads=threads)) as selling,
        opened(model, wishes, told["engine"], threads=threads, home=home, database=selling.database) as found,
        making_rounds(home, selling.database),
    ):
        app = selling.app(
            found.engines, settings, supported=found.supported, opined=found.opined, recommended=found.recommended
        )
        work(app, settings, told["socket"])


if __name__ == "__main__":
    main()
