"""Opens a model's folder as a classifier."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from argosy.core.engine import Classifier
from argosy.core.errors import GateError, MissingError
from argosy.infer.answers import Calibration
from argosy.infer.batches import Floats
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.openvino import open_openvino
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.folder import NAME, OPENVINO, Description, Graph, describe, files_of
from argosy.infer.intact import refuse_damaged
from argosy.infer.processor import built_on
from argosy.infer.room import check_room
from argosy.infer.tokens import Tokenizer

_LOG = logging.getLogger(__name__)
LINEAR = "linear"
TORCH = "torch"
FP32 = "onnx-fp32"
PROBE_TOLERANCE = 0.05  # other kernels round otherwise; saturated ones are off by whole units
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "config.json")


class LogitClassifier(Classifier, Protocol):
    """A Classifier that also tells its scores before the softmax, as parity gates compare them: never calibrated."""

    @property
    def calibration(self) -> Calibration:
        """The temperature and the threshold that ``classify`` applies."""
        ...

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FallenBack(TransformerClassifier):
    """The fp32 graph in the place of the served one, slower; ``fallback`` says what is wrong with that one here."""

    fallback: GateError


def fallback(classifier: Classifier) -> GateError | None:
    """Why fp32 stands in for the engine that the model serves, to be said to whoever runs it; None: it does not."""
    return classifier.fallback if isinstance(classifier, FallenBack) else None


def load(folder: Path, engine: str | None = None, threads: int | None = None) -> LogitClassifier:
    """The classifier of a model's folder: the served engine, or the one named.

    ``threads`` None takes what the model's trial chose, or else every core this process may use. Where the served
    engine does not answer its probes as it did where it was built, the fp32 graph answers in its place, as a
    FallenBack and with a warning in the log, if its own probes hold and no engine was named. Raises MissingError when
    the folder is no whole model, has no labels or no such engine, or when an engine is asked for whose packages are not
    installed; GateError when a file that is loaded is not what was built, or no engine answers its probes; MachineError
    when memory is short.
    """
    refuse_damaged(folder, [folder / NAME])
    description = describe(folder)
    if not description.labels:
        raise MissingError(
            "This model has no labels to give.",
            where=str(folder),
            mend="A model that writes goes on with a text: argosy generate {folder} TEXT",
            folder=folder,
        )
    name = engine or description.served
    if name not in description.engines:
        raise MissingError(
            "The model has no engine {name!r}; it has {names}.",
            where=str(folder),
            mend="Name one of these, or none for the one that is served ({served}).",
            name=name,
            names=", ".join(description.engines),
            served=description.served,
        )
    classifier = _open(description, name, threads)
    if name != description.served:
        return classifier
    reason = _otherwise(classifier, description)
    if reason is None:
        return classifier
    other = None if engine else _fallen_back(description, reason, threads)
    if other is None:
        raise reason
    _LOG.warning("%s %s answers in its place, slower.", reason, FP32)
    return other


def ask_probes(folder: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The ``probes`` of ``argosy.json``: what the served engine and, where it is another graph, fp32 answer here."""
    description = describe(folder)
    names = {"logits": description.served}
    if _has_twin(description):
        names["fp32"] = FP32
    told = {key: _open(description, name, None).logits(texts).tolist() for key, name in names.items()}
    return [{"text": text, **{key: rows[place] for key, rows in told.items()}} for place, text in enumerate(texts)]


def _open(description: Description, name: str, threads: int | None) -> LogitClassifier:
    graph, calibration = description.engines[name], description.calibrations[name]
    if name != LINEAR or graph.file is None:
        return _open_transformer(description, name, threads)
    _check(description.path, graph, ())
    steps, threads = description.text_steps, threads or graph.threads
    return LinearClassifier(graph.file, text_steps=steps, threads=threads, calibration=calibration)


def _open_transformer(description: Description, name: str, threads: int | None) -> TransformerClassifier:
    graph = description.engines[name]
    _check(description.path, graph, [description.path / file for file in _TOKENIZER])
    engine = _open_graph(description, name, threads or graph.threads)
    tokens = graph.tokens or engine.run_tokens
    return replace(engine, calibration=description.calibrations[name], run_tokens=tokens)


def _check(folder: Path, graph: Graph, reads: Sequence[Path]) -> None:
    """Raise GateError or MachineError when a file to load is damaged or memory is short."""
    weights = sorted(folder.glob("*.safetensors")) if graph.file is None else files_of(graph.file)
    refuse_damaged(folder, [*weights, *reads])
    check_room(weights, TORCH if graph.file is None else graph.runtime)


def _open_graph(description: Description, name: str, threads: int | None) -> TransformerClassifier:
    graph = description.engines[name]
    tokenizer = Tokenizer.load(description.path, max_length=description.max_length)
    if graph.file is None:
        return _torch(description, tokenizer)
    opened = open_openvino if graph.runtime == OPENVINO else open_onnx
    return opened(
        graph.file,
        name=name,
        tokenizer=tokenizer,
        labels=description.labels,
        text_steps=description.text_steps,
        threads=threads,
    )


def _has_twin(description: Description) -> bool:
    """Whether the served engine is a smaller or faster form of the fp32 graph."""
    return FP32 in description.engines and description.served not in {FP32, TORCH, LINEAR}


def _otherwise(classifier: LogitClassifier, description: Description) -> GateError | None:
    """What is wrong where the served engine does not answer its probes here as where it was measured.

    Eight-bit products saturate on processors without the instructions for them, and no library says so.
    """
    gap = _gap(classifier, description, [probe.logits for probe in description.probes])
    if gap <= PROBE_TOLERANCE:
        return None
    return GateError(
        "On this processor ({here}) {engine} answers otherwise than where it was measured ({there}): logits differ by "
        "{gap}.",
        where=str(description.path),
        mend="Build the model on this kind of machine, or serve another engine: --engine onnx-fp32",
        engine=classifier.name,
        gap=round(gap, 3),
        here=_told(built_on()),
        there=_told(description.built_on or {}),
    )


def _fallen_back(description: Description, reason: GateError, threads: int | None) -> FallenBack | None:
    """The fp32 graph in the place of the served one, if its own probes hold."""
    known = [probe.fp32 for probe in description.probes if probe.fp32 is not None]
    if not _has_twin(description) or len(known) < len(description.probes):
        return None
    engine = _open_transformer(description, FP32, threads)
    if not _gap(engine, description, known) <= PROBE_TOLERANCE:
        return None
    parts = {field.name: getattr(engine, field.name) for field in fields(engine)}
    return FallenBack(**parts, fallback=reason)


def _gap(classifier: LogitClassifier, description: Description, known: Sequence[Sequence[float]]) -> float:
    """The largest difference of a probe's logit from the one known; 0 without probes."""
    texts = [probe.text for probe in description.probes]
    return float(np.abs(classifier.logits(texts) - np.array(known)).max()) if texts else 0.0


def _told(machine: Mapping[str, Any]) -> str:
    """The machine in a word or some."""
    return " ".join([str(machine.get("machine", "?")), *machine.get("instructions", ())])


def _torch(description: Description, tokenizer: Tokenizer) -> TransformerClassifier:
    try:
        from argosy.infer.engines.torch_engine import open_torch
    except ModuleNotFoundError as error:
        raise MissingError(
            "The torch engine needs {name}, which is not installed.",
            mend="pip install 'argosy[train]', or use the engine that is served.",
            name=error.name,
        ) from error
    return open_torch(
        description.path, tokenizer=tokenizer, labels=description.labels, text_steps=description.text_steps
    )
