"""The way every Transformer engine goes: raw texts, the stored text steps, tokens, batches, logits, predictions."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.batches import Batch, Floats, run
from argosy.infer.tokens import Tokenizer


class Reader:
    """What an engine was trained behind; it answers with ``forward``, which maps a batch to logits [rows, labels]."""

    def __init__(self, tokenizer: Tokenizer, *, labels: Sequence[str], text_steps: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self._tokenizer = tokenizer
        self._steps = tuple(text_steps)

    def logits(self, texts: Sequence[str], forward: Callable[[Batch], Floats]) -> Floats:
        """Float32 [texts, labels] in the order of ``texts``."""
        tokens = self._tokenizer.encode([clean_text(text, self._steps) for text in texts])
        return run(forward, tokens, pad=self._tokenizer.pad, width=len(self.labels))

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return self._tokenizer.count(clean_text(text, self._steps))

    def predictions(self, logits: NDArray[np.floating]) -> list[Prediction]:
        """A label with every label's probability for each row of logits [texts, labels]."""
        shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        shares = shifted / shifted.sum(axis=1, keepdims=True)
        best = logits.argmax(axis=1)
        return [
            Prediction(label=self.labels[column], probabilities=dict(zip(self.labels, row, strict=True)))
            for column, row in zip(best.tolist(), shares.tolist(), strict=True)
        ]
