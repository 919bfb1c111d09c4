"""What every Transformer engine shares: raw texts, the stored text steps, tokens, batches, logits, predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.batches import Batch, Floats, run
from argosy.infer.tokens import Tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerClassifier:
    """A Classifier around ``forward``, which maps a batch to logits [rows, labels]; several threads may call it.

    ``tokenizer``, ``labels`` and ``text_steps`` are what the model was trained behind.
    """

    name: str
    labels: tuple[str, ...]
    text_steps: tuple[str, ...]
    tokenizer: Tokenizer
    forward: Callable[[Batch], Floats]

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts, in the order of ``texts``."""
        tokens = self.tokenizer.encode([clean_text(text, self.text_steps) for text in texts])
        return run(self.forward, tokens, pad=self.tokenizer.pad, width=len(self.labels))

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        logits = self.logits(texts)
        shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        shares = shifted / shifted.sum(axis=1, keepdims=True)
        return [
            Prediction(label=self.labels[column], probabilities=dict(zip(self.labels, row, strict=True)))
            for column, row in zip(logits.argmax(axis=1).tolist(), shares.tolist(), strict=True)
        ]

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return self.tokenizer.count(clean_text(text, self.text_steps))
