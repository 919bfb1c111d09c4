"""``argosy serve``: the model over HTTP, in an install without torch."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from argosy.config import file, schema
from argosy.config.places import default_cache, find_model
from argosy.config.schema import Project
from argosy.config.serve import Serve
from argosy.project.selling.allowed import refuse_columns
from argosy.project.selling.served_models import prepared
from argosy.project.selling.serving import refuse_open, serve_model
from argosy.project.selling.shop import Shop, first_key
from argosy.ui.speech import note, t

_ROLES = {"support": "agent", "opinion": "annotator"}  # of the people who work behind what serves, by task
_CLASSIFIER, _USUAL = "classify", ("/v1/classify", '{"input": "…"}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was said on the command line; None is the project's."""

    host: str | None = None
    port: int | None = None
    workers: int | None = None
    engine: str | None = None
    keyless: bool = False


def serve(folder: Path, wishes: Wishes) -> None:
    """Listen until ctrl-C or SIGTERM, then finish what is in flight."""
    project = file.load(folder) if (folder / schema.FILE).is_file() else None
    told = {"host": wishes.host, "port": wishes.port, "workers": wishes.workers}
    given = {name: value for name, value in told.items() if value is not None}
    wanted = project.serve if project else Serve()
    files = {"tls_certificate": wanted.tls_certificate, "tls_key": wanted.tls_key}
    placed = {name: str((folder / path).resolve()) for name, path in files.items() if path is not None}
    settings = prepared(wanted.model_copy(update=given | placed), folder, default_cache())
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = find_model(folder)
    refuse_columns(model)
    shop = _shop(project, folder, settings, wishes)
    home = Shop(project=project, folder=folder) if project and project.keeps_log else None
    serve_model(model, settings, _told(project, shop, folder), engine=wishes.engine, shop=shop, home=home)
    note(t("Stopped; every request in flight was answered."))


def _shop(project: Project | None, folder: Path, settings: Serve, wishes: Wishes) -> Shop | None:
    """What sells, unless nothing does."""
    if project and project.sell and not wishes.keyless:
        return Shop(project=project, folder=folder)
    if not wishes.keyless:
        refuse_open(settings.host)
    return None


def _told(project: Project | None, shop: Shop | None, folder: Path) -> Callable[[str], None]:
    """What is said once requests are answered: where, how to ask, and with which key where nobody has one yet."""

    def ready(address: str) -> None:
        note(t("serving    {address}    pages: {address}/docs    ctrl-C stops").format(address=address))
        issued = first_key(shop) if shop else None
        if issued:
            note(t("first key  {secret}    it is shown this once").format(secret=issued.secret))
            role = _ROLES.get(project.task) if project else None
            if role:
                said = t("people     {address}/admin    their keys: argosy key create --role {role} --in {folder}")
                note(said.format(address=address, role=role, folder=folder))
        key = f" -H 'authorization: Bearer {issued.secret if issued else '$KEY'}'" if shop else ""
        route, body = _example(project)
        note(f"  curl {address}{route}{key} -H 'content-type: application/json' -d '{body}'")

    return ready


def _example(project: Project | None) -> tuple[str, str]:
    """A route that the project's model answers at, and what to ask there; of a model alone, the classifier's.

    Other products are asked for theirs, which brings what builds them into the memory of the server.
    """
    if project is None or project.product_name == _CLASSIFIER:
        return _USUAL
    from argosy.project.building.build import product_of

    known = product_of(project).routes(project)
    return (known[0].path, known[0].ask) if known else _USUAL
