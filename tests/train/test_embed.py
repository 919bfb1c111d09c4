"""Embeddings do not depend on the texts beside them, and bfloat16 does not hurt them."""

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

import tiny_bert  # noqa: E402 - behind the check that torch is there

from argosy.core.errors import MissingError  # noqa: E402
from argosy.train.embed import Encoder, prefix  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return tiny_bert.write(tmp_path_factory.mktemp("bert"))


def test_a_text_has_one_embedding_in_any_company(folder: Path) -> None:
    """Of length one, in the order of the texts, none for none."""
    encoder = Encoder(folder, max_length=tiny_bert.MAX_LENGTH)
    texts = tiny_bert.texts(60)
    vectors = encoder.embed(texts)
    assert vectors.shape == (60, 64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors == pytest.approx(np.concatenate([encoder.embed([text]) for text in texts]), abs=1e-5)
    assert encoder.embed([]).shape == (0, 64)


def test_the_embedding_is_the_mean_over_the_tokens(folder: Path) -> None:
    """Padding takes no part; special tokens do."""
    import torch
    from transformers import AutoModel

    ids = torch.tensor([tiny_bert.tokenizer().encode("w1 w2 w3").ids[:5]])
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder, local_files_only=True).eval()(input_ids=ids).last_hidden_state[0]
    mean = states.mean(dim=0).numpy()
    found = Encoder(folder, max_length=tiny_bert.MAX_LENGTH).embed(["w1 w2 w3"])[0]
    assert found == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_bfloat16_keeps_the_direction(folder: Path) -> None:
    """Within a cosine of 0.999."""
    texts = tiny_bert.texts(20)
    full, half = (Encoder(folder, max_length=24, bf16=bf16).embed(texts) for bf16 in (False, True))
    assert np.sum(full * half, axis=1).min() > 0.999


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("intfloat/multilingual-e5-small", "query: "),
        ("intfloat/e5-base-v2", "query: "),
        ("/models/E5-large", "query: "),
        ("intfloat/multilingual-e5-large-instruct", ""),
        ("bert-base-chinese", ""),
        ("someone/note5-small", ""),
    ],
)
def test_only_e5_wants_a_prefix(base: str, expected: str) -> None:
    """As its card says; the instruct models want another one."""
    assert prefix(base) == expected


def test_a_folder_that_is_no_encoder_is_refused(bare_base: Path) -> None:
    """With what could be used instead."""
    with pytest.raises(MissingError, match=r"encoder|tokenizer"):
        Encoder(bare_base, max_length=24)
