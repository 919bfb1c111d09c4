"""The baselines are fitted on training rows alone, give the same model twice, and read both languages."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from argosy.core.errors import DataError
from argosy.evaluate.rivals.baselines import LinearModel, export_linear, fit_linear, majority
from argosy.evaluate.rivals.ngrams import LONGEST
from argosy.evaluate.rivals.stop_words import stop_words
from argosy.infer.engines.linear import LinearClassifier

THINGS = ["delivery", "screen", "battery", "room", "service", "物流", "屏幕", "电池", "房间", "服务"]
GOOD = ["was very good", "works great", "is lovely", "很好", "非常满意", "太棒了"]
BAD = ["was very bad", "broke at once", "is awful", "很差", "非常失望", "太糟了"]
TEXTS = [f"{thing} {verdict}" for thing, verdict in product(THINGS, GOOD + BAD)]
TRUTH = np.array([int(verdict in GOOD) for _, verdict in product(THINGS, GOOD + BAD)])
LABELS = ("negative", "positive")


@pytest.fixture(scope="module")
def model() -> LinearModel:
    """A linear model of two labels."""
    return fit_linear(TEXTS, TRUTH, LABELS, seed=0)


def test_the_majority_is_the_commonest_label() -> None:
    """The first of equals, whatever the order of the rows."""
    assert majority(np.array([2, 1, 1, 2, 0]), 3) == 1


def test_the_linear_model_judges_new_texts_in_both_languages(model: LinearModel) -> None:
    """Things it has never seen, with verdicts it has."""
    logits = model.logits(["the camera works great", "the camera is awful", "相机非常满意", "相机太糟了"])
    assert logits.argmax(axis=1).tolist() == [1, 0, 1, 0]


def test_the_same_rows_and_seed_give_the_same_model(model: LinearModel) -> None:
    """To the last bit."""
    again = fit_linear(TEXTS, TRUTH, LABELS, seed=0)
    assert again.vocabulary.ngrams == model.vocabulary.ngrams
    assert np.array_equal(again.weights, model.weights)
    assert again.trials == model.trials


def test_the_best_setting_of_the_search_is_the_one_fitted(model: LinearModel) -> None:
    """The trials are kept so that a report can show them."""
    best = max(model.trials, key=lambda trial: trial.accuracy)
    assert (model.longest, model.strength) == (best.longest, best.strength)
    assert {trial.longest for trial in model.trials} == set(LONGEST)
    assert max(map(len, model.vocabulary.ngrams)) <= model.longest


def test_log_probabilities_add_up_to_one_for_many_labels() -> None:
    """Five labels, one of them on two rows only."""
    truth = np.concatenate([np.arange(len(TEXTS) - 2) % 4, [4, 4]])
    logits = fit_linear(TEXTS, truth, tuple("abcde"), seed=0).logits(TEXTS)
    assert logits.shape == (len(TEXTS), 5)
    assert np.exp(logits).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_two_rows_are_enough_to_fit() -> None:
    """Too few to search on: the settings are the ordinary ones."""
    model = fit_linear(["good good", "bad bad good"], np.array([1, 0]), LABELS, seed=0)
    assert model.trials == ()
    assert np.isfinite(model.logits(["anything"])).all()


def test_texts_without_a_common_ngram_give_the_shares_of_the_labels() -> None:
    """Not an error: there is nothing to tell them by."""
    for texts in (["a", "b", "c"], ["", "", ""]):
        model = fit_linear(texts, np.array([1, 0, 0]), LABELS, seed=0)
        assert np.exp(model.logits(["z", ""])[:, 0]) == pytest.approx(2 / 3, abs=0.01)


def test_a_label_without_a_row_is_refused_by_name() -> None:
    """Nothing could be learnt for it."""
    with pytest.raises(DataError, match="neutral"):
        fit_linear(TEXTS, TRUTH, (*LABELS, "neutral"), seed=0)


def test_the_file_holds_no_pickle(model: LinearModel, tmp_path: Path) -> None:
    """The graph is checked by onnx itself."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("skl2onnx")
    export_linear(model, tmp_path / "baseline.onnx")
    graph = onnx.load(tmp_path / "baseline.onnx")
    onnx.checker.check_model(graph)
    assert [output.name for output in graph.graph.output] == ["label", "scores"]


def test_stop_words_and_stems_are_served_as_they_were_fitted(tmp_path: Path) -> None:
    """The engine gives raw texts the answers of the model, and inflected words read as one."""
    pytest.importorskip("rjieba")
    pytest.importorskip("snowballstemmer")
    pytest.importorskip("skl2onnx")
    model = fit_linear(TEXTS, TRUTH, LABELS, seed=0, stop_words=True, stem=True)
    export_linear(model, tmp_path / "baseline.onnx")
    engine = LinearClassifier(tmp_path / "baseline.onnx", text_steps=())
    texts = ["The DELIVERIES were lovely", "the delivery is lovely", "服务的态度很差", "屏幕太糟了", ""]
    assert engine.logits(texts) == pytest.approx(model.logits(texts), abs=1e-5)
    first, second = engine.logits(texts)[:2]
    assert first == pytest.approx(second, abs=1e-6)


def test_negations_are_no_stop_words() -> None:
    """Whatever a list says: without them a text may say the opposite."""
    pytest.importorskip("stopwordsiso")
    words = stop_words()
    assert {"the", "of", "的", "一个"} <= words
    assert not {"not", "no", "never", "不", "没有", "不是"} & words
