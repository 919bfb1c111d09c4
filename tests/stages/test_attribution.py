"""Explanations of whole models: of the linear one exactly, of a Transformer by the method that was chosen."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.data.clean import DEFAULT_STEPS
from argosy.evaluate.rivals.baselines import export_linear, fit_linear
from argosy.stages.classify.attribution import Explainer, explain, trust

GOOD = ["works great", "lovely stuff", "很好用", "非常满意"]
BAD = ["broke at once", "awful stuff", "很难用", "非常失望"]
THINGS = ["the camera", "the screen", "this bag", "相机", "屏幕", "包包"]


def describe(folder: Path, labels: list[str], engines: Mapping[str, object], **more: object) -> Path:
    """Make a model's folder of ``folder``."""
    kept = {"format": 1, "name": "toy", "labels": labels, "text_steps": list(DEFAULT_STEPS), "max_length": 24}
    served = next(iter(engines))
    text = json.dumps({**kept, "served": served, "engines": engines, **more})
    (folder / "argosy.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of both languages that serves its linear engine."""
    pytest.importorskip("skl2onnx")
    folder = tmp_path_factory.mktemp("linear")
    texts = [f"{thing} {verdict}" for thing in THINGS for verdict in GOOD + BAD]
    truth = np.array([int(verdict in GOOD) for _ in THINGS for verdict in GOOD + BAD])
    export_linear(fit_linear(texts, truth, ("bad", "good"), seed=0), folder / "linear.onnx")
    return describe(folder, ["bad", "good"], {"linear": {"file": "linear.onnx"}})


@pytest.mark.parametrize(
    ("text", "label", "reasons"),
    [("The  ＰＨＯＮＥ broke at once", "bad", {"broke", "at", "once"}), ("这个手机非常失望", "bad", set("失望"))],
)
def test_a_linear_model_is_explained_exactly(linear: Path, text: str, label: str, reasons: set[str]) -> None:
    """The tokens that it learnt from stand first, as they are written in the text that was given."""
    (found,) = explain(linear, [text])
    assert (found.label, found.method) == (label, "exact")
    assert found.probability > 0.5
    ranked = sorted(found.tokens, key=lambda token: -token.score)
    assert {token.piece for token in ranked[: len(reasons)]} == reasons
    assert all(text[token.start : token.end] == token.piece for token in found.tokens)


def test_the_scores_of_two_labels_are_opposites(linear: Path) -> None:
    """What speaks for one speaks against the other."""
    (good,) = explain(linear, ["it works great"], label="good")
    (bad,) = explain(linear, ["it works great"], label="bad")
    assert [token.score for token in bad.tokens] == pytest.approx([-token.score for token in good.tokens])
    assert bad.probability == pytest.approx(1 - good.probability)


def test_a_text_without_tokens_is_explained_by_nothing(linear: Path) -> None:
    """And that is not called faithful."""
    (found,) = explain(linear, [""])
    assert found.tokens == ()
    assert not found.faithful.faithful


def test_an_unknown_label_or_method_is_answered_with_the_known_ones(linear: Path) -> None:
    """Both are the user's words."""
    with pytest.raises(ProjectError, match="bad, good"):
        explain(linear, ["text"], label="nice")
    with pytest.raises(ProjectError, match="exact"):
        explain(linear, ["text"], method="integrated-gradients")


def test_an_explanation_goes_into_json(linear: Path) -> None:
    """Tokens with their spans, and the verdict on it."""
    told = json.loads(json.dumps(explain(linear, ["works great 很好用"])[0].to_json()))
    assert set(told) == {"text", "label", "probability", "method", "tokens", "faithful"}
    assert set(told["tokens"][0]) == {"start", "end", "piece", "score"}
    assert set(told["faithful"]) == {"faithful", "p", "drop", "random", "draws"}


def test_exact_parts_are_better_than_chance_over_texts(linear: Path) -> None:
    """The mean gain's interval lies above 0."""
    texts = [f"{thing} {verdict} and so on 等等" for thing in THINGS[:2] for verdict in GOOD + BAD]
    found = trust(Explainer(linear), texts, ["exact"])["exact"]
    assert found.texts == len(texts)
    assert found.gain.low > 0


@pytest.mark.torch
def test_a_transformer_is_explained_by_every_method(tmp_path: Path) -> None:
    """The one that was chosen when it was built comes first; all speak of the same tokens."""
    pytest.importorskip("torch")
    pytest.importorskip("captum")
    import tiny_bert

    chosen = {"method": "gradient-shap"}
    folder = describe(tiny_bert.write(tmp_path), list(tiny_bert.LABELS), {"torch": {}}, explanation=chosen)
    explainer = Explainer(folder)
    assert explainer.methods[0] == "gradient-shap"
    assert explainer.explain("w1 w2 w3").method == "gradient-shap"
    text = "w1  w22 &amp; w333 w44 ｗ5"
    found = explainer.compare(text, methods=explainer.methods)
    pieces = {tuple(token.piece for token in one.tokens) for one in found.values()}
    assert pieces == {("w1", "w22", "&amp;", "w333", "w44", "ｗ5")}
    assert len({one.label for one in found.values()}) == 1
