"""Which models may be served: those that read texts, under licences that nobody has to break."""

from collections.abc import Iterator
from pathlib import Path

from argosy.config.schema import FILE
from argosy.config.serve import Serve
from argosy.core.errors import MissingError, ProjectError
from argosy.data.files.gguf import read_header
from argosy.infer.folder import told
from argosy.models import licence


def refuse_columns(model: Path) -> None:
    """Raise MissingError for a model over columns, which the HTTP service does not answer for."""
    if "columns" in told(model):
        raise MissingError(
            "This model reads columns of numbers, and the server answers texts.",
            where=str(model),
            mend="Ask it with: argosy predict {folder} FILE",
            folder=model,
        )


def refuse_non_commercial(model: Path, wishes: Serve) -> None:
    """Raise ProjectError for a model, a base or data under a non-commercial licence that nobody has accepted."""
    if wishes.accept_non_commercial:
        return
    for name, found in _forbidding(model):
        raise ProjectError(
            "{name} is under {licence}, which forbids commercial use.",
            where=f"{FILE}, [serve]",
            mend="Choose another, or accept this in the project file: accept_non_commercial = true",
            name=name,
            licence=found,
        )


def _forbidding(model: Path) -> Iterator[tuple[str, str]]:
    """What a model is made of that forbids commercial use, by name, with its licence."""
    if model.is_file():
        said = licence.judge(read_header(model).get("general.license"))
        if said.non_commercial:
            yield model.name, said.name
        return
    facts = told(model)
    base, data = facts.get("base") or {}, facts["data"]
    if base.get("non_commercial"):
        yield base["name"], base["licence"]
    if data["non_commercial"]:
        yield f"{facts['name']} [data]", data["name"]
