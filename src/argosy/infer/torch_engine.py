"""The model as it was trained, in torch: the reference that every faster engine is compared with."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from argosy.core.records import Prediction
from argosy.infer.batches import Batch, Floats
from argosy.infer.reader import Reader
from argosy.infer.tokens import Tokenizer
from argosy.models.quiet import quietly


class TorchClassifier:
    """A Classifier over a transformers folder, in fp32."""

    name = "torch"

    def __init__(self, *, folder: Path, tokenizer: Tokenizer, labels: Sequence[str], text_steps: Sequence[str]) -> None:
        self._reader = Reader(tokenizer, labels=labels, text_steps=text_steps)
        with quietly():
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype=torch.float32, local_files_only=True, trust_remote_code=False
            )
        self._model = model.eval()

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

    @torch.inference_mode()
    def _forward(self, batch: Batch) -> Floats:
        ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
        logits: Floats = self._model(input_ids=ids, attention_mask=mask).logits.numpy().astype(np.float32)
        return logits
