"""Graphs for OpenVINO stay close to the fp32 graph, whatever the exporter fused into it."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_bert

pytest.importorskip("torch")
pytest.importorskip("openvino")

from argosy.compress import openvino
from argosy.compress.quantise import Calibration
from argosy.core.errors import GateError
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.openvino import has_bf16, open_openvino
from argosy.infer.tokens import Tokenizer

pytestmark = pytest.mark.torch
TEXTS = tiny_bert.texts(200)


@pytest.fixture(scope="module")
def folder(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``fp32.onnx``."""
    made = tmp_path_factory.mktemp("graphs")
    shutil.copytree(exported, made, dirs_exist_ok=True)
    (made / "model.onnx").rename(made / "fp32.onnx")
    return made


def calibration(folder: Path) -> Calibration:
    """Texts that no test asks about."""
    return Calibration(folder, tiny_bert.texts(200, seed=1), max_length=tiny_bert.MAX_LENGTH)


def logits(folder: Path, file: str, texts: list[str] = TEXTS) -> np.ndarray:
    """What a graph answers, in the runtime that its name tells."""
    opened = open_openvino if file.startswith("openvino") else open_onnx
    tokenizer = Tokenizer.load(folder, max_length=tiny_bert.MAX_LENGTH)
    engine = opened(
        folder / file, name="e", tokenizer=tokenizer, labels=tiny_bert.LABELS, text_steps=("space",), threads=1
    )
    return engine.logits(texts)


def test_fp32_is_the_same_function(folder: Path) -> None:
    """Also where the exporter wrote an operator of ONNX Runtime's own."""
    openvino.openvino_fp32(folder / "fp32.onnx", calibration(folder), folder / "openvino-fp32.onnx")
    assert {node.domain for node in onnx.load(folder / "openvino-fp32.onnx").graph.node} == {""}
    assert np.abs(logits(folder, "openvino-fp32.onnx") - logits(folder, "fp32.onnx")).max() < 1e-4


@pytest.mark.parametrize(("name", "error"), [("openvino-int8", 0.08), ("openvino-bf16", 0.15)])
def test_smaller_graphs_stay_close(folder: Path, name: str, error: float) -> None:
    """The error is a small part of what distinguishes texts; the file is smaller; company changes little."""
    if name == "openvino-bf16" and not has_bf16():
        pytest.skip("this processor has no products in bf16")
    file = f"{name}.onnx"
    openvino.CANDIDATES[name](folder / "fp32.onnx", calibration(folder), folder / file)
    wanted, found = logits(folder, "fp32.onnx"), logits(folder, file)
    assert np.sqrt(np.square(found - wanted).mean()) < error * wanted.std(axis=0).mean()
    assert (folder / file).stat().st_size < 0.7 * (folder / "fp32.onnx").stat().st_size
    alone = np.concatenate([logits(folder, file, [text]) for text in TEXTS[:8]])
    assert np.abs(alone - found[:8]).max() < 0.02 * wanted.std()


def test_bf16_is_refused_where_the_processor_has_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not be measured there."""
    monkeypatch.setattr(openvino, "has_bf16", lambda: False)
    with pytest.raises(GateError, match="no products in bf16"):
        openvino.openvino_bf16(folder / "fp32.onnx", calibration(folder), folder / "no.onnx")
    assert not (folder / "no.onnx").exists()


def test_numbers_are_rounded_to_the_nearest() -> None:
    """Ties to the even neighbour, signs kept, as the format has it."""
    values = np.array([1.0, -2.5, 1 + 2**-8, 1 + 3 * 2**-8, 3.14159265, 0.0], np.float32)
    bits = np.frombuffer(openvino._bits(values), np.uint16).astype(np.uint32) << 16
    assert bits.view(np.float32).tolist() == [1.0, -2.5, 1.0, 1 + 2**-6, 3.140625, 0.0]
