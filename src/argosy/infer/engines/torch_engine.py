"""The model as it was trained, in torch: the reference that every faster engine is compared with."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from argosy.infer.batches import Batch, Floats
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.tokens import Tokenizer
from argosy.models.quiet import quietly


def open_torch(
    folder: Path, *, tokenizer: Tokenizer, labels: Sequence[str], text_steps: Sequence[str]
) -> TransformerClassifier:
    """A classifier over a transformers folder, in fp32."""
    with quietly():
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, trust_remote_code=False
        )
    model.eval()

    @torch.inference_mode()
    def forward(batch: Batch) -> Floats:
        ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
        logits: Floats = model(input_ids=ids, attention_mask=mask).logits.numpy().astype(np.float32)
        return logits

    return TransformerClassifier(
        name="torch", labels=tuple(labels), text_steps=tuple(text_steps), tokenizer=tokenizer, forward=forward
    )
