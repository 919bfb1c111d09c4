"""A few lines fit a base to rows and ask it; what cannot be meant is told in plain words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

import argosy
from argosy.core.errors import DataError, ProjectError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

ROWS = [
    row
    for noun, zh in [("film", "电影"), ("food", "菜"), ("one", "一"), ("two", "二")] * 8
    for row in [
        (f"the {noun} was good", "good"),
        (f"{zh}很坏", "bad"),
        (f"the {noun} was bad", "bad"),
        (f"{zh}好", "good"),
    ]
]
RECIPE = argosy.Recipe(epochs=6, batch_size=4, learning_rate=5e-3, max_length=16)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return tiny_bases.write_encoder(tmp_path_factory.mktemp("encoder"), layers=2)


def test_labels_come_back_as_words_with_probabilities(base: Path, tmp_path: Path) -> None:
    """In both languages; the metric that chose is told."""
    fitted = argosy.fit("classify", ROWS[:96], ROWS[96:], base=base, out=tmp_path / "out", recipe=RECIPE)
    assert fitted.predict(["the film was bad", "菜好"]) == ["bad", "good"]
    assert fitted.predict_proba(["the film was bad", "菜好"]).argmax(axis=1).tolist() == [0, 1]
    assert (fitted.metric, fitted.outcome.history[fitted.outcome.best_epoch - 1][1]) == ("macro_f1", 1.0)
    assert fitted.predict([]) == []
    with pytest.raises(DataError, match="list of texts"):
        fitted.predict("好")


@pytest.mark.parametrize("trains", ["full", "lora"])
def test_figures_come_back_in_their_own_unit(base: Path, tmp_path: Path, trains: Any) -> None:
    """Prices around 1,000: the folder answers so in transformers too."""
    from transformers import AutoModelForSequenceClassification

    rows = [(text, 1200.0 if label == "good" else 800.0) for text, label in ROWS]
    recipe = replace(RECIPE, trains=trains, epochs=8, learning_rate=RECIPE.learning_rate / 2)
    fitted = argosy.fit("regress", rows[:96], rows[96:], base=base, out=tmp_path / "out", recipe=recipe)
    low, high = fitted.predict(["the film was bad", "菜好"])
    assert (low, high) == (pytest.approx(800, abs=100), pytest.approx(1200, abs=100))
    model = AutoModelForSequenceClassification.from_pretrained(fitted.folder).eval()
    ids = torch.tensor([tiny_bases.tokenizer().encode("[CLS] the film was bad [SEP]").ids])
    with torch.inference_mode():
        assert float(model(input_ids=ids).logits) == pytest.approx(low, abs=1)


def test_pairs_are_labels_or_degrees(base: Path, tmp_path: Path) -> None:
    """What stands beside a pair decides."""
    pairs = [((text, f"very {label}"), label) for text, label in ROWS]
    recipe = argosy.Recipe(epochs=1, max_length=24)
    labelled = argosy.fit("pair", pairs[:8], pairs[8:16], base=base, out=tmp_path / "one", recipe=recipe)
    assert labelled.metric == "macro_f1"
    degrees = [(pair, float(label == "good")) for pair, label in pairs]
    graded = argosy.fit("pair", degrees[:8], degrees[8:16], base=base, out=tmp_path / "two", recipe=recipe)
    assert graded.metric == "spearman"
    assert len(graded.predict([("good", "好")])) == 1


def test_a_training_goes_on_from_its_checkpoints(base: Path, tmp_path: Path) -> None:
    """Asked for again, it is not begun anew: the same history, the same weights."""
    from safetensors.torch import load_file

    kept = tmp_path / "kept"
    made = [
        argosy.fit("classify", ROWS[:32], ROWS[32:], base=base, out=tmp_path / name, checkpoints=kept, recipe=RECIPE)
        for name in ("one", "two")
    ]
    assert made[0].outcome.history == made[1].outcome.history
    one, two = (load_file(fitted.folder / "model.safetensors") for fitted in made)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_vectors_are_those_of_the_encoder(base: Path, tmp_path: Path) -> None:
    """One a text, of length 1."""
    pairs = [(text, f"很 {label}") for text, label in ROWS[:8]]
    fitted = argosy.fit(
        "embed", pairs, pairs, base=base, out=tmp_path / "out", recipe=argosy.Recipe(epochs=1, max_length=32)
    )
    assert np.linalg.norm(fitted.predict(["好", "the film"]), axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("objective", "metric", "message"),
    [("clasify", None, "no objective 'clasify'"), ("classify", "bleu", "no metric 'bleu'")],
)
def test_names_that_do_not_exist_are_told(
    base: Path, tmp_path: Path, objective: str, metric: str | None, message: str
) -> None:
    """With those that do."""
    with pytest.raises(ProjectError, match=message):
        argosy.fit(objective, ROWS[:8], ROWS[:8], base=base, out=tmp_path / "out", metric=metric, recipe=RECIPE)


def test_a_model_of_words_has_no_answer_for_a_row(base: Path, tmp_path: Path) -> None:
    """It says what its folder is for."""
    texts = [text for text, _ in ROWS[:8]]
    fitted = argosy.fit(
        "mask", texts, texts, base=base, out=tmp_path / "out", recipe=argosy.Recipe(epochs=1, max_length=32)
    )
    assert fitted.metric == "loss"
    with pytest.raises(ProjectError, match="learns words"):
        fitted.predict(["好"])
