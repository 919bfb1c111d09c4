"""The models that one server answers for beside the project's own: the table ``[serve] models``."""

from pathlib import Path
from typing import Any

from argosy.config.places import find_model
from argosy.config.schema import FILE
from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.infer.engines.cross import is_reranker, open_reranker
from argosy.infer.engines.embed import is_encoder, open_embedder
from argosy.infer.engines.gguf import open_gguf
from argosy.infer.folder import NAME, describe, is_assistant, is_recommender, told
from argosy.infer.load import load
from argosy.models.source import gguf_file
from argosy.project.selling.allowed import refuse_columns, refuse_non_commercial
from argosy.project.using.encoders import encoder
from argosy.project.using.text import open_generator
from argosy.serve.answers.work import Engine


def prepared(wishes: Serve, folder: Path, cache: Path) -> Serve:
    """The same wishes with each of their models as a place that ``open_model`` opens, in any process and at once.

    A model is named as a project, a model's folder, a GGUF file or a base model that embeds texts (``package:NAME``, a
    folder, a hub id), paths relative to ``folder``; the last is exported the first time, which needs torch. Raises
    MissingError when one is not there, ProjectError when its licence forbids commercial use and nobody accepted that.
    """
    places = {name: str(_place(model, folder, cache)) for name, model in wishes.models.items()}
    for place in places.values():
        refuse_non_commercial(Path(place), wishes)
    return wishes.model_copy(update={"models": places})


def engines_of(
    model: Path, wishes: Serve, engine: str | None = None, threads: int | None = None, *, opened: Engine | None = None
) -> dict[str, Engine]:
    """The engines that a server answers for, by name: the one of ``model`` first, then those of prepared ``wishes``.

    ``opened`` is the first one where it is there already.

    Raises ProjectError when two have one name, and what ``open_model`` raises.
    """
    own = str(told(model)["name"])
    if own in wishes.models:
        raise ProjectError(
            "Two models have the name {name!r}.",
            where="argosy.toml, [serve] models",
            mend="It is that of the project; choose another for the one beside it.",
            name=own,
        )
    beside = {name: open_model(Path(place), threads=threads) for name, place in wishes.models.items()}
    if is_recommender(model):  # what makes lists is no engine; its encoder answers too, where it has one
        encoder = model / "encoder"
        return {own: open_embedder(encoder, threads=threads), **beside} if encoder.is_dir() else beside
    return {own: opened or open_model(model, engine, threads=threads), **beside}


def shown(model: Path) -> dict[str, Any] | None:
    """What a service's pages show of a model; None where its product has none, or it is older than they are."""
    description = told(model)
    if "product" not in description:
        return None
    of_model = {"model": description["name"], **{key: description[key] for key in ("labels", "languages")}}
    return {**description["product"], **of_model}


def open_model(place: Path, engine: str | None = None, *, threads: int | None = None) -> Engine:
    """The engine of a model's folder or GGUF file, whatever its kind; ``engine`` names another than the served one.

    Raises MissingError when there is none, GateError when a file of it is not what was built.
    """
    if place.is_file():
        return open_gguf(place, threads=threads)
    if is_assistant(place):
        from argosy.assist.folder import open_assistant  # others hold nothing of it in memory

        return open_assistant(place, threads=threads)
    if is_encoder(place):
        return open_embedder(place, threads=threads)
    if is_reranker(place):
        return open_reranker(place, threads=threads)
    return load(place, engine, threads) if describe(place).labels else open_generator(str(place), engine=engine)


def _place(model: str, folder: Path, cache: Path) -> Path:
    place = (folder / Path(model).expanduser()).resolve()
    if (place / NAME).is_file() or (place / FILE).is_file():
        found = find_model(place).resolve()
        refuse_columns(found)
        return found
    return gguf_file(model, folder) or encoder(model, folder, cache)
