"""A batch without its padding gives the answers and the gradients of the padded one, in every family."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

LENGTHS = (5, 3, 9, 3, 1, 9, 7)
SIZES = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 32,
    "pad_token_id": 0,
    "num_labels": 3,
}
OWN = {
    "roberta": {"pad_token_id": 1, "max_position_embeddings": 40},
    "xlm-roberta": {"pad_token_id": 1, "max_position_embeddings": 40},
    "camembert": {"pad_token_id": 1, "max_position_embeddings": 40},
    "electra": {"embedding_size": 8},
    "distilbert": {"dim": 16, "hidden_dim": 32, "n_layers": 3, "n_heads": 4},
    "modernbert": {"global_attn_every_n_layers": 2, "cls_token_id": 2, "sep_token_id": 3},
    **{kind: {"num_key_value_heads": 2} for kind in ("llama", "mistral", "qwen2", "qwen3", "smollm3")},
}
ENCODERS = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "modernbert")
DECODERS = ("llama", "mistral", "qwen2", "qwen3", "smollm3")


def _model(kind: str, head: str, **own: object) -> "torch.nn.Module":
    import transformers

    torch.manual_seed(1)
    config = transformers.AutoConfig.for_model(kind, **(SIZES | OWN.get(kind, {}) | own))
    model = getattr(transformers, f"AutoModelFor{head}" if head else "AutoModel").from_config(config)
    for name, weight in model.named_parameters():
        if "norm" not in name.lower():
            torch.nn.init.normal_(weight, std=0.3)
    return model.eval()


def _tensors(kind: str, *, types: bool = False) -> dict[str, "torch.Tensor"]:
    from argosy.train.batches import padded

    torch.manual_seed(2)
    pad = (SIZES | OWN.get(kind, {}))["pad_token_id"]
    ids, mask = padded([torch.randint(4, 40, (length,)).tolist() for length in LENGTHS], pad)
    given = {"ids": ids, "mask": mask}
    return given | ({"types": torch.randint(0, 2, ids.shape) * mask} if types else {})


def _agree(model: "torch.nn.Module", tensors: dict[str, "torch.Tensor"], answer: str) -> None:
    """Answers where there are tokens, and the gradients of a loss on them."""
    from argosy.train import packed

    types = {"token_type_ids": tensors["types"]} if "types" in tensors else {}
    padded = getattr(model(input_ids=tensors["ids"], attention_mask=tensors["mask"], **types), answer)
    found = getattr(packed.run(model, tensors), answer)
    there = torch.ones(len(padded), dtype=bool) if padded.shape[:2] != tensors["ids"].shape else tensors["mask"].bool()
    assert found.shape == padded.shape
    torch.testing.assert_close(found[there], padded[there], rtol=1e-5, atol=1e-5)
    gradients = []
    for said in (padded, found):
        model.zero_grad()
        (said[there] ** 2).mean().backward()
        gradients.append({name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None})
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(
            gradients[1].get(name, torch.zeros(())).expand_as(gradient), gradient, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_classifier_says_the_same(kind: str) -> None:
    """Logits of whole texts, and what is learnt from them."""
    from argosy.train import packed

    model = _model(kind, "SequenceClassification")
    assert packed.packs(model)
    _agree(model, _tensors(kind), "logits")


@pytest.mark.parametrize("kind", [*ENCODERS, *DECODERS])
def test_states_are_the_same(kind: str) -> None:
    """The last state of every token; a decoder's tokens see what stands before them in their own text alone."""
    from argosy.train import packed

    model = _model(kind, "")
    assert packed.packs(model)
    _agree(model, _tensors(kind), "last_hidden_state")


@pytest.mark.parametrize(
    ("kind", "head"), [("bert", "TokenClassification"), ("bert", "MaskedLM"), ("llama", "CausalLM")]
)
def test_logits_of_tokens_are_the_same(kind: str, head: str) -> None:
    """Tags, masked words and next words."""
    _agree(_model(kind, head), _tensors(kind), "logits")


def test_pairs_and_spans_are_the_same() -> None:
    """Which text of the pair a token belongs to is read, and a span's ends are found."""
    _agree(_model("bert", "SequenceClassification"), _tensors("bert", types=True), "logits")
    _agree(_model("bert", "QuestionAnswering", num_labels=2), _tensors("bert", types=True), "end_logits")


def test_a_model_with_another_kind_of_attention_is_padded() -> None:
    """A window shorter than the texts, a decoder that labels whole texts, or a family of unknown code."""
    from argosy.train import packed

    window = _model("modernbert", "", sliding_window=6)
    assert packed.packs(window, 6)
    assert not packed.packs(window, 7)
    assert not packed.packs(_model("llama", "SequenceClassification"))
    assert not packed.packs(_model("gpt2", ""))
    assert not packed.packs(torch.nn.Linear(1, 1))


def test_the_model_is_left_as_it_was() -> None:
    """After a packed pass the model attends to padded batches as before."""
    from argosy.train import packed

    model, tensors = _model("electra", "SequenceClassification"), _tensors("electra")
    before = model(input_ids=tensors["ids"], attention_mask=tensors["mask"]).logits
    packed.run(model, tensors)
    assert torch.equal(before, model(input_ids=tensors["ids"], attention_mask=tensors["mask"]).logits)
    assert "argosy" not in model.config._attn_implementation


def test_half_precision_stays_near() -> None:
    """Under autocast the answers are those of full precision, but for the rounding."""
    from argosy.train import packed

    model, tensors = _model("bert", "SequenceClassification"), _tensors("bert")
    exact = packed.run(model, tensors).logits
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = packed.run(model, tensors).logits
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), exact, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("kind", ["bert", "electra"])
def test_hooks_of_the_embedding_layer_see_the_padded_batch(kind: str) -> None:
    """What pushes word vectors about finds one text a row, and its push reaches the answers."""
    from argosy.train import packed

    model, tensors = _model(kind, "SequenceClassification"), _tensors(kind)
    seen = []
    before = packed.run(model, tensors).logits
    hook = model.get_input_embeddings().register_forward_hook(lambda _, ids, said: seen.append(ids[0]) or said.flip(-1))
    after = packed.run(model, tensors).logits
    hook.remove()
    assert torch.equal(seen[0], tensors["ids"])
    assert not torch.allclose(before, after)


def test_a_row_without_a_token_harms_no_other() -> None:
    """It is read as one token of padding."""
    from argosy.train import packed

    model, tensors = _model("bert", "SequenceClassification"), _tensors("bert")
    whole = packed.run(model, tensors).logits
    empty = {name: torch.cat([tensor, torch.zeros_like(tensor[:1])]) for name, tensor in tensors.items()}
    torch.testing.assert_close(packed.run(model, empty).logits[:-1], whole, rtol=1e-5, atol=1e-5)
