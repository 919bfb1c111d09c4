"""A base that filled gaps in the user's texts says them better, and opens as a base to fine-tune."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

WORDS = ["好", "坏", "good", "bad", "房", "间", "room", "service"]
PATTERN = ["房 间 好 好", "room good service good", "房 间 坏 坏", "room bad service bad"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder without a head, and a tokenizer of words in two languages."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("base")
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(known)}, unk_token="[UNK]"))  # noqa: S106 - a word of the vocabulary
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(known[:5])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"pad_token": "[PAD]", "mask_token": "[MASK]"}))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(known), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def test_held_out_texts_are_told_better_and_the_folder_is_a_base(base: Path, tmp_path: Path) -> None:
    """The loss falls on texts never seen; embeddings may stay as they were; a classifier opens what was written."""
    from safetensors.torch import load_file

    from argosy.models.checkpoint import load
    from argosy.train.methods.adapt import adapt
    from argosy.train.recipe import Recipe

    recipe = Recipe(epochs=12, batch_size=8, learning_rate=1e-2, max_length=16, frozen_embeddings=True)
    heard: list[float] = []
    told = adapt(base, PATTERN * 16, PATTERN[:2] * 4, tmp_path / "out", recipe, lambda share, note: heard.append(share))
    held = json.loads(json.dumps(told))["held_out"]
    assert len(held["words"]) == len(held["before"]) == len(held["after"]) == 8
    assert sum(held["after"]) < 0.75 * sum(held["before"])
    assert told["drawn"]
    assert heard[-1] == 1
    opened = load(tmp_path / "out", "labels", labels=("bad", "good"))
    assert all("encoder" not in name and "embeddings" not in name for name in opened.drawn)
    before, after = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "out"))
    kept = opened.model.state_dict()
    assert torch.equal(before["embeddings.word_embeddings.weight"], kept["bert.embeddings.word_embeddings.weight"])
    name = "encoder.layer.1.output.dense.weight"
    assert torch.equal(after[f"bert.{name}"], kept[f"bert.{name}"])
    assert not torch.equal(before[name], kept[f"bert.{name}"])
