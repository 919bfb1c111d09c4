"""A small graph over tokens, made without torch: each token has a score a label, and a text has the sum; needs onnx."""

from pathlib import Path

import numpy as np


def write(path: Path, *, tokens: int, labels: int) -> Path:
    """The graph, of random scores, with the inputs and the output of a classifier."""
    import onnx
    from onnx import helper, numpy_helper

    scores = np.random.default_rng(0).normal(size=(tokens, labels)).astype(np.float32)
    given = [helper.make_tensor_value_info(name, 7, ["rows", "length"]) for name in ("input_ids", "attention_mask")]
    nodes = [
        helper.make_node("Gather", ["scores", "input_ids"], ["found"]),
        helper.make_node("Cast", ["attention_mask"], ["shown"], to=1),
        helper.make_node("Unsqueeze", ["shown", "last"], ["wide"]),
        helper.make_node("Mul", ["found", "wide"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["logits"], keepdims=0),
    ]
    kept = [numpy_helper.from_array(scores, "scores")]
    kept += [numpy_helper.from_array(np.array([axis]), name) for axis, name in ((-1, "last"), (1, "middle"))]
    told = helper.make_tensor_value_info("logits", 1, ["rows", labels])
    graph = helper.make_graph(nodes, "sum", given, [told], kept)
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path
