"""A quantised graph is small, close to the fp32 graph, and answers each text for itself."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_bert

from argosy.compress.quantise import CANDIDATES, Calibration
from argosy.core.errors import DataError
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.tokens import Tokenizer

pytestmark = pytest.mark.torch
NAMES = list(CANDIDATES)


@pytest.fixture(scope="module")
def graphs(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``fp32.onnx`` and every candidate."""
    folder = tmp_path_factory.mktemp("graphs")
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    fp32 = (folder / "model.onnx").rename(folder / "fp32.onnx")
    for name, build in CANDIDATES.items():
        build(fp32, calibration(folder), folder / f"{name}.onnx")
    return folder


def calibration(folder: Path) -> Calibration:
    """Texts that no test asks about."""
    return Calibration(folder, tiny_bert.texts(200, seed=1), max_length=tiny_bert.MAX_LENGTH)


def engine(folder: Path, name: str) -> TransformerClassifier:
    """The engine over one of the graphs."""
    return open_onnx(
        folder / f"{name}.onnx",
        name=name,
        tokenizer=Tokenizer.load(folder, max_length=tiny_bert.MAX_LENGTH),
        labels=tiny_bert.LABELS,
        text_steps=("space",),
        threads=1,
    )


@pytest.mark.parametrize("name", NAMES)
def test_answers_stay_close(graphs: Path, name: str) -> None:
    """The error is a small part of what distinguishes texts, though one channel is twenty times as wide as others."""
    texts = tiny_bert.texts(300)
    wanted, found = engine(graphs, "fp32").logits(texts), engine(graphs, name).logits(texts)
    assert np.sqrt(np.square(found - wanted).mean()) < 0.08 * wanted.std(axis=0).mean()


def test_each_step_down_the_list_is_closer(graphs: Path) -> None:
    """Candidates stand in the order of speed; who pays with speed gets precision."""
    texts = tiny_bert.texts(300)
    wanted = engine(graphs, "fp32").logits(texts)
    errors = [float(np.square(engine(graphs, name).logits(texts) - wanted).mean()) for name in NAMES]
    assert errors[-1] < errors[0] / 2


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_answered_for_itself(graphs: Path, name: str) -> None:
    """Alone, among its like and in random company a text gets the same logits up to rounding in fp32."""
    asked, texts = engine(graphs, name), tiny_bert.texts(120)
    together = asked.logits(texts)
    alone = np.concatenate([asked.logits([text]) for text in texts])
    order = np.random.default_rng(0).permutation(len(texts))
    mixed = np.concatenate([asked.logits([texts[row] for row in part]) for part in np.array_split(order, 20)])
    np.testing.assert_allclose(alone, together, atol=1e-4)
    np.testing.assert_allclose(mixed, together[order], atol=1e-4)


def test_several_threads_may_ask_at_once(graphs: Path) -> None:
    """Concurrent calls get the answers that they get one after the other."""
    asked = engine(graphs, NAMES[0])
    parts = [tiny_bert.texts(20, seed=seed) for seed in range(8)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(asked.logits, parts))
    for part, logits in zip(parts, found, strict=True):
        np.testing.assert_array_equal(logits, asked.logits(part))


def test_large_products_and_tables_are_integers(graphs: Path) -> None:
    """No large fp32 constant is left in the first candidate; queries, keys and values share their integers."""
    graph = onnx.load(graphs / f"{NAMES[0]}.onnx").graph
    large = [tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT]
    sizes = {tensor.name: np.prod(tensor.dims) for tensor in graph.initializer}
    assert not [name for name in large if sizes[name] > 64 * 64]
    assert sum(node.op_type == "MatMulIntegerToFloat" for node in graph.node) == 2 * 6
    # the last layer asks for the first token alone, whose integers its keys and values have no part in
    assert sum(node.op_type == "QuantizeLinear" for node in graph.node) == 2 * 4 + 1


@pytest.mark.parametrize("name", NAMES)
def test_building_again_gives_the_same_file(graphs: Path, name: str, tmp_path: Path) -> None:
    """Same graph and texts, same bytes."""
    CANDIDATES[name](graphs / "fp32.onnx", calibration(graphs), tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (graphs / f"{name}.onnx").read_bytes()


def test_one_text_is_enough_to_calibrate_on(graphs: Path, tmp_path: Path) -> None:
    """A graph of one text's ranges is a whole graph with finite answers; how good they are is the gate's to say."""
    one = Calibration(graphs, tiny_bert.texts(1, seed=1), max_length=tiny_bert.MAX_LENGTH)
    shutil.copyfile(graphs / "tokenizer.json", tmp_path / "tokenizer.json")
    for name, build in CANDIDATES.items():
        build(graphs / "fp32.onnx", one, tmp_path / f"{name}.onnx")
        assert np.isfinite(engine(tmp_path, name).logits(tiny_bert.texts(50))).all()


def test_no_text_to_calibrate_on_is_an_error(graphs: Path, tmp_path: Path) -> None:
    """It says so instead of making a graph of nothing."""
    none = Calibration(graphs, [], max_length=tiny_bert.MAX_LENGTH)
    with pytest.raises(DataError, match="no text to fix the scales"):
        CANDIDATES[NAMES[0]](graphs / "fp32.onnx", none, tmp_path / "none.onnx")
    assert not (tmp_path / "none.onnx").exists()
