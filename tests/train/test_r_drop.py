"""R-Drop adds what two dropouts disagree on, and asks for nothing where they agree."""

from typing import TYPE_CHECKING

import pytest

from argosy.core.errors import ProjectError

if TYPE_CHECKING:
    from argosy.train.batches import Batch

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

WEIGHT = 3.0


def _batch(targets: "torch.Tensor", shape: tuple[int, ...] = (4, 6)) -> "Batch":
    from argosy.train.batches import Batch

    torch.manual_seed(1)
    return Batch(rows=(0, 1, 2, 3), tensors={"inputs": torch.randn(shape), "targets": targets}, units=4)


def _said(model: "torch.nn.Module", batch: "Batch") -> "torch.Tensor":
    return model(batch.tensors["inputs"])


def _entropy(logits: "torch.Tensor", batch: "Batch") -> "torch.Tensor":
    targets = batch.tensors["targets"].flatten()
    return torch.nn.functional.cross_entropy(logits.flatten(0, -2), targets, reduction="sum")


def _nothing(logits: "torch.Tensor", batch: "Batch") -> "torch.Tensor":
    return logits.sum() * 0


def _model(dropout: float) -> "torch.nn.Module":
    torch.manual_seed(2)
    return torch.nn.Sequential(torch.nn.Dropout(dropout), torch.nn.Linear(6, 3))


def test_it_is_half_of_the_papers_loss() -> None:
    """By hand: two passes, their cross entropies, and both divergences as torch computes them."""
    from argosy.train.methods.r_drop import r_drop

    model, batch = _model(0.5), _batch(torch.tensor([0, 1, 2, 0]))
    torch.manual_seed(5)
    ours = r_drop(_said, _entropy, weight=WEIGHT)(model, batch)
    torch.manual_seed(5)
    one, other = (_said(model, batch).log_softmax(-1) for _ in range(2))
    apart = sum(
        torch.nn.functional.kl_div(first, second, log_target=True, reduction="sum")
        for first, second in ((one, other), (other, one))
    )
    torch.testing.assert_close(ours, (_entropy(one, batch) + _entropy(other, batch) + WEIGHT * apart / 2) / 2)


def test_without_dropout_it_is_the_plain_loss() -> None:
    """Two passes agree, so nothing is added."""
    from argosy.train.methods.r_drop import r_drop

    model, batch = _model(0.0), _batch(torch.tensor([0, 1, 2, 0]))
    torch.testing.assert_close(
        r_drop(_said, _entropy, weight=WEIGHT)(model, batch), _entropy(_said(model, batch), batch)
    )


def test_tokens_without_a_target_do_not_count() -> None:
    """Padding may say what it will."""
    from argosy.train.methods.r_drop import r_drop

    targets = torch.tensor([[0, -100], [1, -100]])
    losses = []
    for filling in (0.0, 7.0):
        model, batch = _model(0.5), _batch(targets, (2, 2, 6))
        batch.tensors["inputs"][:, 1] = filling
        torch.manual_seed(5)
        losses.append(r_drop(_said, _entropy, weight=WEIGHT)(model, batch).item())
    assert losses[0] == pytest.approx(losses[1])


def test_marks_are_compared_label_by_label() -> None:
    """The divergence of two coins for each label, as the mean over the labels."""
    from argosy.train.methods.r_drop import r_drop

    model, batch = _model(0.5), _batch(torch.ones(4, 3))
    torch.manual_seed(5)
    ours = r_drop(_said, _nothing, weight=4.0)(model, batch)
    torch.manual_seed(5)
    coins = [torch.distributions.Bernoulli(logits=_said(model, batch)) for _ in range(2)]
    apart = sum(torch.distributions.kl_divergence(*pair) for pair in (coins, coins[::-1]))
    torch.testing.assert_close(ours, apart.mean(dim=-1).sum())


def test_an_objective_without_labels_is_refused() -> None:
    """Figures have no probabilities."""
    from argosy.train.methods.r_drop import r_drop

    with pytest.raises(ProjectError, match="probabilities of labels"):
        r_drop(_said, _nothing, weight=1.0)(_model(0.5), _batch(torch.ones(4)))
