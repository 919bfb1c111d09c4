"""The process that exports an encoder: ``python -m argosy.compress.encoder_main FOLDER OUT``.

The mean over a text's tokens (or its first state, where the folder's ``1_Pooling`` says so) and the division by its
length are in the graph, so that whoever runs it gets vectors of length 1.
"""

import json
import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from argosy.compress.export_main import clean, save, traced
from argosy.compress.fuse import fuse


class _Vectors(nn.Module):
    """The encoder as a function of two tensors to one."""

    def __init__(self, model: nn.Module, *, first: bool) -> None:
        super().__init__()
        self.model = model
        self.first = first

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if self.first:
            return nn.functional.normalize(states[:, 0], dim=-1)
        # [rows, width]; the length of the mean goes with its division
        return nn.functional.normalize((states * attention_mask[:, :, None].float()).sum(dim=1), dim=-1)


def main(folder: Path, out: Path) -> None:
    """Export the encoder in ``folder`` to ``out``, written aside and renamed."""
    model = AutoModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="sdpa", local_files_only=True, trust_remote_code=False
    )
    pooling = folder / "1_Pooling" / "config.json"
    told = json.loads(pooling.read_text(encoding="utf-8")) if pooling.is_file() else {}
    save(fuse(clean(traced(_Vectors(model.eval(), first=bool(told.get("pooling_mode_cls_token"))), "vectors"))), out)


if __name__ == "__main__":
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
