"""Fine-tuning freezes what the recipe says, and the same recipe gives the same model."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TEXTS = [f"{word} {'good' if number % 2 else 'bad'} {word}" for number, word in enumerate(["a", "b", "c", "d"] * 12)]
TARGETS = [number % 2 for number in range(len(TEXTS))]
ROWS = {"train": (TEXTS[:32], TARGETS[:32]), "validation": (TEXTS[32:], TARGETS[32:])}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder with random weights and a tokenizer of words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("base")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d", "good", "bad"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))  # noqa: S106 - a word of the vocabulary
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


def _tune(base: Path, out: Path, frozen: float = 0.5) -> object:
    from argosy.train.finetune import finetune
    from argosy.train.recipe import Recipe

    recipe = Recipe(epochs=6, batch_size=8, learning_rate=5e-3, max_length=16, frozen=frozen, seed=4, bf16=False)
    metric = lambda truth, said: float(np.mean(truth == said))  # noqa: E731 - accuracy in a word
    return finetune(base, out, ["bad", "good"], ROWS, metric, recipe, lambda share, note: None)


def _weights(folder: Path) -> dict[str, "torch.Tensor"]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "model.safetensors"))


def test_it_learns_and_the_folder_loads_as_it_is(base: Path, tmp_path: Path) -> None:
    """Validation rows are told apart, and transformers gives the same labels from the folder."""
    from transformers import AutoModelForSequenceClassification

    outcome = _tune(base, tmp_path / "out")
    assert max(score for _, score in outcome.history) == 1.0
    assert outcome.trained < outcome.parameters
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.id2label == {0: "bad", 1: "good"}


def test_lower_layers_and_embeddings_stay_as_they_were(base: Path, tmp_path: Path) -> None:
    """Half of four layers: the two lower ones keep their bits, the upper ones do not."""
    _tune(base, tmp_path / "out")
    before, after = _weights(base), _weights(tmp_path / "out")
    same = {name for name, weight in before.items() if torch.equal(weight, after[f"bert.{name}"])}
    assert "embeddings.word_embeddings.weight" in same
    changed = {name.split(".")[2] for name in before.keys() - same if name.startswith("encoder.layer.")}
    assert changed == {"2", "3"}


def test_the_same_recipe_gives_the_same_bits(base: Path, tmp_path: Path) -> None:
    """Every random choice is the seed's."""
    for name in ("one", "two"):
        _tune(base, tmp_path / name)
    one, two = _weights(tmp_path / "one"), _weights(tmp_path / "two")
    assert [name for name in one if not torch.equal(one[name], two[name])] == []


def test_logits_come_back_in_the_order_of_the_rows(base: Path, tmp_path: Path) -> None:
    """Evaluation sorts by length inside; nobody sees it."""
    from argosy.models.checkpoint import load_classifier
    from argosy.train.finetune import evaluate

    model = load_classifier(base, ["bad", "good"]).eval()
    rows = [[2, *[4] * length, 3] for length in (9, 1, 5, 3)]
    together = evaluate(model, rows, pad=0, bf16=False)
    alone = np.concatenate([evaluate(model, [row], pad=0, bf16=False) for row in rows])
    np.testing.assert_allclose(together, alone, atol=1e-5)
