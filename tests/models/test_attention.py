"""Attention in groups is attention: the same answers and gradients as torch's kernel, with masks and caches too."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from argosy.models import scratch  # noqa: E402  # torch may be absent
from argosy.models.attention import grouped  # noqa: E402
from argosy.models.byte_pairs import BytePairs  # noqa: E402

SHAPE = scratch.SIZES["tiny"]


@pytest.mark.parametrize(("heads", "shared"), [(4, 4), (6, 2), (4, 1)])
def test_answers_and_gradients_are_those_of_the_kernel(heads: int, shared: int) -> None:
    """However many heads share keys and values."""
    draw = torch.Generator().manual_seed(0)
    parts = [torch.randn(2, count, 9, 8, generator=draw, requires_grad=True) for count in (heads, shared, shared)]
    kernel = torch.nn.functional.scaled_dot_product_attention(*parts, is_causal=True, enable_gqa=True)
    ours = grouped(*parts, 8**-0.5)
    torch.testing.assert_close(ours, kernel)
    slope = torch.randn(ours.shape, generator=draw)
    torch.testing.assert_close(torch.autograd.grad(ours, parts, slope), torch.autograd.grad(kernel, parts, slope))


def test_a_model_that_learnt_so_is_loaded_with_the_kernel_to_the_same_answers(tmp_path: Path) -> None:
    """Whole texts, padded ones, and token by token with a cache."""
    import transformers

    tokenizer = BytePairs.train(["the cat sat on the mat 一二三 " * 20] * 5, size=400)
    model = scratch.decoder(SHAPE, tokenizer, seed=3).eval()
    scratch.save(model, tokenizer, tmp_path)
    loaded = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    assert loaded.config._attn_implementation == "sdpa"
    ids = torch.arange(7, 27).view(2, 10)
    mask = torch.ones_like(ids)
    mask[0, :4] = 0
    with torch.inference_mode():
        torch.testing.assert_close(model(input_ids=ids).logits, loaded(input_ids=ids).logits)
        padded = [one(input_ids=ids, attention_mask=mask).logits[:, -1] for one in (model, loaded)]
        torch.testing.assert_close(*padded)
        written = [one.generate(ids, max_new_tokens=5, do_sample=False) for one in (model, loaded)]
    assert torch.equal(*written)
