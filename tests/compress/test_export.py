"""An exported graph says what the model says."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_bert

from argosy.compress.export import export
from argosy.core.errors import GateError
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.torch_engine import open_torch
from argosy.infer.tokens import Tokenizer

pytestmark = pytest.mark.torch


def test_graph_and_model_agree_in_any_shape(exported: Path) -> None:
    """Logits from raw text are those of torch within 1e-4, for one text and for many of any length."""
    tokenizer = Tokenizer.load(exported, max_length=tiny_bert.MAX_LENGTH)
    graph = open_onnx(
        exported / "model.onnx",
        name="onnx-fp32",
        tokenizer=tokenizer,
        labels=tiny_bert.LABELS,
        text_steps=("space",),
        threads=1,
    )
    model = open_torch(exported, tokenizer=tokenizer, labels=tiny_bert.LABELS, text_steps=("space",))
    texts = ["", "w1", *tiny_bert.texts(150)]
    np.testing.assert_allclose(graph.logits(texts), model.logits(texts), atol=1e-4)
    np.testing.assert_allclose(graph.logits(["w1"]), model.logits(["w1"]), atol=1e-4)
    assert [said.label for said in graph.classify(texts)] == [said.label for said in model.classify(texts)]


def test_the_graph_tells_nothing_of_this_machine(exported: Path, tmp_path: Path) -> None:
    """No path of the exporting machine and no stack trace stands in the file, and it is the same file every time."""
    first = (exported / "model.onnx").read_bytes()
    assert b"site-packages" not in first
    assert b"Traceback" not in first
    assert b".py" not in first
    assert export(exported, tmp_path / "again.onnx").read_bytes() == first


def test_the_sizes_are_free(exported: Path) -> None:
    """Rows and length of both inputs are named, not fixed."""
    for given in onnx.load(exported / "model.onnx").graph.input:
        assert all(size.dim_param for size in given.type.tensor_type.shape.dim)


def test_a_failed_export_tells_why_and_leaves_nothing(tmp_path: Path) -> None:
    """The exporter's own last words reach the reader."""
    (tmp_path / "config.json").write_text('{"model_type": "no such thing"}')
    with pytest.raises(GateError, match="no such thing"):
        export(tmp_path, tmp_path / "model.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
