"""Models from nothing: one dial, drawn from a seed, in folders that transformers loads."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from argosy.models import scratch  # noqa: E402  # torch may be absent
from argosy.models.byte_pairs import BytePairs  # noqa: E402

TEXTS = ["the cat sat on the mat 一二三四五六七八 " * 20] * 5


@pytest.fixture(scope="module")
def tokenizer() -> BytePairs:
    """A small one."""
    return BytePairs.train(TEXTS, size=400)


def test_the_dial_grows_in_every_direction_and_counts_its_parameters(tokenizer: BytePairs) -> None:
    """Each size is wider, deeper and reads more than the one before; the count is the model's own."""
    shapes = [scratch.SIZES[size] for size in ("tiny", "small", "base", "large")]
    counts = [shape.parameters(shape.vocabulary) for shape in shapes]
    assert counts == sorted(counts)
    assert all(shape.width % shape.heads == 0 and shape.heads % shape.kv_heads == 0 for shape in shapes)
    model = scratch.decoder(shapes[0], tokenizer, seed=0)
    assert sum(weight.numel() for weight in model.parameters()) == shapes[0].parameters(tokenizer.size)


def test_the_vocabulary_follows_the_corpus_and_the_horizon_the_budget() -> None:
    """Little text gets few pieces; no budget buys more than some readings of the corpus."""
    assert scratch.fitted("small", 10_000).vocabulary < scratch.fitted("small", 1_000_000).vocabulary
    assert scratch.fitted("small", 10**9).vocabulary == scratch.SIZES["small"].vocabulary
    shape = scratch.fitted("tiny", 100_000)
    assert scratch.horizon(shape, 512, 1_000, 500) == 500
    assert scratch.horizon(shape, 512, 1_000, 1e12) == scratch.EPOCHS * 1_000
    assert scratch.horizon(shape, 512, 10**12, 1e15) == scratch.TOKENS_A_PARAMETER * shape.parameters(512)


def test_the_seed_decides_the_weights_and_leaves_the_random_state(tokenizer: BytePairs) -> None:
    """Two draws of a seed are equal, those of another are not; what is drawn afterwards is as before."""
    shape = scratch.SIZES["tiny"]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = (scratch.decoder(shape, tokenizer, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["model.embed_tokens.weight"], other["model.embed_tokens.weight"])


def test_a_fresh_model_knows_nothing(tokenizer: BytePairs) -> None:
    """Its loss is that of an even guess, so its weights are neither too large nor too small."""
    model = scratch.decoder(scratch.SIZES["tiny"], tokenizer, seed=0)
    ids = torch.tensor(tokenizer.encode(TEXTS[:1]))[:, :64]
    guess = torch.log(torch.tensor(float(scratch.filled(tokenizer.size))))
    assert abs(model(input_ids=ids, labels=ids).loss - guess) < 0.3


@pytest.mark.parametrize("kind", ["decoder", "encoder"])
def test_transformers_loads_the_folder(tokenizer: BytePairs, tmp_path: Path, kind: str) -> None:
    """With its auto classes, to the same answers."""
    import transformers

    model = getattr(scratch, kind)(scratch.SIZES["tiny"], tokenizer, seed=3).eval()
    scratch.save(model, tokenizer, tmp_path)
    auto = transformers.AutoModelForCausalLM if kind == "decoder" else transformers.AutoModelForMaskedLM
    loaded = auto.from_pretrained(tmp_path).eval()
    read = transformers.AutoTokenizer.from_pretrained(tmp_path)
    batch = read(["the cat 一二"], return_tensors="pt", return_token_type_ids=False)
    with torch.inference_mode():
        torch.testing.assert_close(loaded(**batch).logits, model(**batch).logits)
