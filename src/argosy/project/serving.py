"""Serve a model over HTTP; run as a module, this is the server that the parity gate asks."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from argosy.core.errors import MissingError, ProjectError
from argosy.infer.folder import NAME, describe
from argosy.infer.load import load
from argosy.project.places import find_model
from argosy.project.schema import Serve
from argosy.project.worker import command, settings_of
from argosy.serve.app import create_app
from argosy.serve.run import serve
from argosy.serve.workers import supervise


def serve_model(model: Path, wishes: Serve, on_ready: Callable[[str], None], *, engine: str | None = None) -> None:
    """Answer for the model in ``model`` until told to stop; ``on_ready`` is given the address.

    Raises ProjectError when a licence forbids commercial use and the project file does not accept that, GateError when
    a file of the model that is needed is not what was built.
    """
    refuse_non_commercial(model, wishes)
    settings = settings_of(wishes)
    if wishes.workers > 1:
        supervise(command(model, wishes, engine), wishes.workers, settings, on_ready)
        return
    classifier = load(model, engine)
    serve(create_app({describe(model).name: classifier}, settings), settings, on_ready)


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
    """``python -m argosy.project.serving MODEL``: a free port of the loopback, its address on standard output."""
    wishes = Serve(port=0, max_body_kb=256 * 1024, accept_non_commercial=True)
    serve_model(Path(sys.argv[1]), wishes, lambda address: print(address, flush=True))  # noqa: T201 - read by a pipe


if __name__ == "__main__":
    main()
