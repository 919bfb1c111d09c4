"""Serve a model over HTTP; run as a module, this is the server that the parity gate asks."""

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from ipaddress import ip_address
from pathlib import Path

from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.project.selling.allowed import refuse_non_commercial
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
    settings = settings_of(wishes, model)
    if shop:
        make_ready(shop)
    with ExitStack() as stack:
        if wishes.workers > 1 and shop:
            from argosy.project.selling import desk

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
        if shop is None:
            serve(create_app(engines, settings), settings, on_ready)
            return
        from argosy.project.selling.parts import open_selling
        from argosy.project.watching.rounds import making_rounds

        selling = stack.enter_context(closing(open_selling(shop)))
        stack.enter_context(making_rounds(shop, selling.database))
        serve(selling.app(engines, settings), settings, on_ready)


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


def main() -> None:
    """``python -m argosy.project.selling.serving MODEL``: a free port of the loopback, its address on stdout."""
    wishes = Serve(port=0, max_body_kb=256 * 1024, accept_non_commercial=True)
    serve_model(Path(sys.argv[1]), wishes, lambda address: print(address, flush=True))  # noqa: T201 - read by a pipe


if __name__ == "__main__":
    main()
