"""A Transformer's graph in ONNX Runtime: inputs ``input_ids`` and ``attention_mask``, output ``logits``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from argosy.infer.batches import TOKENS, Batch, Floats
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.session import open_session
from argosy.infer.tokens import Tokenizer


def open_onnx(
    file: Path,
    *,
    name: str,
    tokenizer: Tokenizer,
    labels: Sequence[str],
    text_steps: Sequence[str],
    threads: int | None = None,
    tokens: int = TOKENS,
) -> TransformerClassifier:
    """A classifier over a graph file, fp32 or quantised, in batches of at most ``tokens`` tokens, padding included.

    ``threads`` None uses all cores this process may use. Raises MissingError when the graph is absent or cannot be
    loaded.
    """
    session = open_session(file, threads=threads)

    def forward(batch: Batch) -> Floats:
        (logits,) = session.run(["logits"], {"input_ids": batch.ids, "attention_mask": batch.mask})
        return np.asarray(logits, dtype=np.float32)

    return TransformerClassifier(
        name=name,
        labels=tuple(labels),
        text_steps=tuple(text_steps),
        tokenizer=tokenizer,
        forward=forward,
        run_tokens=tokens,
    )
