"""Opens a model's folder as a classifier."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from argosy.core.engine import Classifier
from argosy.core.errors import MissingError
from argosy.infer.batches import Floats
from argosy.infer.folder import Description, describe
from argosy.infer.linear import LinearClassifier
from argosy.infer.onnx import OnnxClassifier
from argosy.infer.tokens import Tokenizer

LINEAR = "linear"
TORCH = "torch"
FP32 = "onnx-fp32"


class LogitClassifier(Classifier, Protocol):
    """A Classifier that also tells its scores before the softmax, as parity gates compare them."""

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts."""
        ...


def load(folder: Path, engine: str | None = None, threads: int | None = None) -> LogitClassifier:
    """The classifier of a model's folder: the served engine, or the one named.

    ``threads`` None uses every core this process may use. Raises MissingError when the folder is no whole model or
    has no such engine, or when the torch engine is asked for in an install without torch.
    """
    description = describe(folder)
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
    file = description.engines[name]
    if file is None:
        return _torch(description)
    if name == LINEAR:
        return LinearClassifier(file, text_steps=description.text_steps, threads=threads)
    return OnnxClassifier(
        name=name,
        file=file,
        tokenizer=Tokenizer.load(folder, max_length=description.max_length),
        labels=description.labels,
        text_steps=description.text_steps,
        threads=threads,
    )


def _torch(description: Description) -> LogitClassifier:
    try:
        from argosy.infer.torch_engine import TorchClassifier
    except ModuleNotFoundError as error:
        raise MissingError(
            "The torch engine needs {name}, which is not installed.",
            mend="pip install 'argosy[train]', or use the engine that is served.",
            name=error.name,
        ) from error
    return TorchClassifier(
        folder=description.path,
        tokenizer=Tokenizer.load(description.path, max_length=description.max_length),
        labels=description.labels,
        text_steps=description.text_steps,
    )
