"""One temperature makes probabilities true, and the calibration error is neither too large nor too sure of itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.evaluate.doubts.calibration import (
    COLDEST,
    WARMEST,
    calibration,
    ece,
    fit_temperature,
    mean_interval,
    reliability,
)
from argosy.evaluate.metrics import Floats, Integers
from argosy.infer.answers import softmax


def draw(rows: int, temperature: float, seed: int, classes: int = 3) -> tuple[Floats, Integers]:
    """Logits, and a truth that follows them at this temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, classes)) * 3
    return logits, (softmax(logits, temperature).cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1)


def true_error(temperature: float) -> float:
    """The calibration error of what ``draw`` gives when nothing is done about the temperature, by 200,000 rows."""
    logits = np.random.default_rng(99).normal(size=(200_000, 3)) * 3
    says, is_so = softmax(logits), softmax(logits, temperature)
    return float(np.abs(says.max(axis=1) - is_so[np.arange(len(logits)), says.argmax(axis=1)]).mean())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_the_truth_is_found(temperature: float) -> None:
    """Within a tenth on 4,000 rows, whether the model is too sure or not sure enough."""
    found = fit_temperature(*draw(4_000, temperature, seed=1))
    assert found.temperature == pytest.approx(temperature, rel=0.1)
    assert not found.bounded


def test_the_fit_is_the_least_loss() -> None:
    """No temperature beside it has a lower log loss, but for the little less than one that the truth is wanted at."""
    logits, truth = draw(800, 1.7, seed=2)
    best = fit_temperature(logits, truth).temperature

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits, temperature)[np.arange(800), truth]).mean())

    assert loss(best) <= min(loss(best * 0.9), loss(best * 1.1))


def test_more_right_answers_earn_more_confidence() -> None:
    """All right: as sure as the number of rows allows, and no surer."""
    few, many = (fit_temperature(np.eye(2)[np.arange(rows) % 2], np.arange(rows) % 2) for rows in (20, 2_000))
    confidence = [softmax(np.array([[0.0, 1.0]]), found.temperature)[0, 1] for found in (few, many)]
    assert confidence == pytest.approx([1 - 0.5 / 22, 1 - 0.5 / 2_002], abs=1e-6)


def test_logits_that_say_nothing_or_the_opposite_end_at_a_bound() -> None:
    """All wrong: as unsure as allowed; all logits equal: left as they are; one row of one class is no error."""
    truth = np.arange(90) % 3
    wrong = fit_temperature(5 * np.eye(3)[(truth + 1) % 3], truth)
    assert (wrong.temperature, wrong.bounded) == (WARMEST, True)
    flat = fit_temperature(np.zeros((90, 3)), truth)
    assert (flat.temperature, flat.bounded) == (1.0, True)
    assert COLDEST <= fit_temperature(np.array([[3.0, 0.0]]), np.array([0])).temperature <= WARMEST


@given(st.integers(1, 40), st.integers(1, 5), st.floats(0, 1e4), st.integers(0, 99))
def test_any_logits_get_a_temperature(rows: int, classes: int, scale: float, seed: int) -> None:
    """Finite and inside the bounds, whatever the scale."""
    rng = np.random.default_rng(seed)
    found = fit_temperature(scale * rng.normal(size=(rows, classes)), rng.integers(0, classes, rows))
    assert COLDEST <= found.temperature <= WARMEST


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_interval_of_the_error_covers_it(temperature: float) -> None:
    """In at least 52 of 60 draws of 300 rows, where 95 are stated; the middle is nearer than the plain sum."""
    true = true_error(temperature)
    found, plain = [], []
    for seed in range(60):
        logits, truth = draw(300, temperature, seed)
        shares = softmax(logits)
        found.append(ece(shares, truth, seed=seed))
        plain.append(sum(abs(b.confidence - b.accuracy) * b.rows / 300 for b in reliability(shares, truth)))
    assert sum(one.low <= true <= one.high + 1e-12 for one in found) >= 52
    assert abs(np.mean([one.value for one in found]) - true) < 0.6 * abs(np.mean(plain) - true)


@given(st.integers(2, 60), st.integers(2, 4), st.integers(0, 99))
def test_an_interval_holds_its_figure(rows: int, classes: int, seed: int) -> None:
    """Between 0 and 1, few rows or many, the same for the same seed."""
    rng = np.random.default_rng(seed)
    shares, truth = softmax(rng.normal(size=(rows, classes)) * 5), rng.integers(0, classes, rows)
    found = ece(shares, truth, seed=seed)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found == ece(shares, truth, seed=seed)


def test_the_plot_has_every_row_once_and_rises_in_confidence() -> None:
    """Bins of equally many rows; one bin where there are few."""
    logits, truth = draw(1_000, 1.0, seed=0)
    bins = reliability(softmax(logits), truth)
    assert sum(one.rows for one in bins) == 1_000
    assert {one.rows for one in bins} <= {66, 67}
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)
    assert all(one.low <= one.accuracy <= one.high for one in bins)
    assert len(reliability(softmax(logits[:30]), truth[:30])) == 1


def test_the_gain_of_a_temperature_is_seen_on_other_rows() -> None:
    """Fitted on one half; on the other the loss falls beyond chance, and so does the calibration error."""
    logits, truth = draw(2_000, 2.5, seed=3)
    temperature = fit_temperature(logits[:1_000], truth[:1_000]).temperature
    found = calibration(logits[1_000:], truth[1_000:], temperature, seed=0)
    assert found.gain.low > 0
    assert found.gain.p < 0.01
    assert found.ece_after.high < found.ece_before.low
    assert found.gain.difference == pytest.approx(found.loss_before.value - found.loss_after.value)


def test_a_temperature_of_one_gains_nothing() -> None:
    """The difference is 0 and p is 1."""
    logits, truth = draw(100, 1.0, seed=4)
    found = calibration(logits, truth, 1.0, seed=0).gain
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_the_interval_of_a_mean_is_student_s() -> None:
    """As scipy has it."""
    from scipy.stats import t

    values = np.array([1.0, 2.0, 4.0])
    low, high = t.interval(0.95, 2, loc=values.mean(), scale=values.std(ddof=1) / np.sqrt(3))
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx((low, high))
