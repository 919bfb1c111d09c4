"""Contexts cover the corpus without padding; held-out text is measured document by document, each byte once."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from argosy.core.errors import DataError  # noqa: E402  # torch may be absent
from argosy.models import scratch  # noqa: E402
from argosy.models.byte_pairs import END, BytePairs  # noqa: E402
from argosy.train.fit import fit  # noqa: E402
from argosy.train.language import pace, projection  # noqa: E402
from argosy.train.language.corpus import Corpus, HeldOut, next_token, schedule, tokenised  # noqa: E402
from argosy.train.language.projection import projected_loss  # noqa: E402
from argosy.train.loop import train  # noqa: E402
from argosy.train.objectives.mask import Mask  # noqa: E402
from argosy.train.recipe import Recipe  # noqa: E402

TEXTS = [f"Document {number}: the cat sat on the mat.\n第{number}篇：今天天气很好。\n" for number in range(60)]
SHAPE = scratch.Shape(
    size="test", width=32, layers=2, heads=2, kv_heads=1, ffn=64, context=16, vocabulary=420, learning_rate=0.02,
    batch_tokens=128,
)  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> BytePairs:
    """A small one."""
    return BytePairs.train(TEXTS, size=SHAPE.vocabulary)


@pytest.fixture(scope="module")
def corpus(tokenizer: BytePairs) -> Corpus:
    """Of all texts."""
    return Corpus.of(tokenised(TEXTS, tokenizer), context=16, batch_tokens=128, seed=1)


def test_an_epoch_reads_almost_every_token_once_in_its_own_order(corpus: Corpus) -> None:
    """No context twice, full batches alone; another epoch has another order and other cuts; both are repeatable."""
    rows = [row for batch in corpus.order(0) for row in batch]
    assert len(set(rows)) == len(rows)
    assert all(len(batch) == corpus.batch_size == 8 for batch in corpus.order(0))
    assert len(rows) * 16 > len(corpus.stream) - (1 + corpus.batch_size) * 16 - 16
    assert corpus.order(0) == corpus.order(0) != corpus.order(1)
    ids = corpus.batch((0, 1), 0).tensors["ids"]
    assert torch.equal(ids[0, -1], ids[1, 0])
    assert any(not torch.equal(ids, corpus.batch((0, 1), epoch).tensors["ids"]) for epoch in (1, 2, 3))


def test_half_a_batch_is_the_half_of_the_batch(corpus: Corpus) -> None:
    """What the loop computes in parts is what it would have computed at once."""
    rows = corpus.order(2)[0]
    whole, half = corpus.batch(rows, 2), corpus.batch(rows[4:], 2)
    assert torch.equal(whole.tensors["ids"][4:], half.tensors["ids"])
    assert (whole.units, half.units) == (128, 64)


def test_every_context_can_be_reached_at_the_end_of_the_stream(tokenizer: BytePairs) -> None:
    """The last context of every epoch lies inside the stream, down to the shortest corpus that fills one."""
    stream = tokenised(TEXTS[:2], tokenizer)
    for length in range(17, 70):
        short = Corpus.of(stream[:length], context=16, batch_tokens=64, seed=0)
        for epoch in range(4):
            for rows in short.order(epoch):
                assert short.batch(rows, epoch).tensors["ids"].shape[1] == 17


def test_a_corpus_shorter_than_a_context_is_refused(tokenizer: BytePairs) -> None:
    """With both numbers."""
    with pytest.raises(DataError, match=r"has 3 tokens; one context takes 17"):
        Corpus.of(np.array([1, 2, 3], dtype=np.uint32), context=16, batch_tokens=64, seed=0)
    with pytest.raises(DataError, match="documents are empty"):
        HeldOut.of(["", ""], tokenizer, context=16)


def test_documents_are_joined_by_end_marks(tokenizer: BytePairs) -> None:
    """One before each, and one behind the last."""
    stream, end = tokenised(["ab", "", "c"], tokenizer).tolist(), tokenizer.number(END)
    assert stream[0] == end
    assert stream.count(end) == 4
    assert stream[-1] == end


@pytest.mark.parametrize("slice_of", [700, 1 << 21])
def test_the_loss_in_slices_is_the_loss_with_its_gradients(monkeypatch: pytest.MonkeyPatch, slice_of: int) -> None:
    """Against cross entropy over all logits at once."""
    monkeypatch.setattr(projection, "_LOGITS", slice_of)
    draw = torch.Generator().manual_seed(0)
    states, matrix = (torch.randn(rows, 8, generator=draw, requires_grad=True) for rows in (33, 50))
    targets = torch.randint(0, 50, (33,), generator=draw)
    ours = torch.autograd.grad(projected_loss(states, matrix, targets) / 33, (states, matrix))
    logits = states @ matrix.T
    theirs = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, targets), (states, matrix))
    torch.testing.assert_close(ours, theirs)
    with torch.no_grad():
        plain = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
        torch.testing.assert_close(projected_loss(states, matrix, targets), plain)


def test_held_out_text_is_measured_token_by_token_once(tokenizer: BytePairs) -> None:
    """Windows that hold a whole document give its exact surprise; overlapping ones predict each token once."""
    model = scratch.decoder(SHAPE, tokenizer, seed=0).eval()
    texts = [*TEXTS[:3], "", "a"]
    with torch.inference_mode():
        exact = []
        for ids in tokenizer.encode(texts):
            read = torch.tensor([[tokenizer.number(END), *ids]])
            logits = model(input_ids=read).logits[0, :-1]
            exact.append(torch.nn.functional.cross_entropy(logits, read[0, 1:], reduction="sum").item())
    whole = HeldOut.of(texts, tokenizer, context=256).nats(model, bf16=False)
    assert whole == pytest.approx(exact, rel=1e-5)
    held_out = HeldOut.of(texts, tokenizer, context=16)
    assert held_out.nats(model, bf16=False) == pytest.approx(exact, rel=0.02)  # untrained, it hardly uses its context
    assert held_out.size.tolist() == [len(text.encode()) for text in texts]
    expected = whole.sum() / np.log(2) / held_out.size.sum()
    assert held_out.bits_per_byte(model, bf16=False) == pytest.approx(expected, rel=0.02)


def test_the_loop_learns_the_corpus_in_steps_that_were_timed(tokenizer: BytePairs, corpus: Corpus) -> None:
    """Bits per byte fall by half in 40 steps; timing steps leaves the weights and the random state alone."""
    model = scratch.decoder(SHAPE, tokenizer, seed=0)
    held_out = HeldOut.of(TEXTS[::7], tokenizer, context=16)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    state = torch.get_rng_state()
    planned = schedule(SHAPE, steps=40, evaluations=2, bf16=False)
    speed = pace.measured(model, next_token, corpus, held_out, planned)
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert speed.step > 0 < speed.evaluation
    assert speed.steps(speed.seconds(10, 2), 2) in {9, 10}
    first = held_out.bits_per_byte(model, bf16=False)
    ended = train(
        model, next_token, corpus, lambda one: -held_out.bits_per_byte(one, bf16=False), planned, lambda *_: None
    )
    assert -ended.best_score < first / 2
    assert len(ended.history) == 2


def test_an_encoder_from_nothing_learns_to_fill_in_words(tokenizer: BytePairs, tmp_path: Path) -> None:
    """Its folder is a base like any other: the masked objective trains it, and its loss falls below an even guess."""
    scratch.save(scratch.encoder(SHAPE, tokenizer, seed=0), tokenizer, tmp_path / "base")
    recipe = Recipe(epochs=12, batch_size=8, learning_rate=0.01, max_length=16)
    outcome = fit(Mask(), tmp_path / "base", {"train": TEXTS[8:], "validation": TEXTS[:8]}, tmp_path / "out", recipe)
    losses = [loss for loss, _ in outcome.history]
    assert losses[-1] < 0.6 * losses[0]
    assert losses[0] < 1.2 * np.log(tokenizer.size)
