"""Graphs for OpenVINO, made of the graphs for ONNX Runtime; each is one ONNX file.

OpenVINO reads the products in 8 bits that ``quantise`` writes as they are, and has faster kernels for them in batches.
What it cannot read is written in standard operators.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from argosy.compress import quantise
from argosy.compress.quantise import Calibration
from argosy.core.errors import GateError
from argosy.infer.engines.openvino import has_bf16

_LARGE = 1_024  # numbers: smaller constants stay as they are


def openvino_fp32(fp32: Path, _: Calibration, out: Path) -> None:
    """The same graph."""
    onnx.save(standard(onnx.load(fp32)), out)


def openvino_bf16(fp32: Path, _: Calibration, out: Path) -> None:
    """The weights rounded to bf16, half the size; computed in bf16 where the processor has products for it.

    Raises GateError where this one has none: nothing would be gained, and nothing could be measured.
    """
    if not has_bf16():
        raise GateError(
            "This processor has no products in bf16.",
            where="openvino-bf16",
            mend="Build on a processor with AVX-512 BF16 or AMX, or take another engine.",
        )
    onnx.save(_rounded(standard(onnx.load(fp32))), out)


def openvino_int8(fp32: Path, calibration: Calibration, out: Path) -> None:
    """All large products in 8 bits, smoothed and with outliers apart, as in ``quantise.int8``."""
    quantise.int8(fp32, calibration, out)
    onnx.save(standard(onnx.load(out)), out)


CANDIDATES: Mapping[str, Callable[[Path, Calibration, Path], None]] = MappingProxyType(
    {"openvino-int8": openvino_int8, "openvino-bf16": openvino_bf16}
)
"""Engine name → what builds its graph from the fp32 graph; fastest first."""


def standard(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with attention over a mask of tokens written as the standard operator."""
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        nodes += _attention(model.graph, node) if node.op_type == "MultiHeadAttention" else [node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _attention(graph: onnx.GraphProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """ONNX Runtime's operator: queries, keys, values [rows, tokens, channels], no bias, a mask [rows, tokens]."""
    name = node.output[0]
    given = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    graph.initializer.append(numpy_helper.from_array(np.array([1, 2], np.int64), f"{name}.axes"))
    return [
        helper.make_node("Cast", [node.input[4]], [f"{name}.bool"], to=TensorProto.BOOL),
        helper.make_node("Unsqueeze", [f"{name}.bool", f"{name}.axes"], [f"{name}.mask"]),
        helper.make_node(
            "Attention",
            [*node.input[:3], f"{name}.mask"],
            [name],
            q_num_heads=given["num_heads"],
            kv_num_heads=given["num_heads"],
            scale=given["scale"],
        ),
    ]


def _rounded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its large constants in bf16."""
    casts: list[onnx.NodeProto] = []
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= _LARGE:
            name, values = tensor.name, numpy_helper.to_array(tensor)
            tensor.CopyFrom(
                helper.make_tensor(f"{name}.bf16", TensorProto.BFLOAT16, values.shape, _bits(values), raw=True)
            )
            casts.append(helper.make_node("Cast", [f"{name}.bf16"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _bits(values: NDArray[np.float32]) -> bytes:
    """The upper halves of float32 numbers, rounded to the nearest, ties to even."""
    whole = values.view(np.uint32).astype(np.uint64)
    return ((whole + 0x7FFF + ((whole >> 16) & 1)) >> 16).astype(np.uint16).tobytes()
