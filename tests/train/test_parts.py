"""Which weights train is what the recipe says, on every family; adapters become part of a plain folder."""

from pathlib import Path
from typing import Any

import pytest
import tiny_bases

from argosy.core.errors import DataError
from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

SIZES: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}


def _bert() -> Any:
    from transformers import BertConfig, BertForSequenceClassification

    return BertForSequenceClassification(BertConfig(**SIZES))


def _mpnet() -> Any:
    from transformers import MPNetConfig, MPNetForSequenceClassification

    return MPNetForSequenceClassification(MPNetConfig(**SIZES))


def _masked() -> Any:
    from transformers import BertConfig, BertForMaskedLM

    return BertForMaskedLM(BertConfig(**SIZES))


def _llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**SIZES, tie_word_embeddings=True))


def _gpt2() -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=40, n_embd=16, n_layer=4, n_head=2, n_positions=32))


FAMILIES = (_bert, _mpnet, _masked, _llama, _gpt2)


def _trained(model: Any) -> set[str]:
    return {name for name, weight in model.named_parameters() if weight.requires_grad}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_count_is_of_every_weight_once(family: Any) -> None:
    """By part: word vectors and positions, layers, head."""
    from argosy.train.methods import parts

    model = parts.choose(family(), Recipe(frozen=0.5, frozen_embeddings=True), words=True)
    counted = parts.counts(model)
    assert sum(total for _, total in counted.values()) == sum(weight.numel() for weight in model.parameters())
    assert counted["embeddings"][0] == 0
    assert counted["embeddings"][1] >= 40 * 16
    trained, total = counted["layers"]
    assert 0.4 * total < trained < 0.6 * total
    if family in {_bert, _mpnet}:
        assert counted["head"][0] == counted["head"][1] > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_adapters_at_every_matrix_of_the_layers_train(family: Any) -> None:
    """And the head whole; the rest stays; merged, the model has its old shape and says what it said with them."""
    from argosy.train.methods import parts

    torch.manual_seed(0)
    model = parts.choose(family(), Recipe(trains="lora", lora_rank=2), words=False)
    named = dict(model.named_parameters())
    assert all("lora_" in name or "modules_to_save" in name for name in _trained(model))
    counted = parts.counts(model)
    assert counted["adapters"][0] == counted["adapters"][1] > 0
    assert counted["layers"][0] == counted["embeddings"][0] == 0
    assert ("head" in counted) == (family not in {_llama, _gpt2})
    assert not any("decoder" in name for name in _trained(model))
    for name in _trained(model):
        torch.nn.init.normal_(named[name], std=0.2)
    ids = torch.tensor([[5, 6, 7, 8]])
    model.eval()
    with torch.inference_mode():
        before = model(input_ids=ids).logits
        whole = parts.merged(model, None)
        torch.testing.assert_close(whole.eval()(input_ids=ids).logits, before, atol=1e-4, rtol=1e-4)
    assert {name for name, _ in whole.named_parameters()} == {name for name, _ in family().named_parameters()}


def test_the_head_alone_is_head_and_pooler() -> None:
    """Nothing below; a model whose head is its word vectors has none of its own."""
    from argosy.train.methods import parts

    model = parts.choose(_bert(), Recipe(trains="head"), words=False)
    assert _trained(model) == {
        f"{part}.{kind}" for part in ("bert.pooler.dense", "classifier") for kind in ("weight", "bias")
    }
    with pytest.raises(DataError, match="Nothing would train"):
        parts.choose(_llama(), Recipe(trains="head"), words=True)


def test_embeddings_train_where_words_are_learnt() -> None:
    """Unless the recipe says otherwise, one way or the other."""
    from argosy.train.methods import parts

    name = "bert.embeddings.word_embeddings.weight"
    for wish, words, expected in ((None, True, True), (None, False, False), (True, True, False), (False, False, True)):
        model = parts.choose(_bert(), Recipe(frozen_embeddings=wish), words=words)
        assert (name in _trained(model)) is expected


def test_dropout_is_set_everywhere_and_not_stored() -> None:
    """In modules and where attention keeps its own figure."""
    from argosy.train.methods import parts

    model = parts.choose(_bert(), Recipe(dropout=0.4), words=False)
    assert {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {0.4}
    assert model.config.hidden_dropout_prob == 0.1
    llama = parts.choose(_llama(), Recipe(dropout=0.4), words=True)
    assert llama.model.layers[0].self_attn.attention_dropout == 0.4


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # peft asks by an older name
def test_the_adapter_may_be_stored_beside_the_merged_model(tmp_path: Path) -> None:
    """Both open: the folder as a plain classifier, the adapter over its base."""
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification

    from argosy.models.checkpoint import load_classifier
    from argosy.train.fit import ADAPTER, fit
    from argosy.train.objectives.classify import Classify

    base, out = tiny_bases.write_encoder(tmp_path / "base"), tmp_path / "out"
    rows = [("the film was good", "good"), ("电影很坏", "bad")] * 8
    recipe = Recipe(epochs=2, batch_size=4, learning_rate=1e-2, max_length=16, trains="lora", lora_stored=True)
    outcome = fit(Classify(), base, {"train": rows, "validation": rows}, out, recipe)
    assert outcome.groups["adapters"][0] == outcome.groups["adapters"][1]
    merged = AutoModelForSequenceClassification.from_pretrained(out).eval()
    over = PeftModel.from_pretrained(load_classifier(base, ["bad", "good"]), out / ADAPTER).eval()
    ids = torch.tensor([[2, 6, 7, 8, 3]])
    with torch.inference_mode():
        torch.testing.assert_close(merged(input_ids=ids).logits, over(input_ids=ids).logits, atol=1e-5, rtol=1e-4)
