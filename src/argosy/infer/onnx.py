"""A Transformer's graph in ONNX Runtime: inputs ``input_ids`` and ``attention_mask``, output ``logits``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from argosy.core.records import Prediction
from argosy.infer.batches import Batch, Floats
from argosy.infer.reader import Reader
from argosy.infer.session import open_session
from argosy.infer.tokens import Tokenizer


class OnnxClassifier:
    """A Classifier over one graph file, fp32 or quantised; several threads may call it at once.

    Raises MissingError when the file is absent or cannot be loaded.
    """

    def __init__(
        self,
        *,
        name: str,
        file: Path,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        text_steps: Sequence[str],
        threads: int | None = None,
    ) -> None:
        self.name = name
        self._reader = Reader(tokenizer, labels=labels, text_steps=text_steps)
        self._session = open_session(file, threads=threads)

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of the logits."""
        return self._reader.labels

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts."""
        return self._reader.logits(texts, self._forward)

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        return self._reader.predictions(self.logits(texts))

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return self._reader.count(text)

    def _forward(self, batch: Batch) -> Floats:
        (logits,) = self._session.run(["logits"], {"input_ids": batch.ids, "attention_mask": batch.mask})
        return np.asarray(logits, dtype=np.float32)
