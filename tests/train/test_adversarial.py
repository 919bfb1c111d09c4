"""Adversarial objectives push the word vectors as far as stated, uphill, and leave everything else as it was."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from argosy.train.batches import Batch
    from argosy.train.loop import Objective

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

PAD, CLS, SEP = 0, 1, 2
EPSILON = 0.01
TEXTS = [[CLS, 5, 6, 7, 8, SEP], [CLS, 9, 10, SEP], [CLS, 11, SEP]]
TARGETS = [0, 1, 1]


class _Tiny(torch.nn.Module):
    """Word vectors, a layer with dropout, the mean over a text's tokens, and two labels."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(16, 8)
        self.layer = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Tanh(), torch.nn.Dropout(dropout))
        self.head = torch.nn.Linear(8, 2)
        self.seen: list[torch.Tensor] = []

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.words

    def forward(self, ids: torch.Tensor, texts: torch.Tensor | None = None) -> torch.Tensor:
        vectors = self.words(ids)
        self.seen.append(vectors.detach().clone())
        states, kept = self.layer(vectors), (ids != PAD).float()
        if texts is None:
            return self.head((states * kept[:, :, None]).sum(1) / kept.sum(1, keepdim=True))
        member = (texts[0] == torch.arange(int(texts.max()) + 1)[:, None]).float()
        return self.head(member @ states[0] / member.sum(1, keepdim=True))


def _model(dropout: float = 0.0) -> _Tiny:
    torch.manual_seed(3)
    return _Tiny(dropout)


def _batch(targets: list[int] = TARGETS) -> "Batch":
    from argosy.train.batches import Batch, padded

    ids, mask = padded(TEXTS, PAD)
    return Batch(rows=(0, 1, 2), tensors={"ids": ids, "mask": mask, "targets": torch.tensor(targets)}, units=3)


def _packed() -> "Batch":
    from argosy.train.batches import Batch

    ids = torch.tensor([[token for text in TEXTS for token in text]])
    texts = torch.tensor([[number for number, text in enumerate(TEXTS) for _ in text]])
    return Batch(
        rows=(0, 1, 2), tensors={"ids": ids, "texts": texts, "targets": torch.tensor(TARGETS)}, units=len(TEXTS)
    )


def _objective(model: "torch.nn.Module", batch: "Batch") -> "torch.Tensor":
    logits = model(batch.tensors["ids"], batch.tensors.get("texts"))
    return torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def _wrapped(name: str, epsilon: float = EPSILON) -> "Objective":
    from argosy.train.methods.adversarial import fgm, freelb, pgd

    special = (PAD, CLS, SEP)
    made: dict[str, Callable[[], Objective]] = {
        "fgm": lambda: fgm(_objective, epsilon=epsilon, special=special),
        "pgd": lambda: pgd(_objective, epsilon=epsilon, ascents=4, special=special),
        "freelb": lambda: freelb(_objective, epsilon=epsilon, ascents=3, special=special),
    }
    return made[name]()


def _lengths(model: _Tiny, batch: "Batch") -> list[list[float]]:
    """The length of the last push, by text and token."""
    plain = model.words(batch.tensors["ids"]).detach()
    return (model.seen[-1] - plain).norm(dim=-1).tolist()


def _radius(model: _Tiny, text: list[int]) -> float:
    words = model.words.weight.detach()[[token for token in text if token > SEP]]
    return EPSILON * float(words.square().sum(dim=1).mean().sqrt())


@pytest.mark.parametrize("name", ["fgm", "pgd"])
def test_each_text_is_pushed_by_epsilon_and_its_frame_stays(name: str) -> None:
    """The whole text moves by epsilon in units of its typical word vector; padding, begin and end do not."""
    model, batch = _model(), _batch()
    _wrapped(name)(model, batch)
    for text, lengths in zip(TEXTS, _lengths(model, batch), strict=True):
        assert sum(length**2 for length in lengths) ** 0.5 == pytest.approx(_radius(model, text), rel=1e-4)
        still = [length for place, length in enumerate(lengths) if place in {0, len(text) - 1} or place >= len(text)]
        assert max(still) == 0


def test_freelb_stays_in_the_ball() -> None:
    """From a start inside it, no ascent leaves it."""
    model, batch = _model(), _batch()
    _wrapped("freelb")(model, batch)
    for text, lengths in zip(TEXTS, _lengths(model, batch), strict=True):
        assert 0 < sum(length**2 for length in lengths) ** 0.5 <= _radius(model, text) * 1.0001


@pytest.mark.parametrize("name", ["fgm", "pgd"])
def test_the_push_goes_uphill_as_far_as_the_gradient_says(name: str) -> None:
    """With a small epsilon the pushed loss is the clean one plus the radius times the length of the gradient."""
    model, batch = _model(), _batch()
    clean = _objective(model, batch)
    vectors = model.words(batch.tensors["ids"]).detach().requires_grad_()
    kept = (batch.tensors["ids"] != PAD).float()
    logits = model.head((model.layer(vectors) * kept[:, :, None]).sum(1) / kept.sum(1, keepdim=True))
    loss = torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")
    (slope,) = torch.autograd.grad(loss, vectors)
    free = (batch.tensors["ids"] > SEP).float()[:, :, None]
    gain = sum(_radius(model, text) * float(part.norm()) for text, part in zip(TEXTS, slope * free, strict=True))
    pushed = 2 * _wrapped(name)(model, batch) - clean
    assert (pushed - clean).item() == pytest.approx(gain, rel=0.05)


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize(("name", "trained"), [("fgm", [0, 1]), ("pgd", [0, 4]), ("freelb", [0, 1, 2])])
def test_the_gradient_is_the_mean_of_those_at_fixed_pushes(name: str, trained: list[int], *, bf16: bool) -> None:
    """By hand: the pushes are constants; FGM and PGD train at the clean text and the last one, FreeLB at all."""
    model, batch = _model(), _batch()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        _wrapped(name, 0.5)(model, batch).backward()
    ours = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    plain = model.words(batch.tensors["ids"]).detach()
    shifts = [model.seen[number] - plain for number in trained]
    model.zero_grad()
    for shift in shifts:
        with model.words.register_forward_hook(lambda *given, shift=shift: given[-1] + shift):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
                loss = _objective(model, batch) / len(shifts)
            loss.backward()
    for key, weight in model.named_parameters():
        torch.testing.assert_close(ours[key], weight.grad, **({"atol": 0.01, "rtol": 0.02} if bf16 else {}))


@pytest.mark.parametrize("name", ["fgm", "pgd", "freelb"])
def test_packed_texts_are_pushed_as_padded_ones(name: str) -> None:
    """Each text has its own ball, however the batch is laid out (FreeLB draws its start in another order)."""
    model = _model()
    padded, packed = _wrapped(name)(model, _batch()), _wrapped(name)(model, _packed())
    assert packed.item() == pytest.approx(padded.item(), rel=1e-5 if name != "freelb" else 1e-2)


@pytest.mark.parametrize("name", ["fgm", "pgd", "freelb"])
def test_frozen_embeddings_do_and_everything_is_left_as_it_was(name: str) -> None:
    """No hook, no weight and no gradient changes, whether the objective succeeds or fails; nothing needs them to."""
    model, batch = _model(0.5), _batch()
    model.words.requires_grad_(requires_grad=False)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    _wrapped(name)(model, batch).backward()
    assert model.words.weight.grad is None
    assert model.head.weight.grad is not None
    with pytest.raises(IndexError, match="out of bounds"):
        _wrapped(name)(model, _batch([0, 1, 5]))
    assert not model.words._forward_hooks
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", ["fgm", "pgd", "freelb"])
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    """Whatever is drawn comes from torch's global generator."""
    model, batch, losses = _model(0.5), _batch(), []
    for seed in (9, 9, 10):
        torch.manual_seed(seed)
        losses.append(_wrapped(name)(model, batch).item())
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("name", ["fgm", "pgd"])
def test_all_passes_share_one_dropout(name: str) -> None:
    """With no room to move the loss is the plain one of the same seed, and the random state goes on as after it."""
    model, batch = _model(0.5), _batch()
    torch.manual_seed(9)
    plain, after = _objective(model, batch), torch.get_rng_state()
    torch.manual_seed(9)
    assert _wrapped(name, 0.0)(model, batch).item() == plain.item()
    assert torch.equal(torch.get_rng_state(), after)
