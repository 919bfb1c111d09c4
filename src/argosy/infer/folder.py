"""Reads ``argosy.json``, which says what a model's folder holds and how its texts were read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from argosy.core.errors import MissingError
from argosy.core.extension import named, needed, open_needed
from argosy.infer.answers import Calibration

NAME = "argosy.json"
FORMAT = 1
ONNXRUNTIME = "onnxruntime"
OPENVINO = "openvino"
ASSISTANT = "support"
"""The kind of a folder that holds an assistant."""
MONITOR = "opinion"
"""The kind of a folder that holds an opinion monitor: a classifier of sentiments, with one of ``TOPICS`` beside it."""
RECOMMENDER = "recommend"
"""The kind of a folder that holds a recommender: an encoder, if any, and what its lists are made by."""
TOPICS = "topic"
"""Where a monitor's folder has its model of topics, if any."""
_AGAIN = "Build the model again with `argosy run`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A text and the logits that the served engine gave for it when the model was built; ``fp32`` are those of fp32."""

    text: str
    logits: tuple[float, ...]
    fp32: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """How one engine runs: its ``file`` (None: the folder itself, in torch), by which ``runtime``, and how.

    ``threads`` and ``tokens`` (of a batch, padding included) are what a measured trial chose at build time; None: the
    runtime's own choice.
    """

    file: Path | None
    runtime: str = ONNXRUNTIME
    threads: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A model: ``engines`` says of each engine by name how it runs.

    ``calibrations`` has an entry for each engine; folders written before there was one get probabilities as trained.
    ``built_on`` is the machine that the probes were answered on, where it was stored.
    """

    path: Path
    name: str
    labels: tuple[str, ...]
    text_steps: tuple[str, ...]
    max_length: int
    served: str
    engines: Mapping[str, Graph]
    calibrations: Mapping[str, Calibration]
    probes: tuple[Probe, ...]
    built_on: Mapping[str, Any] | None = None


def files_of(graph: Path) -> list[Path]:
    """The files of a graph: itself, and the weights that some formats keep beside it."""
    beside = (graph.with_name(f"{graph.name}.data"), graph.with_suffix(".bin"))
    return [graph, *(path for path in beside if path.is_file())]


def is_assistant(folder: Path) -> bool:
    """Whether the folder holds an assistant."""
    return _kind(folder) == ASSISTANT


def is_monitor(folder: Path) -> bool:
    """Whether the folder holds an opinion monitor."""
    return _kind(folder) == MONITOR


def is_recommender(folder: Path) -> bool:
    """Whether the folder holds a recommender."""
    return _kind(folder) == RECOMMENDER


def keeps_log(folder: Path) -> bool:
    """Whether what serves the folder keeps a log of its own: an assistant, a monitor, a recommender."""
    return _kind(folder) in {ASSISTANT, MONITOR, RECOMMENDER}


def _kind(folder: Path) -> str | None:
    file = folder / NAME
    return json.loads(file.read_text(encoding="utf-8")).get("kind") if file.is_file() else None


def told(folder: Path) -> dict[str, Any]:
    """What the model's ``argosy.json`` says, as it stands; raises MissingError when it is missing or says nothing."""
    file = folder / NAME
    if not file.is_file():
        raise MissingError("There is no model here: {name} is missing.", where=str(folder), mend=_AGAIN, name=NAME)
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise _unread(file, error) from error


def write(folder: Path, description: Mapping[str, Any]) -> None:
    """Write ``argosy.json``, with the extensions that the model's text steps come from."""
    extensions = needed(description.get("text_steps", ()))
    text = json.dumps({**description, "extensions": extensions}, ensure_ascii=False, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def describe(folder: Path) -> Description:
    """The description of the model in ``folder``, whose extensions are opened.

    Raises MissingError when the folder is no whole model, or was built with an extension that is not here; ProjectError
    when that is other code than this process has opened, or names a step like another that is open.
    """
    kept = told(folder)
    try:
        if kept.get("extensions"):
            open_needed(kept["extensions"], str(folder / NAME))
            named("steps", {})  # each given once, also where models of several projects are served
        description = _read(folder, kept)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unread(folder / NAME, error) from error
    for graph in description.engines.values():
        if graph.file is not None and not graph.file.is_file():
            raise MissingError("The model is not whole: this file is missing.", where=str(graph.file), mend=_AGAIN)
    return description


def _unread(file: Path, error: Exception) -> MissingError:
    return MissingError(
        "This is no description of a model: {reason}.", where=str(file), mend=_AGAIN, reason=repr(error)
    )


def _read(folder: Path, kept: Mapping[str, Any]) -> Description:
    if kept["format"] != FORMAT:
        raise MissingError(
            "The model has format {found}; this version reads format {expected}.",
            where=str(folder / NAME),
            mend="Use the version of Argosy that made it, or build it again with this one.",
            found=kept["format"],
            expected=FORMAT,
        )
    engines = {name: _graph(folder, engine) for name, engine in kept["engines"].items()}
    if kept["served"] not in engines:
        raise KeyError(kept["served"])
    return Description(
        path=folder,
        name=str(kept["name"]),
        labels=tuple(map(str, kept["labels"])),
        text_steps=tuple(map(str, kept["text_steps"])),
        max_length=int(kept["max_length"]),
        served=str(kept["served"]),
        engines=MappingProxyType(engines),
        calibrations=MappingProxyType({name: _calibration(name, kept) for name in engines}),
        probes=tuple(map(_probe, kept.get("probes", ()))),
        built_on=kept.get("built_on"),
    )


def _probe(kept: Mapping[str, Any]) -> Probe:
    fp32 = kept.get("fp32")
    return Probe(text=str(kept["text"]), logits=tuple(kept["logits"]), fp32=None if fp32 is None else tuple(fp32))


def _graph(folder: Path, engine: Mapping[str, Any]) -> Graph:
    return Graph(
        file=folder / engine["file"] if "file" in engine else None,
        runtime=str(engine.get("runtime", ONNXRUNTIME)),
        threads=engine.get("threads"),
        tokens=engine.get("tokens"),
    )


def _calibration(name: str, kept: Mapping[str, Any]) -> Calibration:
    """The engine's own temperature and threshold; that of ``selective`` was fitted for the served engine alone."""
    engine, selective = kept["engines"][name], kept.get("selective") or {}
    if selective and not 0 < selective["error"] < 1:
        raise ValueError(selective["error"])
    threshold = engine.get("threshold", selective.get("threshold") if name == kept["served"] else None)
    return Calibration(
        temperature=float(engine.get("temperature", 1.0)), threshold=None if threshold is None else float(threshold)
    )
