"""The loop steps as scheduled, keeps the best epoch, and leaves alone what is frozen."""

from itertools import count
from typing import TYPE_CHECKING

import pytest

from argosy.core.errors import ArgosyError, DataError, ProjectError

if TYPE_CHECKING:
    from argosy.train.batches import Batch
    from argosy.train.loop import State

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

EPOCHS, BATCHES = 4, 6


class _Source:
    """Points that a line tells apart, drawn anew by epoch and row."""

    def order(self, epoch: int) -> list[tuple[int, ...]]:
        return [tuple(range(16 * number, 16 * number + 16)) for number in range(BATCHES)]

    def batch(self, rows: tuple[int, ...], epoch: int) -> "Batch":
        from argosy.train.batches import Batch

        draws = [torch.Generator().manual_seed(1000 * epoch + row) for row in rows]
        inputs = torch.stack([torch.randn(4, generator=draw) for draw in draws])
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


def _epochs(model: "torch.nn.Module", **settings: object) -> "State":
    """A training without chance in it: no dropout, the score falls from evaluation to evaluation."""
    from argosy.train.loop import Schedule, train

    model[1].p = 0.0
    falling = count(0, -1)
    schedule = Schedule(**{"epochs": 2, "learning_rate": 0.05, **settings})
    return train(model, _objective, _Source(), lambda _: next(falling), schedule, lambda share, note: None)


def test_a_batch_in_parts_is_the_same_step() -> None:
    """The loss is over the whole batch's units, however many parts it is computed in, uneven ones too."""
    whole, parts, rows = _model(), _model(), _model()
    for model, accumulate in ((whole, 1), (parts, 3), (rows, 16)):
        _epochs(model, accumulate=accumulate)
    for model in (parts, rows):
        torch.testing.assert_close(model.state_dict(), whole.state_dict(), rtol=0, atol=1e-5)


def test_steps_and_evaluations_are_counted_across_epochs() -> None:
    """Seven steps of a six-step epoch, a score after every two and after the last."""
    state = _epochs(_model(), epochs=0, steps=7, evaluate_every=2)
    assert (state.step, state.epoch, state.evaluated) == (7, 1, [2, 4, 6, 7])


def test_patience_ends_a_training_without_gains() -> None:
    """The first score is the best here, so two more are waited for."""
    state = _epochs(_model(), epochs=10, patience=2)
    assert (state.evaluated, state.best_step) == ([6, 12, 18], 6)


def test_decay_beside_the_step_and_in_the_gradient_differ_and_shrink() -> None:
    """Decoupled decay shrinks weights by rate times decay whatever the gradient; both shrink them."""
    sizes = {}
    for decay in ("decoupled", "l2"):
        for amount in (0.0, 0.5):
            model = _model()
            _epochs(model, decay=decay, weight_decay=amount)
            sizes[decay, amount] = float(model[0].weight.detach().norm())
    assert sizes["decoupled", 0.0] == sizes["l2", 0.0]
    assert sizes["decoupled", 0.5] < sizes["decoupled", 0.0]
    assert sizes["l2", 0.5] < sizes["l2", 0.0]
    assert sizes["l2", 0.5] != sizes["decoupled", 0.5]


def test_clipping_limits_what_a_step_sees_and_0_is_off() -> None:
    """A step of plain size is the same with a limit above the gradient's norm as with none."""
    weights = {}
    for clip in (0.0, 1e9, 1e-6):
        model = _model()
        _epochs(model, clip=clip)
        weights[clip] = model[0].weight.detach()
    assert torch.equal(weights[0.0], weights[1e9])
    assert not torch.equal(weights[0.0], weights[1e-6])


def test_the_averaged_weights_are_evaluated_and_kept() -> None:
    """Training itself goes on with the weights as they are: the losses are those without an average."""
    from argosy.train.loop import Schedule, train

    plain, averaged, seen = _model(), _model(), []

    def score(model: "torch.nn.Module") -> float:
        seen.append(model[0].weight.detach().clone())
        return float(len(seen))

    states = []
    for model, ema in ((plain, 0.0), (averaged, 0.9)):
        model[1].p = 0.0
        schedule = Schedule(epochs=2, learning_rate=0.05, ema=ema)
        states.append(train(model, _objective, _Source(), score, schedule, lambda share, note: None))
    assert [loss for loss, _ in states[0].history] == [loss for loss, _ in states[1].history]
    assert torch.equal(averaged[0].weight, seen[-1])
    assert not torch.equal(averaged[0].weight, plain[0].weight)
    torch.testing.assert_close(averaged[0].weight, plain[0].weight, rtol=0.2, atol=0.2)


def test_bfloat16_trains() -> None:
    """Weights stay float32; the loss falls as without it."""
    model = _model()
    state = _epochs(model, epochs=4, bf16=True)
    assert state.history[-1][0] < 0.6 * state.history[0][0]
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0.0}, "learning rate above 0"),
        ({"epochs": 0}, "epochs or steps"),
        ({"accumulate": 0, "ema": 1.0}, r"(?s)accumulate: Expected 1 to inf, found 0\..*ema: "),
        ({"steps": 3}, "epochs or steps"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(settings: dict[str, float], message: str) -> None:
    """Before anything is computed."""
    with pytest.raises(ArgosyError, match=message) as caught:
        _epochs(_model(), **settings)
    assert caught.value.exit_code == ProjectError.exit_code


def test_a_model_without_trained_weights_is_refused() -> None:
    """So is a source without rows."""
    with pytest.raises(ProjectError, match="every weight is frozen"):
        _epochs(_model().requires_grad_(requires_grad=False))


def test_a_source_without_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus shorter than one context, for example."""
    monkeypatch.setattr(_Source, "order", lambda self, epoch: [])
    with pytest.raises(DataError, match="no row to train on"):
        _epochs(_model())


def test_every_step_and_evaluation_is_told() -> None:
    """The curve: losses a unit, the rate of the schedule, the gradient's norm."""
    from argosy.train.loop import Schedule, ScoreRecord, StepRecord, train

    told: list[object] = []
    schedule = Schedule(epochs=2, learning_rate=0.05)
    state = train(_model(), _objective, _Source(), lambda _: 0.5, schedule, lambda share, note: None, log=told.append)
    steps = [record for record in told if isinstance(record, StepRecord)]
    assert [record.step for record in steps] == list(range(1, 13))
    assert [record.rate for record in steps] == pytest.approx([0.05 * schedule.rate(step, 12) for step in range(12)])
    assert {record.units for record in steps} == {16}
    assert all(record.norm > 0 for record in steps)
    scores = [record for record in told if isinstance(record, ScoreRecord)]
    assert [(record.step, record.epoch, record.loss, record.score) for record in scores] == [
        (step, epoch, loss, score) for step, epoch, (loss, score) in zip((6, 12), (1, 2), state.history, strict=True)
    ]
