"""The loop steps as scheduled, keeps the best epoch, and leaves alone what is frozen."""

from typing import TYPE_CHECKING

import pytest

from argosy.core.errors import ArgosyError

if TYPE_CHECKING:
    from argosy.train.batches import Batch

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

EPOCHS, BATCHES = 4, 6


class _Source:
    """Points that a line tells apart, drawn anew by epoch and batch."""

    def order(self, epoch: int) -> list[tuple[int, ...]]:
        return [tuple(range(16 * number, 16 * number + 16)) for number in range(BATCHES)]

    def batch(self, rows: tuple[int, ...], epoch: int) -> "Batch":
        from argosy.train.batches import Batch

        draw = torch.Generator().manual_seed(1000 * epoch + rows[0])
        inputs = torch.randn(len(rows), 4, generator=draw)
        return Batch(rows=rows, tensors={"inputs": inputs, "targets": (inputs[:, 0] > 0).long()}, units=len(rows))


def _objective(model: "torch.nn.Module", batch: "Batch") -> "torch.Tensor":
    logits = model(batch.tensors["inputs"])
    return torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def _model() -> "torch.nn.Sequential":
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 2))


def _train(model: "torch.nn.Module", scores: list[float], rate: float = 0.05) -> object:
    from argosy.train.loop import Schedule, train

    left = iter(scores)
    schedule = Schedule(epochs=len(scores), learning_rate=rate)
    return train(model, _objective, _Source(), lambda _: next(left), schedule, lambda share, note: None)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    """Linear warm-up over a tenth of the steps, then a cosine."""
    from argosy.train.loop import Schedule

    schedule = Schedule(epochs=1, learning_rate=1)
    rates = [schedule.rate(step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] < 0.001


def test_the_model_ends_with_the_weights_of_the_best_epoch() -> None:
    """Later epochs that score worse are undone."""
    from argosy.train.loop import Schedule, train

    scores, seen, model = [0.1, 0.9, 0.5, 0.2], [], _model()

    def score(trained: "torch.nn.Module") -> float:
        seen.append(next(trained.parameters()).detach().clone())
        return scores[len(seen) - 1]

    schedule = Schedule(epochs=EPOCHS, learning_rate=0.05)
    state = train(model, _objective, _Source(), score, schedule, lambda share, note: None)
    assert (state.best_epoch, state.best_score, state.step) == (2, 0.9, EPOCHS * BATCHES)
    assert [reached for _, reached in state.history] == scores
    assert [torch.equal(model[0].weight, weight) for weight in seen] == [False, True, False, False]


def test_frozen_weights_stay_and_have_no_dropout() -> None:
    """What needs no gradient is not changed, and its modules are in evaluation mode while the rest trains."""
    from argosy.train.loop import set_training

    model = _model()
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    _train(model, [0.5])
    assert torch.equal(model[0].weight, before)
    set_training(model)
    assert (model[0].training, model[2].training) == (False, True)


def test_it_learns() -> None:
    """The loss falls on data that can be learnt."""
    state = _train(_model(), [0.0] * EPOCHS)
    losses = [loss for loss, _ in state.history]
    assert losses[-1] < 0.6 * losses[0]


def test_a_loss_that_is_no_number_stops_the_training() -> None:
    """No epoch of nonsense: the step is named."""
    with pytest.raises(ArgosyError, match=r"step 2, epoch 1: The (loss|gradient) is (nan|inf)"):
        _train(_model(), [0.0] * EPOCHS, rate=1e30)
