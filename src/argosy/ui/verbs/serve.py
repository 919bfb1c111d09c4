"""``argosy serve``: the model over HTTP, in an install without torch."""

import logging
from pathlib import Path

from argosy.project import file, schema
from argosy.project.places import find_model
from argosy.project.schema import Serve
from argosy.project.serving import refuse_serving, serve_model
from argosy.ui.speech import note, t


def serve(folder: Path, host: str | None, port: int | None, engine: str | None, workers: int | None) -> None:
    """Listen until ctrl-C or SIGTERM, then finish what is in flight."""
    wishes = file.load(folder).serve if (folder / schema.FILE).is_file() else Serve()
    told = {"host": host, "port": port, "workers": workers}
    given = {name: value for name, value in told.items() if value is not None}
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    refuse_serving(folder)
    serve_model(find_model(folder), wishes.model_copy(update=given), _ready, engine=engine)
    note(t("Stopped; every request in flight was answered."))


def _ready(address: str) -> None:
    note(t("serving    {address}    pages: {address}/docs    ctrl-C stops").format(address=address))
    note(f"""  curl {address}/v1/classify -H 'content-type: application/json' -d '{{"input": "…"}}'""")
