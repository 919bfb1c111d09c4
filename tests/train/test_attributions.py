"""Attributions by captum: what the model looks at gets the score, in the text's own characters, the same every time."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.torch
pytest.importorskip("torch")
pytest.importorskip("captum")

import tiny_bert  # noqa: E402 - behind the check that torch is there

from argosy.train.attributions import Weights, ask  # noqa: E402

TEXT = "w1 w22 w333 w44 w5"
METHODS = ("integrated-gradients", "gradient-shap", "attention")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small classifier."""
    return tiny_bert.write(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def weights(folder: Path) -> Weights:
    """The same, opened."""
    return Weights(folder, max_length=tiny_bert.MAX_LENGTH)


def _log_odds(folder: Path, text: str, label: int) -> float:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    ids = [1, *(tiny_bert.tokenizer().token_to_id(word) for word in text.split()), 2]
    with torch.inference_mode():
        shares = model(input_ids=torch.tensor([ids])).logits.softmax(dim=-1)[0, label]
    return float(torch.logit(shares))


@pytest.mark.parametrize("method", METHODS)
def test_every_token_of_the_text_gets_a_score_and_special_ones_none(weights: Weights, method: str) -> None:
    """Spans are those of the text."""
    spans, scores = weights.attribute(TEXT, 1, method=method)
    assert [TEXT[start:end] for start, end in spans] == TEXT.split()
    assert len(scores) == len(spans)
    assert np.isfinite(scores).all()
    assert np.ptp(scores) > 0


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_scores(weights: Weights, method: str) -> None:
    """The process's own random state plays no part, and is left alone."""
    import torch

    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = weights.attribute(TEXT, 0, method=method, seed=3)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002 - the state that captum draws from
    assert weights.attribute(TEXT, 0, method=method, seed=3) == first


def test_gradients_add_up_to_the_change_of_the_log_odds(weights: Weights, folder: Path) -> None:
    """Completeness: from padding in place of the tokens to the text, but for the steps' rounding."""
    _, scores = weights.attribute(TEXT, 2, method="integrated-gradients")
    whole, padded = (_log_odds(folder, words, 2) for words in (TEXT, " ".join(["[PAD]"] * 5)))
    assert sum(scores) == pytest.approx(whole - padded, rel=0.1, abs=0.02)


def test_a_text_without_a_token_has_no_scores(weights: Weights) -> None:
    """Nothing to attribute to."""
    assert weights.attribute("", 0, method="integrated-gradients") == ([], [])


@pytest.mark.parametrize("method", ["kernel-shap", "lime"])
def test_answers_tell_which_tokens_count(method: str) -> None:
    """Two of six tokens carry the answer, one of them against it; the more of them, the same."""

    def log_odds(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(2.0 * masks[:, 1] - 1.0 * masks[:, 4])

    scores = ask(log_odds, 6, method=method)
    assert np.argsort(scores)[[0, -1]].tolist() == [4, 1]
    assert np.abs(np.array(scores)[[0, 2, 3, 5]]).max() < 0.3
    assert scores == ask(log_odds, 6, method=method)


@pytest.mark.parametrize("method", ["kernel-shap", "lime"])
def test_one_token_or_none_needs_no_draw(method: str) -> None:
    """The change that the only token makes."""

    def log_odds(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return masks.sum(axis=1).astype(np.float64) * 3

    assert ask(log_odds, 1, method=method) == [3.0]
    assert ask(log_odds, 0, method=method) == []
