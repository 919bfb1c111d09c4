"""Serve a model over HTTP; run as a module, this is the server that the parity gate asks."""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from ipaddress import ip_address
from pathlib import Path

from argosy.config.places import find_model
from argosy.config.serve import Serve
from argosy.core.errors import MissingError, ProjectError
from argosy.infer.folder import NAME
from argosy.project.selling import desk
from argosy.project.selling.parts import open_selling
from argosy.project.selling.served_models import engines_of
from argosy.project.selling.shop import Shop, make_ready
from argosy.project.selling.worker import command, settings_of
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.running.workers import desk_socket, supervise


def serve_model(
    model: Path,
    wishes: Serve,
    on_ready: Callable[[str], None],
    *,
    engine: str | None = None,
    shop: Shop | None = None,
) -> None:
    """Answer for the model in ``model`` until told to stop; ``on_ready`` is given the address.

    With a ``shop`` only keys of its tenants are let in, and what they ask is charged; without one everybody is.

    Raises ProjectError when a licence forbids commercial use and the project file does not accept that, GateError when
    a file of the model that is needed is not what was built.
    """
    refuse_non_commercial(model, wishes)
    settings = settings_of(wishes)
    if shop:
        make_ready(shop)
    with ExitStack() as stack:
        if wishes.workers > 1 and shop:
            path, listening = stack.enter_context(desk_socket())
            kept = path.with_name("shop.json")
            shop.keep(kept)
            told = command(model, wishes, engine, kept, path)
            supervise(told, wishes.workers, settings, on_ready, desk=desk.post(kept, listening))
            return
        if wishes.workers > 1:
            supervise(command(model, wishes, engine), wishes.workers, settings, on_ready)
            return
        engines = engines_of(model, wishes, engine)
        selling = stack.enter_context(closing(open_selling(shop))) if shop else None
        serve(selling.app(engines, settings) if selling else create_app(engines, settings), settings, on_ready)


def refuse_open(host: str) -> None:
    """Raise ProjectError for an address beyond this machine: without keys everybody there might ask."""
    try:
        near = ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    if not near:
        raise ProjectError(
            "At the address {host} everybody who reaches this machine could ask, without a key.",
            where="argosy serve",
            mend="Sell with keys: add the table [sell] to the project file; or serve without them: --open",
            host=host,
        )


def refuse_serving(folder: Path) -> None:
    """Raise MissingError for a model over columns, which the HTTP service does not answer for."""
    if "columns" in json.loads((find_model(folder) / NAME).read_text(encoding="utf-8")):
        raise MissingError(
            "This model reads columns of numbers, and the server answers texts.",
            where=str(folder),
            mend="Ask it with: argosy predict {folder} FILE",
            folder=folder,
        )


def refuse_non_commercial(model: Path, wishes: Serve) -> None:
    """Raise ProjectError for a base model or data under a non-commercial licence that nobody has accepted."""
    if wishes.accept_non_commercial:
        return
    description = json.loads((model / NAME).read_text(encoding="utf-8"))
    base, data = description.get("base"), description["data"]
    mend = "Choose another, or accept this in the project file: accept_non_commercial = true"
    if base and base["non_commercial"]:
        raise ProjectError(
            "The base model {name} is under {licence}, which forbids commercial use.",
            where="argosy.toml, [serve]",
            mend=mend,
            name=base["name"],
            licence=base["licence"],
        )
    if data["non_commercial"]:
        raise ProjectError(
            "The data are under {licence}, which forbids commercial use.",
            where="argosy.toml, [serve]",
            mend=mend,
            licence=data["name"],
        )


def main() -> None:
    """``python -m argosy.project.selling.serving MODEL``: a free port of the loopback, its address on stdout."""
    wishes = Serve(port=0, max_body_kb=256 * 1024, accept_non_commercial=True)
    serve_model(Path(sys.argv[1]), wishes, lambda address: print(address, flush=True))  # noqa: T201 - read by a pipe


if __name__ == "__main__":
    main()
