"""The model of intents: fitted on questions, written, opened without what fitted it, and sure of what it knows."""

from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.assist.understanding.intents import HEAD, LINEAR, open_intents, products
from argosy.core.errors import DataError, MissingError

pytest.importorskip("sklearn")
pytest.importorskip("skl2onnx")

from argosy.stages.support.intents import Intents, fit_intents

TOPICS = ("refund", "password", "delivery", "invoice", "coupon", "warranty", "exchange", "address", "退款", "密码")
FRAMES = (
    "how about my {}",
    "a question on {}",
    "{} please",
    "tell me of {}",
    "i need {} now",
    "where is the {}",
    "请问{}怎么办",
)
STRANGE = ("play some music", "what a lovely morning", "写一首诗", "who won the match", "12345")
WIDTH = 64


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of words and of pairs of characters by their hashes."""
    out = np.full((len(texts), WIDTH), 1e-3, dtype=np.float32)
    for row, text in zip(out, texts, strict=True):
        for part in (*text.split(), *map("".join, pairwise(text))):
            row[crc32(part.encode()) % WIDTH] += 1
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def rows(frames: Sequence[str]) -> tuple[list[str], list[str]]:
    """Questions and the ids of their answers."""
    found = [(frame.format(topic), f"answer-{topic}") for frame, topic in product(frames, TOPICS)]
    return [text for text, _ in found], [name for _, name in found]


@pytest.fixture(scope="module", params=["head", "linear"])
def fitted(request: pytest.FixtureRequest) -> Intents:
    """With vectors and without."""
    return fit_intents(*rows(FRAMES[:5]), *rows(FRAMES[5:]), embed=embed if request.param == "head" else None, seed=7)


def test_what_was_written_reads_as_what_was_fitted(fitted: Intents, tmp_path: Path) -> None:
    """To the rounding of the keys; and it gets the validation questions right."""
    fitted.write(tmp_path)
    with_head = (tmp_path / HEAD).is_file()
    opened = open_intents(tmp_path, embed if with_head else None)
    texts, ids = rows(FRAMES[5:])
    found, expected = opened.read(texts), fitted.model(embed if with_head else None).read(texts)
    assert found.ids == tuple(sorted(set(ids)))
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-5)
    np.testing.assert_allclose(found.known, expected.known, atol=2e-2)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    said = [found.ids[place] for place in found.probabilities.argmax(axis=1)]
    assert np.mean([one == name for one, name in zip(said, ids, strict=True)]) >= 0.9
    assert fitted.accuracy >= 0.9


def test_what_belongs_to_no_intent_is_less_known(fitted: Intents) -> None:
    """Though no such question was ever seen."""
    model = fitted.model(embed)
    asked, _ = rows(FRAMES[5:])
    assert np.median(model.read(asked).known) > np.median(model.read(STRANGE).known)


def test_nothing_is_read_of_no_texts(fitted: Intents) -> None:
    """Empty arrays of the right shapes."""
    found = fitted.model(embed).read([])
    assert found.probabilities.shape == (0, len(TOPICS))
    assert found.known.shape == (0,)


def test_few_intents_and_no_validation_rows_still_make_a_model() -> None:
    """What is known is then what the model is sure of; validation rows of other answers count for nothing."""
    texts, ids = ["my refund", "refund now", "the password", "a password"], ["a", "a", "b", "b"]
    found = fit_intents(texts, ids, ["strange"], ["c"], embed=embed, seed=7)
    assert found.model(embed).read(["a refund"]).probabilities.argmax() == 0


def test_one_answer_is_nothing_to_tell_apart() -> None:
    """And the error says what to do."""
    with pytest.raises(DataError, match="at least 2"):
        fit_intents(["a", "b"], ["x", "x"], [], [], embed=None, seed=7)


def test_traditional_and_simplified_questions_read_alike(fitted: Intents) -> None:
    """What is learnt from is folded as what is asked."""
    pytest.importorskip("opencc")
    texts, ids = ["請問退款怎麼辦", "退款呢", "密碼忘記了", "密碼呢"], ["a", "a", "b", "b"]
    found = fit_intents(texts, ids, [], [], embed=None, seed=7)
    assert found.learnt.texts[0] == "请问退款怎么办"
    assert fitted.learnt.texts[0] == "how about my refund"


def test_a_folder_that_lacks_its_parts_is_refused(tmp_path: Path, fitted: Intents) -> None:
    """With what is missing: the model, or the encoder that its vectors come of."""
    with pytest.raises(MissingError, match="no model of intents"):
        open_intents(tmp_path)
    fitted.write(tmp_path)
    if (tmp_path / HEAD).is_file():
        with pytest.raises(MissingError, match="no encoder"):
            open_intents(tmp_path)
    (tmp_path / LINEAR).unlink()
    with pytest.raises(MissingError, match="linear model"):
        open_intents(tmp_path, embed)


def test_many_intents_are_fitted_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of answers would cost most of an hour; the usual settings tell them apart too."""
    monkeypatch.setattr("argosy.stages.support.intents._SEARCHED", 100)
    found = fit_intents(*rows(FRAMES[:5]), *rows(FRAMES[5:]), embed=embed, seed=7)
    assert not found.linear.trials
    assert found.accuracy >= 0.9


@pytest.mark.parametrize(
    ("texts", "count", "width"), [(1, 5, 3), (3, 1_000, 64), (2, 2_049, 384), (0, 7, 8), (2, 3, 9_000)]
)
def test_products_in_pieces_are_the_products(texts: int, count: int, width: int) -> None:
    """Whatever is left over behind the last whole piece."""
    rng = np.random.default_rng(3)
    vectors, matrix = (rng.normal(size=(n, width)).astype(np.float32) for n in (texts, count))
    np.testing.assert_allclose(products(vectors, matrix), vectors @ matrix.T, atol=2e-3)
