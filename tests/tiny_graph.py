"""A model's folder with a graph made by hand: a look-up, the mean of each channel, one product; no torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tiny_bert
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from argosy.core.artifact import Artifact, writing

WIDTH = 64
TEXTS = ("w1", "w2 w3", "w4 w5 w6", "")
_INPUTS = ("input_ids", "attention_mask")
_STEP = np.float32(1 / 255)


def write(folder: Path, *, runtime: str = "onnxruntime", **changes: object) -> Path:
    """A folder that serves ``onnx-int8``; fp32 has weights that 8 bits hold exactly, so both answer much alike.

    Its products overflow 16 bits where they are added in pairs, as processors without VNNI do.
    """
    draw = np.random.default_rng(0)
    table = np.abs(draw.normal(0.5, 0.4, (tiny_bert.WORDS + 4, WIDTH))).clip(0, 1).astype(np.float32)
    table[:4] = 1  # special tokens
    signs = np.repeat(draw.choice([-127, 127], (WIDTH // 2, len(tiny_bert.LABELS))), 2, axis=0)
    (folder / "onnx").mkdir(parents=True)
    _save(folder / "onnx" / "model.onnx", table, _plain(signs))
    _save(folder / "onnx" / "onnx-int8.onnx", table, _eight_bits(signs))
    tiny_bert.tokenizer().save(str(folder / "tokenizer.json"))
    described = {
        "format": 1,
        "name": "tiny",
        "labels": tiny_bert.LABELS,
        "text_steps": ["space"],
        "max_length": tiny_bert.MAX_LENGTH,
        "served": "onnx-int8",
        "engines": {
            "onnx-int8": {"file": "onnx/onnx-int8.onnx", "runtime": runtime},
            "onnx-fp32": {"file": "onnx/model.onnx"},
        },
    }
    describe(folder, described | changes)
    return folder


def describe(folder: Path, described: Mapping[str, Any]) -> None:
    """Write ``argosy.json``."""
    (folder / "argosy.json").write_text(json.dumps(described), encoding="utf-8")


def described(folder: Path) -> dict[str, Any]:
    """What ``argosy.json`` says."""
    return dict(json.loads((folder / "argosy.json").read_text(encoding="utf-8")))


def sealed(store: Path, **changes: object) -> Artifact:
    """The same as an artifact, with its manifest."""
    with writing(store, "model") as draft:
        write(draft.path, **changes)
    return draft.artifact


Made = tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]


def _plain(signs: NDArray[np.int64]) -> Made:
    return [helper.make_node("MatMul", ["pooled", "weight"], ["logits"])], {"weight": signs.astype(np.float32) / 127}


def _eight_bits(signs: NDArray[np.int64]) -> Made:
    constants = {
        "one": np.array(1, np.float32),
        "zero": np.array(0, np.uint8),
        "inverse": 1 / _STEP,
        "weight": signs.astype(np.int8),
        "scale": np.full(signs.shape[1], _STEP / 127, np.float32),
    }
    nodes = [
        helper.make_node("Mul", ["pooled", "inverse"], ["wide"]),  # as our graphs do: a step of one
        helper.make_node("QuantizeLinear", ["wide", "one", "zero"], ["integers"]),
        helper.make_node(
            "MatMulIntegerToFloat",
            ["integers", "weight", "one", "scale", "zero"],
            ["logits"],
            domain="com.microsoft",
        ),
    ]
    return nodes, constants


def _save(path: Path, table: NDArray[np.float32], made: Made) -> None:
    nodes, constants = made
    constants = {"table": table, "last": np.array([2], np.int64), "axis": np.array([1], np.int64), **constants}
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["masks"]),
            helper.make_node("Mul", ["rows", "masks"], ["seen"]),
            helper.make_node("ReduceSum", ["seen", "axis"], ["sum"], keepdims=0),
            helper.make_node("ReduceSum", ["masks", "axis"], ["count"], keepdims=0),
            helper.make_node("Div", ["sum", "count"], ["pooled"]),
            *nodes,
        ],
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["r", "t"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", len(tiny_bert.LABELS)])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
