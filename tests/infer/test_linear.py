"""The linear engine answers as the model it was exported from, on any text and in any company."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argosy.core.engine import Classifier
from argosy.core.errors import MissingError
from argosy.data.clean import DEFAULT_STEPS, clean_text
from argosy.evaluate.rivals.baselines import LinearModel, export_linear, fit_linear
from argosy.infer.engines.linear import LONGEST_TEXT, LinearClassifier, Vocabulary, fold, occurrences

TEXTS = ["good and cheap", "good 👍🏽", "很好，很便宜", "好用", "bad and dear", "bad 👎", "很差，很贵", "难用"] * 4
LABELS = ("bad", "good")
ODD = [
    "",
    " ",
    "\n\n",
    "GOOD\tand\r\n\r\nCHEAP",
    "İI ß",
    "👩‍👩‍👧 good",
    "很\u3000好",
    "\x00bad\ud800",
    "x" * 5_000,
    "Ａ＆Ｂ &lt;好&gt;",
]


@pytest.fixture(scope="module")
def model() -> LinearModel:
    """A small model of both languages."""
    return fit_linear(TEXTS, np.array(([1] * 4 + [0] * 4) * 4), LABELS, seed=0)


@pytest.fixture(scope="module")
def engine(model: LinearModel, tmp_path_factory: pytest.TempPathFactory) -> LinearClassifier:
    """The engine of the exported model."""
    pytest.importorskip("skl2onnx")
    file = tmp_path_factory.mktemp("linear") / "baseline.onnx"
    export_linear(model, file)
    return LinearClassifier(file, text_steps=DEFAULT_STEPS, threads=1)


def test_the_engine_is_a_classifier(engine: LinearClassifier) -> None:
    """Labels, probabilities that add up to one, and the order of the texts."""
    assert isinstance(engine, Classifier)
    first, second = engine.classify(["good and cheap", "很差，很贵"])
    assert (first.label, second.label) == ("good", "bad")
    assert tuple(first.probabilities) == engine.labels == LABELS
    assert sum(first.probabilities.values()) == pytest.approx(1, abs=1e-12)


@given(st.lists(st.text(), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_engine_answers_as_the_model(engine: LinearClassifier, model: LinearModel, texts: list[str]) -> None:
    """From raw text, within a tenth of the gate's tolerance, on any Unicode."""
    cleaned = [clean_text(text, DEFAULT_STEPS) for text in [*texts, *ODD]]
    assert engine.logits([*texts, *ODD]) == pytest.approx(model.logits(cleaned), abs=1e-5)


def test_the_answer_for_a_text_does_not_depend_on_the_others(engine: LinearClassifier) -> None:
    """Alone or among 200 others, more than one batch of them."""
    many = (ODD + TEXTS) * 5
    alone = np.concatenate([engine.logits([text]) for text in many])
    assert engine.logits(many) == pytest.approx(alone, abs=1e-6)


def test_no_text_gives_no_answer(engine: LinearClassifier) -> None:
    """An empty request is not an error here."""
    assert engine.classify([]) == []


def test_a_text_costs_the_characters_that_are_read(engine: LinearClassifier) -> None:
    """White space counts once, and nothing behind the limit."""
    assert engine.count(" very  good\n") == len("very good")
    assert engine.count("好" * 9_999) == LONGEST_TEXT


def test_ngrams_do_not_reach_over_the_end_of_a_text() -> None:
    """The n-grams are those of each text alone."""
    for n, number, starts, _, joined in occurrences(["abc", "", "好吗"], 3):
        found = [(int(text), joined[start : start + n]) for text, start in zip(number, starts, strict=True)]
        folded = [fold(text) for text in ("abc", "", "好吗")]
        known = [(k, text[at : at + n]) for k, text in enumerate(folded) for at in range(len(text) - n + 1)]
        assert found == known


def test_the_weights_are_those_of_scikit_learn() -> None:
    """Sublinear TF-IDF over characters, each row of length one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    judge = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, preprocessor=fold)
    known = judge.fit_transform(TEXTS).toarray()
    names = judge.get_feature_names_out().tolist()
    frequencies = (known > 0).sum(axis=0).tolist()
    found = Vocabulary(names, frequencies, len(TEXTS)).weigh(TEXTS)
    dense = np.zeros_like(known)
    dense[found.rows, found.columns] = found.values
    assert dense == pytest.approx(known, abs=1e-6)


def test_a_file_that_is_not_there_or_not_a_linear_model_is_refused(tmp_path: Path) -> None:
    """Another graph has no vocabulary."""
    onnx = pytest.importorskip("onnx")
    with pytest.raises(MissingError, match="not there"):
        LinearClassifier(tmp_path / "none.onnx", text_steps=())
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    other = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "other", [value], [other])
    opset = onnx.helper.make_opsetid("", 18)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10), tmp_path / "other.onnx")
    with pytest.raises(MissingError, match="no vocabulary"):
        LinearClassifier(tmp_path / "other.onnx", text_steps=())


def test_the_engine_needs_no_locale_and_no_scikit_learn(model: LinearModel, tmp_path: Path) -> None:
    """It runs under the C locale, and scikit-learn and scipy stay unloaded."""
    pytest.importorskip("skl2onnx")
    file = tmp_path / "baseline.onnx"
    export_linear(model, file)
    script = (
        "import sys; from pathlib import Path; from argosy.infer.engines.linear import LinearClassifier\n"
        f"engine = LinearClassifier(Path({str(file)!r}), text_steps=(), threads=1)\n"
        "assert engine.classify(['GOOD 很好'])[0].label == 'good'\n"
        "assert not {'sklearn', 'scipy', 'torch', 'onnx'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "LC_ALL": "C", "LANG": "C"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def test_the_parts_of_the_characters_add_up_to_the_scores(model: LinearModel, engine: LinearClassifier) -> None:
    """Exactly, less the scores of an empty text and what n-grams of blanks alone add."""
    for text in ("Good, and VERY good", "很好，很便宜", "bad 👎"):
        read, parts = engine.contributions(text)
        assert parts.shape == (len(read), 2)
        whole, empty = engine.logits([text])[0], engine.logits([""])[0]
        margin = (whole[1] - whole[0]) - (empty[1] - empty[0])
        blank = model.vocabulary.ngrams.index(" ")
        weighed = model.vocabulary.weigh([read])
        value = weighed.values[weighed.columns == blank].sum()
        alone = value * (model.weights[1, blank] - model.weights[0, blank])
        assert (parts[:, 1] - parts[:, 0]).sum() + alone == pytest.approx(margin, abs=1e-4)


def test_a_text_without_a_character_has_no_parts(engine: LinearClassifier) -> None:
    """Nothing to share out."""
    read, parts = engine.contributions(" \n")
    assert read == ""
    assert parts.shape == (0, 2)
