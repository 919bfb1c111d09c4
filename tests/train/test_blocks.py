"""Texts of like length attend side by side, and what a shorter one lacks is hidden."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@settings(max_examples=60, deadline=None)
@given(lengths=st.lists(st.integers(1, 300), min_size=1, max_size=20))
def test_every_token_stands_in_one_block_and_comes_back_to_its_place(lengths: list[int]) -> None:
    """Spread and gathered, the tokens are as they lay; a block reads no token of another's text."""
    from argosy.train.blocks import blocks

    ascending = torch.tensor(sorted(lengths))
    tokens = torch.arange(int(ascending.sum()))
    parts = blocks(ascending)
    assert torch.equal(torch.cat([part.gather(part.spread(tokens)) for part in parts]), tokens)
    text_of = torch.arange(len(lengths)).repeat_interleave(ascending)
    for part in parts:
        texts = torch.arange(len(lengths))[part.texts]
        assert torch.equal(part.spread(text_of), texts[:, None].expand(-1, part.length))
        assert torch.equal(tokens[part.tokens], part.gather(part.spread(tokens)))


def test_a_text_half_as_long_is_read_with_the_longest() -> None:
    """Others are read apart, and so is every length where the fused kernel takes no mask."""
    from argosy.train.blocks import SHORT, blocks

    assert [part.length for part in blocks(torch.tensor([3, 15, 20, 30]))] == [3, 32]
    assert [part.length for part in blocks(torch.tensor([15, 15, SHORT, SHORT + 1]))] == [15, SHORT, SHORT + 1]


@pytest.mark.parametrize("rate", [0.1, 0.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_dropout_keeps_the_mean(rate: float, dtype: "torch.dtype") -> None:
    """The share of zeros is the rate, each figure's own; the others are raised, and the gradient follows them."""
    from argosy.train.dropout import dropped

    torch.manual_seed(0)
    values = torch.ones(501, 399, dtype=dtype, requires_grad=True)
    found = dropped(values, rate)
    assert found.dtype == dtype
    gone = (found == 0).float()
    assert gone.mean().item() == pytest.approx(rate, abs=0.005)
    assert gone.mean(dim=0).std().item() == pytest.approx((rate * (1 - rate) / 501) ** 0.5, rel=0.2)
    assert found.max().item() == pytest.approx(1 / (1 - rate), rel=0.01)
    found.sum().backward()
    assert torch.equal(values.grad, found.detach())


def test_dropout_is_drawn_from_the_seed() -> None:
    """The same seed drops the same figures, and the next draw drops others; without a rate nothing is drawn."""
    from argosy.train.dropout import dropped

    values = torch.ones(64, 64)
    torch.manual_seed(3)
    first, second = dropped(values, 0.2), dropped(values, 0.2)
    torch.manual_seed(3)
    assert dropped(values, 0.0) is values
    assert torch.equal(dropped(values, 0.2), first)
    assert not torch.equal(first, second)
