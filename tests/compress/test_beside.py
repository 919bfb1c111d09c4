"""A graph and its data answer as the one file did, wherever they are."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from argosy.compress.beside import data_of, write_beside
from argosy.core.errors import MissingError
from argosy.infer.session import open_session

ROWS, CHANNELS = 500, 16


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A graph in one file, with a large and a small constant."""
    draw = np.random.default_rng(0)
    table = draw.normal(size=(ROWS, CHANNELS)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["found"]),
            helper.make_node("Add", ["found", "bias"], ["logits"]),
        ],
        "look-up",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["rows"])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["rows", CHANNELS])],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(table[0], "bias")],
    )
    path = tmp_path / "whole.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10), path)
    return path


def answers(path: Path) -> np.ndarray:
    """What a graph says of a few rows."""
    (found,) = open_session(path, threads=1).run(["logits"], {"input_ids": np.array([3, 77, 499])})
    return np.asarray(found)


def test_answers_are_the_same_bits_after_a_move(whole: Path, tmp_path: Path) -> None:
    """The large constant stands in the other file alone; both can be moved; writing again gives the same files."""
    first = write_beside(whole, tmp_path / "graph 图.onnx")
    assert first.stat().st_size < ROWS * CHANNELS
    assert data_of(first).stat().st_size >= 4 * ROWS * CHANNELS
    size = data_of(first).stat().st_size
    write_beside(whole, first)
    assert data_of(first).stat().st_size == size
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in (first, data_of(first)):
        shutil.move(path, moved)
    np.testing.assert_array_equal(answers(moved / first.name), answers(whole))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "whole.onnx"]


def test_a_graph_without_its_data_says_so(whole: Path, tmp_path: Path) -> None:
    """The file that is missing is named."""
    graph = write_beside(whole, tmp_path / "graph.onnx")
    data_of(graph).unlink()
    with pytest.raises(MissingError, match=r"graph\.onnx\.data"):
        open_session(graph)
