"""A Transformer's graph in OpenVINO: the same files and the same answers as in ONNX Runtime, by other kernels.

The graph is compiled once for free numbers of rows and tokens; nothing is written beside it or anywhere else.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from argosy.core.errors import MissingError
from argosy.infer.batches import Batch, Floats
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.session import cores
from argosy.infer.tokens import Tokenizer


def open_openvino(
    file: Path,
    *,
    name: str,
    tokenizer: Tokenizer,
    labels: Sequence[str],
    text_steps: Sequence[str],
    threads: int | None = None,
) -> TransformerClassifier:
    """A classifier over a graph file, computed in bf16 where its weights are stored so, else in fp32 and integers.

    A processor without products for bf16 computes such a graph in fp32. Raises MissingError when OpenVINO is not
    installed, or the file is absent or cannot be loaded.
    """
    request = _compiled(file, threads or cores()).create_infer_request()
    turn = Lock()  # one stream has all threads, so a second caller would wait anyhow

    def forward(batch: Batch) -> Floats:
        with turn:
            request.infer({"input_ids": batch.ids, "attention_mask": batch.mask}, share_inputs=True)
            return np.array(request.get_tensor("logits").data, dtype=np.float32)

    return TransformerClassifier(
        name=name, labels=tuple(labels), text_steps=tuple(text_steps), tokenizer=tokenizer, forward=forward
    )


def has_bf16() -> bool:
    """Whether OpenVINO computes in bf16 on this processor; raises MissingError when it is not installed."""
    return "BF16" in _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _compiled(file: Path, threads: int) -> Any:
    openvino = _openvino()
    if not file.is_file():
        raise MissingError("The graph is not there.", where=str(file), mend="Build it with `argosy run`.")
    core = openvino.Core()
    try:
        graph = core.read_model(file)
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if _is_bf16(graph, openvino.Type.bf16) else "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            "ENABLE_CPU_PINNING": False,  # other processes, and the server's own threads, share the cores
        }
        return core.compile_model(graph, "CPU", settings)
    except Exception as error:  # the library raises nothing narrower
        raise MissingError(
            "The graph cannot be loaded: {reason}",
            where=str(file),
            mend="Build it again with `argosy run`; a newer Argosy may have made it.",
            reason=str(error).strip(),
        ) from error


def _openvino() -> Any:
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise MissingError(
            "This engine needs {name}, which is not installed.",
            mend="pip install 'argosy[openvino]', or serve another engine: --engine onnx-fp32",
            name=error.name,
        ) from error
    return openvino


def _is_bf16(graph: Any, bf16: Any) -> bool:
    return any(op.get_type_name() == "Constant" and op.get_element_type() == bf16 for op in graph.get_ops())
