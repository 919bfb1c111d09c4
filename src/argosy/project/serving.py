"""Serve a model over HTTP; run as a module, this is the server that the parity gate asks."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from argosy.core.artifact import damaged_files, open_artifact
from argosy.core.errors import GateError, ProjectError
from argosy.data.clean import LONGEST_TEXT
from argosy.infer.folder import NAME, describe
from argosy.infer.load import load
from argosy.project.places import CARD
from argosy.project.schema import Serve
from argosy.serve.app import create_app
from argosy.serve.run import serve
from argosy.serve.settings import Settings


def serve_model(model: Path, wishes: Serve, on_ready: Callable[[str], None], *, engine: str | None = None) -> None:
    """Answer for the model in ``model`` until told to stop; ``on_ready`` is given the address.

    Raises ProjectError when a licence forbids commercial use and the project file does not accept that, GateError when
    a file of the model is not what was built.
    """
    refuse_non_commercial(model, wishes)
    refuse_changed(model)
    classifier = load(model, engine)
    settings = Settings(
        host=wishes.host,
        port=wishes.port,
        max_texts=wishes.max_texts,
        max_body_bytes=wishes.max_body_kb * 1024,
        max_chars=LONGEST_TEXT,
    )
    serve(create_app({describe(model).name: classifier}, settings), settings, on_ready)


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


def refuse_changed(model: Path) -> None:
    """Raise GateError when what would be served is not what was measured; the model card may be edited."""
    changed = [name for name in damaged_files(open_artifact(model.resolve())) if name != CARD]
    if changed:
        raise GateError(
            "These files are not what was built and measured: {names}.",
            where=str(model),
            mend="Build the model again, or copy it again from where it was built.",
            names=", ".join(changed),
        )


def main() -> None:
    """``python -m argosy.project.serving MODEL``: a free port of the loopback, its address on standard output."""
    wishes = Serve(port=0, max_body_kb=256 * 1024, accept_non_commercial=True)
    serve_model(Path(sys.argv[1]), wishes, lambda address: print(address, flush=True))  # noqa: T201 - read by a pipe


if __name__ == "__main__":
    main()
