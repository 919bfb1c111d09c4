"""The process that ``argosy.compress.export`` starts: ``python -m argosy.compress.export_main FOLDER OUT``.

Opset 23 keeps attention, GELU and layer normalisation as one operator each; ``fuse`` makes them those of the runtime.
"""

import os
import sys
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification

from argosy.compress.fuse import fuse
from argosy.compress.widths import without_silent_heads

_OPSET = 23
_SMALLEST_VOCABULARY = 16


class _Logits(nn.Module):
    """The classifier as a function of two tensors to one."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def main(folder: Path, out: Path) -> None:
    """Export the classifier in ``folder`` to ``out``, written aside and renamed."""
    model = AutoModelForSequenceClassification.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="sdpa",
        local_files_only=True,
        trust_remote_code=False,
    )
    without_silent_heads(model)
    save(fuse(clean(trace(model.eval()))), out)


def save(graph: onnx.ModelProto, out: Path) -> None:
    """Write a graph that holds what a graph must, aside at first."""
    onnx.checker.check_model(graph)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(out.name + ".part")
    onnx.save(graph, aside)
    aside.replace(out)


def trace(model: nn.Module) -> onnx.ModelProto:
    """The graph of a classifier with free numbers of rows and tokens."""
    return traced(_Logits(model), "logits")


@torch.inference_mode()
def traced(function: nn.Module, output: str) -> onnx.ModelProto:
    """The graph of a function of token numbers and their mask, with free numbers of rows and tokens."""
    ids = torch.arange(3 * 17).reshape(3, 17) % _SMALLEST_VOCABULARY
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0  # a padded row, lest the mask be taken for a constant
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.onnx.export(
        function,
        (ids, mask),
        dynamo=True,
        opset_version=_OPSET,
        input_names=["input_ids", "attention_mask"],
        output_names=[output],
        dynamic_shapes={"input_ids": free, "attention_mask": free},
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("the exporter gave no graph")
    return program.model_proto


def clean(graph: onnx.ModelProto) -> onnx.ModelProto:
    """The graph without inferred shapes (they break later passes) and without what names this machine's files."""
    inner = graph.graph
    del inner.value_info[:]
    for part in (graph, inner, *inner.node, *inner.input, *inner.output, *inner.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    return graph


if __name__ == "__main__":
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
