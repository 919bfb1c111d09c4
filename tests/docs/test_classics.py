"""The classics compute what their comments say, agree with the libraries, and learn what they claim to learn."""

import importlib
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.evaluate.tasks.measure import measure

FOLDER = Path(__file__).parents[2] / "examples" / "classics"


PAGES = [FOLDER / "README.md", FOLDER / "README.zh-CN.md", *(FOLDER.parents[1] / "docs").glob("??/classics.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.name}")
def test_each_classic_is_told_of_in_both_languages(page: Path) -> None:
    """No file is forgotten, and no file is named that is not there."""
    named = set(re.findall(r"`(\w+\.py)`", page.read_text(encoding="utf-8")))
    assert named == {path.name for path in FOLDER.glob("*.py")}


@pytest.fixture
def classic(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A file of the folder as a module, by its name; its neighbours are found as when it runs as a script."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def test_the_weights_of_attention_sum_to_one(classic: Any) -> None:
    """With a mask and without one, for any numbers, and later keys weigh nothing under the mask."""
    attention = classic("attention")
    queries, keys, values = np.random.default_rng(1).standard_normal((3, 6, 8)) * 30
    for causal in (False, True):
        _, weights = attention.attention(queries, keys, values, causal=causal)
        assert weights.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-12)
        assert (np.triu(weights, 1) == 0).all() == causal


def test_the_attention_worked_by_hand_is_what_comes_out(classic: Any) -> None:
    """The numbers in the comments, to the digits that are told."""
    attention = classic("attention")
    mixed, weights = attention.attention(attention.QUERIES, attention.KEYS, attention.VALUES)
    assert weights[[0, 2]] == pytest.approx(np.array([[0.4223, 0.1554, 0.4223], [0.2741, 0.2741, 0.4519]]), abs=5e-5)
    assert mixed[0] == pytest.approx([1.2670, 1.0000], abs=5e-5)
    _, causal = attention.attention(attention.QUERIES, attention.KEYS, attention.VALUES, causal=True)
    assert causal[:2] == pytest.approx(np.array([[1, 0, 0], [0.2689, 0.7311, 0]]), abs=5e-5)


def test_the_root_keeps_attention_from_seeing_one_key_alone(classic: Any) -> None:
    """Divided by the root the spread of the weights does not hang on the width; undivided it goes."""
    entropy = classic("attention").entropy_of_weights
    assert entropy(512, scaled=True) == pytest.approx(entropy(8, scaled=True), abs=0.05)
    assert entropy(512, scaled=False) < 0.2


def test_the_losses_worked_by_hand_are_what_comes_out(classic: Any) -> None:
    """The numbers in the comments; probabilities and logits of the same rows have the same loss."""
    losses = classic("losses")
    assert losses.mean_squared_error(losses.TRUTH, losses.PREDICTED)[0] == pytest.approx(10 / 3)
    assert losses.from_probabilities(losses.PROBABILITIES, losses.LABELS) == pytest.approx(0.4338, abs=5e-5)
    assert losses.from_logits(losses.LOGITS, losses.LABELS)[0] == pytest.approx(0.6348, abs=5e-5)
    assert losses.binary_from_logits(losses.LOGITS[:, 0], np.array([1.0, 0.0])) == pytest.approx(0.4100, abs=5e-5)
    shown = losses.from_logits(np.log(losses.PROBABILITIES), losses.LABELS)[0]
    assert shown == pytest.approx(losses.from_probabilities(losses.PROBABILITIES, losses.LABELS))


def test_logits_far_apart_have_a_finite_loss(classic: Any) -> None:
    """Where a softmax has become 0, the loss from logits is still right."""
    losses = classic("losses")
    assert losses.from_logits(np.array([[1e4, 0.0]]), np.array([1]))[0] == 1e4
    assert losses.from_logits(np.array([[-1e4, 0.0]]), np.array([1]))[0] == 0
    assert losses.binary_from_logits(np.array([-1e4, 1e4]), np.array([1.0, 1.0])) == 5e3
    assert losses.from_probabilities(np.array([[1.0, 0.0]]), np.array([1])) == math.inf


@pytest.mark.parametrize("name", ["mean_squared_error", "from_logits"])
def test_the_gradient_of_a_loss_is_its_slope(name: str, classic: Any) -> None:
    """Each derivative equals what a small step changes."""
    losses = classic("losses")
    cases = {"mean_squared_error": (losses.PREDICTED, losses.TRUTH), "from_logits": (losses.LOGITS, losses.LABELS)}
    at, truth = cases[name]
    pair = (
        (lambda x: losses.mean_squared_error(truth, x))
        if name == "mean_squared_error"
        else (lambda x: losses.from_logits(x, truth))
    )
    step = 1e-6
    for place in np.ndindex(at.shape):
        moved = np.zeros(at.shape)
        moved[place] = step
        assert (pair(at + moved)[0] - pair(at - moved)[0]) / (2 * step) == pytest.approx(pair(at)[1][place], abs=1e-7)


@pytest.mark.torch
def test_attention_and_losses_are_those_of_torch(classic: Any) -> None:
    """To the last digits, the mask included; and a softmax too many does not come below .5514."""
    pytest.importorskip("torch")
    attention, losses = classic("attention"), classic("losses")
    for causal in (False, True):
        ours, _ = attention.attention(attention.QUERIES, attention.KEYS, attention.VALUES, causal=causal)
        assert ours == pytest.approx(attention.by_torch(causal=causal), abs=1e-12)
    torch = losses.by_torch()
    assert losses.mean_squared_error(losses.TRUTH, losses.PREDICTED)[0] == pytest.approx(torch["mse"])
    assert losses.from_logits(losses.LOGITS, losses.LABELS)[0] == pytest.approx(torch["cross-entropy"])
    assert losses.binary_from_logits(losses.LOGITS[:, 0], np.array([1.0, 0.0])) == pytest.approx(torch["binary"])
    assert torch["twice"] == pytest.approx(math.log(1 + 2 / math.e))


def test_the_optimisers_worked_by_hand_are_what_comes_out(classic: Any) -> None:
    """The numbers in the comments, and the step of Adam without its correction."""
    walks = classic("optimisers")
    assert walks.first(walks.descent(1.0), 2) == pytest.approx([0.8, 0.64])
    assert walks.first(walks.momentum(1.0), 3) == pytest.approx([0.8, 0.46, 0.062])
    assert walks.first(walks.adam(1.0), 2) == pytest.approx([0.9, 0.80041], abs=5e-6)
    assert 1 - next(walks.adam(1.0, corrected=False)) == pytest.approx(0.1 * 0.2 / math.sqrt(0.004), abs=1e-6)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["descent", "momentum", "adam"])
def test_the_optimisers_are_those_of_torch(name: str, classic: Any) -> None:
    """Fifty steps stay together to 1e-6."""
    pytest.importorskip("torch")
    walks = classic("optimisers")
    assert walks.first(getattr(walks, name)(walks.START), 50) == pytest.approx(walks.by_torch(name, 50), abs=1e-6)


def test_linear_regression_reaches_the_closed_form(classic: Any) -> None:
    """The loss falls at 1 / L and explodes above 2 / L; the weights are those of least squares; they beat the mean."""
    linear = classic("linear_regression")
    features, targets, test_features, test_targets = linear.rows()
    steepest = linear.curvature(features)
    weights, losses = linear.descend(features, targets, rate=1 / steepest, steps=10_000)
    assert np.diff(losses).max() < 1e-9 * losses[0]  # rounding aside
    assert weights == pytest.approx(linear.closed_form(features, targets), abs=1e-5)
    _, wild = linear.descend(features, targets, rate=2.05 / steepest, steps=200)
    assert wild[-1] > 1e3 * wild[0]
    sheet = linear.figures(weights, targets, test_features, test_targets)
    assert sheet.figures["mae"].versus.high < 0
    assert sheet.figures["r2"].low > 0.2


def test_logistic_regression_reaches_that_of_scikit_learn(classic: Any) -> None:
    """The loss never rises, the weights are the same, and it beats the majority."""
    logistic = classic("logistic_regression")
    features, labels, test_features, test_labels = logistic.rows()
    weights, losses = logistic.descend(features, labels, steps=3_000)
    assert losses[0] == pytest.approx(math.log(2))
    assert np.diff(losses).max() < 1e-9 * losses[0]  # rounding aside
    assert weights == pytest.approx(logistic.by_scikit_learn(features, labels), abs=1e-4)
    assert logistic.figures(weights, labels, test_features, test_labels).figures["accuracy"].versus.low > 0.2


def test_a_sigmoid_does_not_overflow(classic: Any) -> None:
    """Scores of any size; warnings would be errors here."""
    assert classic("logistic_regression").sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0, 0.5, 1]


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(5))
def test_a_hidden_layer_solves_xor(seed: int, classic: Any) -> None:
    """All four points, surely, from each seed; without a hidden layer never, at a loss of ln 2."""
    pytest.importorskip("torch")
    xor = classic("xor")
    right, nats = xor.solve(seed, hidden=8)
    assert (right, nats < 0.05) == (4, True)
    right, nats = xor.solve(seed, hidden=0)
    assert right < 4
    assert nats == pytest.approx(math.log(2), abs=1e-3)


@pytest.mark.torch
def test_the_regression_net_beats_the_line(classic: Any) -> None:
    """By the paired test on rows kept aside, short of the best there can be; both losses are drawn."""
    pytest.importorskip("torch")
    net = classic("regression_net")
    x, y = net.friedman(1200, seed=3)
    said, curves = net.fitted(x, y, epochs=10, seed=3)
    figure = net.figures(x, y, said)["net"].figures["r2"]
    assert figure.versus.low > 0
    assert figure.high < 0.97
    assert curves[-1][0] < curves[0][0] / 3
    assert net.as_svg(curves).count("<polyline") == 2
    assert len(net.in_the_terminal([loss for loss, _ in curves])) == 10


@pytest.fixture
def reviews(classic: Any) -> Any:
    """What the classifiers of texts share; needs torch."""
    pytest.importorskip("torch")
    return classic("reviews")


@pytest.mark.torch
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_parts_of_the_reviews_share_no_text(language: str, reviews: Any) -> None:
    """The rows asked for, in the shares that are told, each text once, and test words stay out of the vocabulary."""
    data = reviews.parts(language, 400)
    assert [len(data[name].texts) for name in ("train", "validation", "test")] == pytest.approx([280, 60, 60], abs=3)
    texts = [text for part in data.values() for text in part.texts]
    assert len({text.strip().lower() for text in texts}) == len(texts)
    known = reviews.vocabulary(["好 好 坏", "good good bad"])
    assert known == {"好": 2, "good": 3}
    assert reviews.numbered(["好 new", "!"], known) == [[2, 1], [1]]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "network"), [("word_vectors", "WordVectors"), ("text_cnn", "TextCnn"), ("text_lstm", "TextLstm")]
)
def test_a_texts_answer_does_not_hang_on_its_company(name: str, network: str, classic: Any, reviews: Any) -> None:
    """Padding changes nothing, and a text of one token is read."""
    import torch

    torch.manual_seed(0)
    model = getattr(classic(name), network)(50)
    ids = [[7], [3, 9, 4], list(range(2, 30))]
    together = reviews.answers(model, ids)
    assert together.sum(axis=1) == pytest.approx(np.ones(3))
    assert together == pytest.approx(np.concatenate([reviews.answers(model, [row]) for row in ids]), abs=1e-6)


@pytest.mark.torch
def test_the_networks_beat_the_majority(classic: Any, reviews: Any) -> None:
    """Word vectors, CNN and LSTM, each by the paired test, on Chinese reviews; every line has its interval."""
    data = reviews.parts("zh", 1_200)
    said = {"majority": reviews.majority(data), **classic("compare").networks(data, epochs=5)}
    lines = reviews.told(data, said)
    assert len(lines) == 4
    assert all("[" in line for line in lines)
    sheets = measure("classify", data["test"].labels, said, best="majority", seed=7)
    for name in ("word vectors", "CNN", "LSTM"):
        versus = sheets[name].figures["accuracy"].versus
        assert versus is not None
        assert versus.low > 0, name


@pytest.mark.torch
def test_the_better_baseline_is_the_one_to_beat(classic: Any, reviews: Any) -> None:
    """The linear model, where it is better on the validation rows."""
    data = reviews.parts("zh", 600)
    said, best = classic("compare").baselines(data)
    assert best == "linear"
    assert {name: answers.shape for name, answers in said.items()} == dict.fromkeys(
        ("majority", "linear"), (len(data["test"].texts), 2)
    )


@pytest.mark.torch
def test_a_text_learnt_by_heart_is_continued(classic: Any, tmp_path: Path) -> None:
    """The next lines in both languages, sign by sign, from the stored model; verses it has not seen surprise it."""
    pytest.importorskip("torch")
    poems = classic("continue_a_text")
    texts = [poems.ENGLISH, poems.CHINESE]
    model, tokenizer, losses = poems.learn(texts, tmp_path, steps=60)
    assert losses[0] > 2
    assert losses[-1] < 0.3
    for text in texts:
        start, *lines = text.splitlines(keepends=True)
        assert poems.go_on(tmp_path, start.rstrip("\n"), tokens=64).startswith("\n" + "".join(lines[:2]))
    assert poems.surprise(model, tokenizer, texts).value < 0.5
    assert poems.surprise(model, tokenizer, poems.UNSEEN).low > 5


@pytest.mark.torch
@pytest.mark.parametrize("way", ["fit", "loop"])
def test_a_fine_tuned_encoder_tells_the_labels_apart(way: str, classic: Any, reviews: Any, tmp_path: Path) -> None:
    """By way of argosy.fit, and of the loop in sight: the probabilities are those of the labels in their order."""
    data = reviews.parts("en", 200)
    if way == "fit":
        sentiment = classic("bert_sentiment")
        said = sentiment.answers(sentiment.fitted(data, tmp_path, epochs=2, longest=16), data["test"])
    else:
        said = classic("bert_classification").fine_tuned(data, epochs=2, longest=16, speak=False)
    assert said.sum(axis=1) == pytest.approx(np.ones(len(data["test"].texts)))
    ranked = measure("classify", data["test"].labels, {"tuned": said}, best="tuned", seed=7)["tuned"].figures["roc_auc"]
    assert ranked.value > 0.6
