"""Serve a model over HTTP; run as a module, this is the server that the parity gate asks."""

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.infer.folder import keeps_log
from argosy.project.selling.allowed import refuse_non_commercial
from argosy.project.selling.shop import Shop, make_home, make_ready
from argosy.project.selling.worker import command, opened, settings_of
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
    home: Shop | None = None,
) -> None:
    """Answer for the model in ``model`` until told to stop; ``on_ready`` is given the address.

    With a ``shop`` only keys of its tenants are let in, and what they ask is charged; without one everybody is. An
    assistant or a monitor keeps what it hears in the store of the ``shop``, else in that of the project ``home``.

    Raises ProjectError when a licence forbids commercial use and the project file does not accept that, GateError when
    a file of the model that is needed is not what was built.
    """
    refuse_non_commercial(model, wishes)
    settings = settings_of(wishes, model, shop or home)
    if shop:
        make_ready(shop)
    with ExitStack() as stack:
        if wishes.workers > 1:
            _supervise(stack, model, wishes, on_ready, engine=engine, shop=shop, home=home)
        elif shop is None:
            found = stack.enter_context(opened(model, wishes, engine, home=home))
            app = create_app(
                found.engines, settings, supported=found.supported, opined=found.opined, recommended=found.recommended
            )
            serve(app, settings, on_ready)
        else:
            from argosy.project.selling.parts import open_selling
            from argosy.project.watching.rounds import making_rounds

            selling = stack.enter_context(closing(open_selling(shop)))
            found = stack.enter_context(opened(model, wishes, engine, home=shop, database=selling.database))
            stack.enter_context(making_rounds(shop, selling.database))
            app = selling.app(
                found.engines, settings, supported=found.supported, opined=found.opined, recommended=found.recommended
            )
            serve(app, settings, on_ready)


def _supervise(
    stack: ExitStack,
    model: Path,
    wishes: Serve,
    on_ready: Callable[[str], None],
    *,
    engine: str | None,
    shop: Shop | None,
    home: Shop | None,
) -> None:
    """Let several processes answer; what they need of a project stands in files of the owner's alone."""
    settings = settings_of(wishes, model, shop or home)
    if shop is None:
        kept = None
        if home is not None and keeps_log(model):
            make_home(home)
            kept = Path(stack.enter_context(TemporaryDirectory(prefix="argosy-"))) / "home.json"
            home.keep(kept)
        supervise(command(model, wishes, engine, home=kept), wishes.workers, settings, on_ready)
        return
    from argosy.project.selling import desk

    path, listening = stack.enter_context(desk_socket())
    kept = path.with_name("shop.json")
    shop.keep(kept)
    told = command(model, wishes, engine, kept, path)
    supervise(told, wishes.workers, settings, on_ready, desk=desk.post(kept, listening))


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
