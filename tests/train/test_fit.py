"""A fit freezes what the recipe says, gives the same model for the same recipe, and refuses what cannot be used."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

from argosy.core.errors import DataError, MachineError, MissingError, Problems, ProjectError
from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TEXTS = [
    f"the {noun} was very {word}" if number % 3 else f"{'电影' if noun == 'film' else '菜'}很{'好' if good else '坏'}"
    for number, (noun, word, good) in enumerate(
        [("film", "good", True), ("food", "bad", False), ("film", "poor", False), ("food", "fine", True)] * 12
    )
]
LABELS = [("bad", "good")["good" in text or "fine" in text or "好" in text] for text in TEXTS]
PAIRS = list(zip(TEXTS, LABELS, strict=True))
ROWS = {"train": PAIRS[:32], "validation": PAIRS[32:]}
RECIPE = Recipe(epochs=8, batch_size=4, learning_rate=1e-2, max_length=16, frozen=0.5, seed=4)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return tiny_bases.write_encoder(tmp_path_factory.mktemp("encoder"))


def accuracy(truth: np.ndarray, said: np.ndarray) -> float:
    """The share of labels that are right."""
    return float(np.mean(truth == said.argmax(axis=1)))


def _fit(base: Path, out: Path, recipe: Recipe = RECIPE, rows: Any = ROWS) -> Any:
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.classify import Classify

    return fit(Classify(), base, rows, out, recipe, Watch(score=accuracy))


def _weights(folder: Path) -> dict[str, "torch.Tensor"]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "model.safetensors"))


def test_it_learns_and_the_folder_loads_as_it_is(base: Path, tmp_path: Path) -> None:
    """Validation rows of both languages are told apart, and transformers opens the folder."""
    from transformers import AutoModelForSequenceClassification

    outcome = _fit(base, tmp_path / "out")
    assert max(score for _, score in outcome.history) == 1.0
    assert outcome.trained < outcome.parameters
    assert outcome.groups["embeddings"][0] == 0
    assert sum(total for _, total in outcome.groups.values()) == outcome.parameters
    assert outcome.best_step == outcome.best_epoch * 8
    assert outcome.tokens_per_second > 0
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.id2label == {0: "bad", 1: "good"}


def test_lower_layers_and_embeddings_stay_as_they_were(base: Path, tmp_path: Path) -> None:
    """Half of four layers: the two lower ones keep their bits, the upper ones do not."""
    _fit(base, tmp_path / "out")
    before, after = _weights(base), _weights(tmp_path / "out")
    same = {name for name, weight in before.items() if torch.equal(weight, after[f"bert.{name}"])}
    assert "embeddings.word_embeddings.weight" in same
    changed = {name.split(".")[2] for name in before.keys() - same if name.startswith("encoder.layer.")}
    assert changed == {"2", "3"}


@pytest.mark.parametrize("change", [{}, {"trains": "lora"}, {"adversarial": "fgm", "r_drop": 1.0, "ema": 0.9}])
def test_the_same_recipe_gives_the_same_bits(base: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    """Every random choice is the seed's."""
    for name in ("one", "two"):
        _fit(base, tmp_path / name, replace(RECIPE, epochs=2, **change))
    one, two = _weights(tmp_path / "one"), _weights(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if not torch.equal(one[name], two[name])] == []


def test_without_a_score_the_loss_chooses(base: Path, tmp_path: Path) -> None:
    """The figure of an epoch is then the loss on the validation rows, with its sign turned."""
    from argosy.train.fit import fit
    from argosy.train.objectives.classify import Classify

    outcome = fit(Classify(), base, ROWS, tmp_path / "out", RECIPE)
    scores = [score for _, score in outcome.history]
    assert all(score < 0 for score in scores)
    assert scores[outcome.best_epoch - 1] == max(scores)


def test_answers_come_back_in_the_order_of_the_rows(base: Path) -> None:
    """Evaluation sorts by length inside; nobody sees it."""
    from argosy.train.objectives.classify import Classify
    from argosy.train.objectives.feed import Fed, answers
    from argosy.train.objectives.reader import Reader

    aim, reader = Classify(labels=("bad", "good")), Reader.load(base, max_length=16)
    model = aim.open(base, 3).model.eval()

    def said(rows: list[tuple[str, str]]) -> np.ndarray:
        items = aim.items(rows, reader, held_out=True)
        return np.asarray(answers(model, Fed(aim=aim, items=items, batch_size=8, pad=0, seed=0), rows, bf16=False))

    rows = [("good " * length, "bad") for length in (9, 1, 5, 3)]
    np.testing.assert_allclose(said(rows), np.concatenate([said([row]) for row in rows]), atol=1e-6)


def test_a_label_unseen_in_training_is_named(base: Path, tmp_path: Path) -> None:
    """With its row, and with the labels that are known."""
    rows = {**ROWS, "validation": [*PAIRS[32:36], ("一", "neutral")]}
    with pytest.raises(DataError, match=r"'neutral' was not seen in training.*row 5\.\n.*bad, good"):
        _fit(base, tmp_path / "out", rows=rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"train": PAIRS}, "no validation rows"),
        ({"train": PAIRS, "validation": []}, "no validation rows"),
        ({"train": [], "validation": PAIRS}, "no row to learn from"),
        ({"train": [(" ", "a"), ("", "b")], "validation": PAIRS}, "All 2 texts are empty"),
        ({"train": [("好", "a"), ("good", "a")], "validation": PAIRS}, "1 different labels"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(base: Path, tmp_path: Path, rows: Any, message: str) -> None:
    """Before anything is trained."""
    with pytest.raises(DataError, match=message):
        _fit(base, tmp_path / "out", rows=rows)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("rate", [0, 10, 1, -1e-3, float("nan")])
def test_a_learning_rate_that_cannot_be_meant_is_refused(base: Path, tmp_path: Path, rate: float) -> None:
    """0 teaches nothing, 10 diverges."""
    with pytest.raises(ProjectError, match="learning rate"):
        _fit(base, tmp_path / "out", replace(RECIPE, learning_rate=rate))


def test_all_wrong_settings_are_told_at_once() -> None:
    """Each with its bounds or its choices."""
    from argosy.train.recipe import check

    with pytest.raises(Problems) as refused:
        check(Recipe(trains="half", dropout=1.5, epochs=0, weight_decay=-1))  # type: ignore[arg-type]
    assert {problem.where for problem in refused.value.problems} == {"trains", "dropout", "epochs", "weight_decay"}
    check(Recipe(dropout=0.3, frozen=1.0, clip=0))


def test_a_gpu_that_is_absent_is_named(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, it is not silently replaced."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MachineError, match="GPU"):
        _fit(base, tmp_path / "out", replace(RECIPE, device="cuda"))


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    """Its numbers would point behind the last vector."""
    import json

    base = tiny_bases.write_encoder(tmp_path)
    kept = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    kept["model"]["vocab"]["strange"] = len(tiny_bases.WORDS) + 7
    (base / "tokenizer.json").write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(MissingError, match="numbers up to"):
        _fit(base, tmp_path / "out")


def test_texts_longer_than_the_base_reads_are_refused(base: Path, tmp_path: Path) -> None:
    """64 positions are learnt."""
    with pytest.raises(DataError, match="at most 64 tokens"):
        _fit(base, tmp_path / "out", replace(RECIPE, max_length=65))
