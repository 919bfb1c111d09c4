"""Opens a model's folder as a classifier."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from argosy.core.engine import Classifier
from argosy.core.errors import GateError, MissingError
from argosy.infer.answers import Calibration
from argosy.infer.batches import Floats
from argosy.infer.folder import Description, describe
from argosy.infer.linear import LinearClassifier
from argosy.infer.onnx import open_onnx
from argosy.infer.tokens import Tokenizer
from argosy.infer.transformer import TransformerClassifier

LINEAR = "linear"
TORCH = "torch"
FP32 = "onnx-fp32"
PROBE_TOLERANCE = 0.05  # other kernels round otherwise; saturated ones are off by whole units


class LogitClassifier(Classifier, Protocol):
    """A Classifier that also tells its scores before the softmax, as parity gates compare them: never calibrated."""

    @property
    def calibration(self) -> Calibration:
        """The temperature and the threshold that ``classify`` applies."""
        ...

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts."""
        ...


def load(folder: Path, engine: str | None = None, threads: int | None = None) -> LogitClassifier:
    """The classifier of a model's folder: the served engine, or the one named.

    ``threads`` None uses every core this process may use. Raises MissingError when the folder is no whole model, has
    no labels or no such engine, or when the torch engine is asked for in an install without torch; GateError when the
    served engine does not answer its probes on this processor as it did where it was built.
    """
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
    if name == description.served:
        _probe(classifier, description)
    return classifier


def _open(description: Description, name: str, threads: int | None) -> LogitClassifier:
    graph, calibration = description.engines[name], description.calibrations[name]
    file, threads = graph.file, threads or graph.threads
    if file is None:
        return replace(_torch(description), calibration=calibration)
    if name == LINEAR:
        steps = description.text_steps
        return LinearClassifier(file, text_steps=steps, threads=threads, calibration=calibration)
    engine = open_onnx(
        file,
        name=name,
        tokenizer=Tokenizer.load(description.path, max_length=description.max_length),
        labels=description.labels,
        text_steps=description.text_steps,
        threads=threads,
    )
    return replace(engine, calibration=calibration)


def _probe(classifier: LogitClassifier, description: Description) -> None:
    """Raise GateError when the engine does not answer here as it did where it was measured.

    Eight-bit products saturate on processors without the instructions for them, and no library says so.
    """
    if not description.probes:
        return
    found = classifier.logits([probe.text for probe in description.probes])
    gap = float(np.abs(found - np.array([probe.logits for probe in description.probes])).max())
    if not gap <= PROBE_TOLERANCE:
        raise GateError(
            "On this processor {engine} answers otherwise than where it was measured: logits differ by {gap}.",
            where=str(description.path),
            mend="Build the model on this kind of machine, or serve another engine: --engine onnx-fp32",
            engine=classifier.name,
            gap=round(gap, 3),
        )


def _torch(description: Description) -> TransformerClassifier:
    try:
        from argosy.infer.torch_engine import open_torch
    except ModuleNotFoundError as error:
        raise MissingError(
            "The torch engine needs {name}, which is not installed.",
            mend="pip install 'argosy[train]', or use the engine that is served.",
            name=error.name,
        ) from error
    return open_torch(
        description.path,
        tokenizer=Tokenizer.load(description.path, max_length=description.max_length),
        labels=description.labels,
        text_steps=description.text_steps,
    )
