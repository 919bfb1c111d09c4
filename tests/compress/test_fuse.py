"""A rewritten graph answers as before and does less; where the structure is another, it stays as it was."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_bert
from onnx import helper, numpy_helper

from argosy.core.errors import MissingError
from argosy.infer.session import open_session, session_of

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

Graphs = tuple[onnx.ModelProto, onnx.ModelProto]
CHANNELS = 8
PLAIN = """
import sys, onnx
from transformers import AutoModelForSequenceClassification
from argosy.compress.export_main import clean, trace
model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1], attn_implementation="sdpa").eval()
onnx.save(clean(trace(model)), sys.argv[2])
"""  # in a process of its own: the exporter changes global state


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Graphs:
    """A tiny BERT as it is exported, and rewritten."""
    from argosy.compress.fuse import fuse

    folder = tiny_bert.write(tmp_path_factory.mktemp("bert"))
    command = [sys.executable, "-W", "ignore", "-c", PLAIN, str(folder), str(folder / "plain.onnx")]
    subprocess.run(command, check=True, capture_output=True)
    plain = onnx.load(folder / "plain.onnx")
    return plain, fuse(_copy(plain))


def _copy(model: onnx.ModelProto) -> onnx.ModelProto:
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    return copied


def _logits(model: onnx.ModelProto, rows: int, tokens: int) -> np.ndarray:
    draw = np.random.default_rng(rows)
    ids = draw.integers(4, 200, (rows, tokens))
    lengths = draw.integers(1, tokens + 1, rows)
    mask = (np.arange(tokens) < lengths[:, None]).astype(np.int64)
    (logits,) = session_of(model.SerializeToString(), threads=1).run(
        ["logits"], {"input_ids": ids, "attention_mask": mask}
    )
    return np.asarray(logits)


@pytest.mark.parametrize(("rows", "tokens"), [(1, 1), (1, 9), (5, 16), (3, 24)])
def test_logits_are_the_same(graphs: Graphs, rows: int, tokens: int) -> None:
    """For one text and for many, padded or not, down to rounding."""
    plain, fused = graphs
    np.testing.assert_allclose(_logits(fused, rows, tokens), _logits(plain, rows, tokens), atol=1e-5)


def test_the_last_layer_is_for_the_first_token(graphs: Graphs) -> None:
    """Of the last layer's six products four follow the first token; one attention is left for all tokens."""
    _, fused = graphs
    before, after = (Counter(node.op_type for node in model.graph.node) for model in graphs)
    assert sum(after.values()) < sum(before.values()) - 10
    assert before["MatMul"] == after["MatMul"]
    assert (after["Attention"], after["MultiHeadAttention"]) == (1, 1)
    watched = _copy(fused)
    products = [node.output[0] for node in fused.graph.node if node.op_type == "MatMul"]
    watched.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in products)
    given = {"input_ids": np.full((2, 7), 5), "attention_mask": np.ones((2, 7), np.int64)}
    found = session_of(watched.SerializeToString(), threads=1).run(products, given)
    assert Counter(value.shape[1] for value in found) == {1: 4, 7: 8}
    assert "GatherND" not in after  # the mask is made of its bits


def test_rewriting_again_changes_nothing(graphs: Graphs) -> None:
    """There is nothing left to find."""
    from argosy.compress.fuse import fuse

    _, fused = graphs
    assert [node.op_type for node in fuse(_copy(fused)).graph.node] == [node.op_type for node in fused.graph.node]


Build = Callable[[], tuple[list[onnx.NodeProto], list[onnx.TensorProto]]]


def _mean() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """A hidden state whose mean is read."""
    axes = numpy_helper.from_array(np.array([1]), "axes")
    return [
        helper.make_node("Gelu", ["hidden"], ["bent"]),
        helper.make_node("ReduceMean", ["bent", "axes"], ["logits"], keepdims=0),
    ], [axes]


def _second() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """A hidden state whose second token is read."""
    place = numpy_helper.from_array(np.array(1), "place")
    return [
        helper.make_node("Gelu", ["hidden"], ["bent"]),
        helper.make_node("Gather", ["bent", "place"], ["logits"], axis=1),
    ], [place]


def _both() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """A hidden state whose first token is read, and its mean as well."""
    place, axes = numpy_helper.from_array(np.array(0), "place"), numpy_helper.from_array(np.array([1]), "axes")
    return [
        helper.make_node("Gelu", ["hidden"], ["bent"]),
        helper.make_node("Gather", ["bent", "place"], ["first"], axis=1),
        helper.make_node("ReduceMean", ["bent", "axes"], ["mean"], keepdims=0),
        helper.make_node("Add", ["first", "mean"], ["logits"]),
    ], [place, axes]


def _across() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """A hidden state that is mixed along the tokens before the first one is read."""
    place = numpy_helper.from_array(np.array(0), "place")
    return [
        helper.make_node("Softmax", ["hidden"], ["shares"], axis=1),
        helper.make_node("Gather", ["shares", "place"], ["logits"], axis=1),
    ], [place]


@pytest.mark.parametrize("build", [_mean, _second, _both, _across])
def test_other_ways_to_read_a_text_stay_as_they_are(build: Build) -> None:
    """Means, other tokens, states that are read twice and operators across tokens are not touched."""
    from argosy.compress.fuse import fuse

    nodes, constants = build()
    model = _model([helper.make_node("Gather", ["table", "input_ids"], ["hidden"]), *nodes], constants)
    assert [node.op_type for node in fuse(_copy(model)).graph.node] == [node.op_type for node in model.graph.node]


def _model(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> onnx.ModelProto:
    """A graph of the usual inputs to ``logits``, with a table to look hidden states up in."""
    table = np.random.default_rng(0).normal(size=(16, CHANNELS)).astype(np.float32)
    free = [
        helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["rows", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    graph = helper.make_graph(
        nodes,
        "reader",
        free,
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["rows", CHANNELS])],
        [numpy_helper.from_array(table, "table"), *constants],
    )
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)
    return made


def test_a_mask_that_looks_no_further_than_a_window_stays() -> None:
    """In short texts a window of 64 tokens says what ``attention_mask`` says, in long ones it does not."""
    from argosy.compress.fuse import fuse

    constants = {"zero": 0, "one": 1, "reach": 64, "rows": [0], "keys": [1], "heads": [1, 2], "head": [1]}
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["hidden"]),
        helper.make_node("Unsqueeze", ["hidden", "head"], ["parts"]),
        helper.make_node("Shape", ["attention_mask"], ["shape"], start=1, end=2),
        helper.make_node("Squeeze", ["shape"], ["tokens"]),
        helper.make_node("Range", ["zero", "tokens", "one"], ["places"]),
        helper.make_node("Unsqueeze", ["places", "rows"], ["across"]),
        helper.make_node("Unsqueeze", ["places", "keys"], ["down"]),
        helper.make_node("Sub", ["across", "down"], ["gaps"]),
        helper.make_node("Abs", ["gaps"], ["distances"]),
        helper.make_node("LessOrEqual", ["distances", "reach"], ["near"]),
        helper.make_node("Cast", ["attention_mask"], ["bits"], to=onnx.TensorProto.BOOL),
        helper.make_node("Unsqueeze", ["bits", "heads"], ["real"]),
        helper.make_node("And", ["real", "near"], ["mask"]),
        helper.make_node("Attention", ["parts", "parts", "parts", "mask"], ["seen"]),
        helper.make_node("ReduceMean", ["seen", "heads"], ["logits"], keepdims=0),
    ]
    model = _model(nodes, [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()])
    assert [node.op_type for node in fuse(_copy(model)).graph.node] == [node.op_type for node in nodes]


@pytest.mark.parametrize(("domain", "operator"), [("", "NoSuchThing"), ("com.example", "Frobnicate")])
def test_an_operator_that_the_runtime_lacks_is_named(tmp_path: Path, domain: str, operator: str) -> None:
    """The error says which operator it is and what to do."""
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["logits"], domain=domain)],
        "odd",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1])],
    )
    versions = [helper.make_opsetid("", 23), helper.make_opsetid("com.example", 1)]
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=10), tmp_path / "odd.onnx")
    with pytest.raises(MissingError, match=rf"no operator \S*{operator}.*\n.*--engine onnx-fp32") as caught:
        open_session(tmp_path / "odd.onnx")
    assert operator in str(caught.value.values["operator"])
