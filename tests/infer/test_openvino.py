"""OpenVINO answers as ONNX Runtime does, from the same file, and leaves nothing behind."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openvino")
pytest.importorskip("onnx")

import tiny_bert
import tiny_graph

from argosy.core.errors import GateError, MissingError
from argosy.infer.load import ask_probes, fallback, load

TEXTS = tiny_bert.texts(60)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose served engine and another run in OpenVINO."""
    folder = tiny_graph.write(tmp_path_factory.mktemp("开放") / "model", runtime="openvino")
    described = tiny_graph.described(folder)
    described["engines"]["fp32"] = {"file": "onnx/model.onnx", "runtime": "openvino", "threads": 1, "tokens": 64}
    described["engines"]["int8"] = {"file": "onnx/onnx-int8.onnx"}
    tiny_graph.describe(folder, described)
    return folder


@pytest.mark.parametrize(("name", "same"), [("fp32", "onnx-fp32"), ("onnx-int8", "int8")])
def test_both_runtimes_give_the_same_logits(model: Path, name: str, same: str) -> None:
    """Of fp32 and 8-bit graphs, for any number of rows and tokens."""
    ours, theirs = load(model, name), load(model, same)
    assert np.abs(ours.logits(TEXTS) - theirs.logits(TEXTS)).max() < 1e-4
    assert [one.label for one in ours.classify(["w5", ""])] == [one.label for one in theirs.classify(["w5", ""])]


def test_a_text_is_answered_alike_in_any_company_and_every_time(model: Path) -> None:
    """Alone, among others, from several threads and by a second session."""
    engine, again = load(model, "onnx-int8"), load(model, "onnx-int8", threads=2)
    wanted = engine.logits(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda text: engine.logits([text])[0], TEXTS))
    assert np.abs(np.stack(alone) - wanted).max() < 1e-4
    assert np.array_equal(again.logits(TEXTS), wanted)


def test_answers_are_not_overwritten_by_the_next(model: Path) -> None:
    """The runtime reuses its buffers; what was handed out stays."""
    engine = load(model, "fp32")
    first = engine.logits(TEXTS[:3])
    kept = first.copy()
    engine.logits(TEXTS[3:6])
    assert np.array_equal(first, kept)


def test_nothing_is_written(model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No cache of compiled graphs, neither beside the model nor where the process stands."""
    monkeypatch.chdir(tmp_path)
    before = sorted(model.rglob("*"))
    load(model).logits(["w1"])
    assert sorted(model.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


def test_its_probes_are_asked_as_of_any_engine(model: Path) -> None:
    """And fp32 in ONNX Runtime answers where they do not hold."""
    described = tiny_graph.described(model)
    tiny_graph.describe(model, described | {"probes": ask_probes(model, tiny_graph.TEXTS)})
    assert fallback(load(model)) is None
    probes = ask_probes(model, tiny_graph.TEXTS)
    probes[0]["logits"][1] += 1
    tiny_graph.describe(model, described | {"probes": probes})
    assert load(model).name == "onnx-fp32"
    assert isinstance(fallback(load(model)), GateError)
    tiny_graph.describe(model, described)


def test_without_the_package_the_error_says_what_to_install(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other engines of the same model still open."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingError, match=r"argosy\[openvino\]"):
        load(model)
    assert load(model, "onnx-fp32").name == "onnx-fp32"


def test_a_damaged_graph_is_refused_with_its_path(model: Path, tmp_path: Path) -> None:
    """As is one with an operator that this version does not know."""
    folder = tiny_graph.write(tmp_path / "model", runtime="openvino")
    graph = folder / "onnx" / "onnx-int8.onnx"
    data = graph.read_bytes()
    for spoilt in (b"no graph", data.replace(b"MatMulIntegerToFloat", b"MatMulIntegerToDream")):
        graph.write_bytes(spoilt)
        with pytest.raises(MissingError, match=r"onnx-int8\.onnx"):
            load(folder)
