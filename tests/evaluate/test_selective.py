"""A threshold keeps the error rate it states, and says when the rows cannot show it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.evaluate.doubts.selective import CAVEAT, POINTS, STEADY, answered, curve, shifted, threshold
from argosy.evaluate.metrics import Floats, Integers


def draw(rows: int, seed: int, *, hardest: float = 0.4) -> tuple[Floats, Integers, Floats]:
    """Probabilities of two labels, a truth, and the true chance of a mistake of each row, up to ``hardest``."""
    rng = np.random.default_rng(seed)
    confidence = 0.5 + rng.random(rows) / 2
    risk = hardest * 2 * (1 - confidence)
    return np.stack([confidence, 1 - confidence], axis=1), (rng.random(rows) < risk).astype(np.int64), risk


@pytest.mark.parametrize("rows", [200, 1_000])
@pytest.mark.parametrize("error", [0.05, 0.1])
def test_the_stated_rate_is_kept(rows: int, error: float) -> None:
    """Over 300 draws the true error rate of what is answered exceeds the stated one in at most 5 %."""
    others, _, risk = draw(20_000, 999)
    broken = 0
    for seed in range(300):
        shares, truth, _ = draw(rows, seed)
        found = threshold(shares, truth, error)
        if found.threshold is not None:
            broken += float(risk[others.max(axis=1) >= found.threshold].mean()) > error
    assert broken / 300 <= 0.05


def test_the_worst_case_is_kept_too() -> None:
    """Confidence says nothing and every answer is wrong a little more often than stated: few draws are fooled."""
    fooled = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        confidence = 0.5 + rng.random(500) / 2
        truth = (rng.random(500) < 0.0501).astype(np.int64)
        fooled += threshold(np.stack([confidence, 1 - confidence], axis=1), truth, 0.05).guaranteed
    assert fooled / 400 <= 0.06


def test_more_rows_answer_more() -> None:
    """The coverage comes near the largest that keeps the rate (.50 here) as the rows grow."""
    coverage = [threshold(*draw(rows, 5)[:2], 0.1).coverage.value for rows in (300, 3_000)]
    assert coverage[0] < coverage[1]
    assert 0.35 < coverage[1] <= 0.5


def test_a_good_model_answers_everything() -> None:
    """The lowest threshold lets any confidence through."""
    shares, truth, _ = draw(1_000, 1, hardest=0.02)
    found = threshold(shares, truth, 0.05)
    assert found.coverage.value == 1
    assert found.threshold is not None
    assert answered(shares, truth, found.threshold)[0].value == 1


def test_what_the_rows_cannot_show_is_said() -> None:
    """No threshold then, and the lowest rate that they could show, which is shown indeed."""
    shares, truth, _ = draw(100, 2)
    found = threshold(shares, truth, 0.01)
    assert (found.threshold, found.guaranteed, found.observed) == (None, False, None)
    assert found.coverage.value == 0
    assert 0.01 < found.supported < 1
    assert threshold(shares, truth, found.supported + 1e-6).guaranteed
    assert not threshold(shares, truth, found.supported - 1e-6).guaranteed


def test_what_is_observed_is_what_is_answered() -> None:
    """The figures of the threshold are those it gives on the same rows."""
    shares, truth, _ = draw(2_000, 3)
    found = threshold(shares, truth, 0.1)
    assert found.threshold is not None
    assert answered(shares, truth, found.threshold) == (found.coverage, found.observed)
    assert answered(shares, truth, 1.1)[1] is None


@given(st.integers(1, 80), st.integers(1, 4), st.integers(0, 99), st.sampled_from([0.01, 0.2, 0.6]))
def test_any_rows_are_taken(rows: int, levels: int, seed: int, error: float) -> None:
    """Few rows, equal confidences: a threshold answers the rows counted, equal ones all or none."""
    rng = np.random.default_rng(seed)
    confidence = 0.5 + rng.integers(1, levels + 1, rows) / (2 * levels)
    shares, truth = np.stack([confidence, 1 - confidence], axis=1), rng.integers(0, 2, rows)
    found = threshold(shares, truth, error)
    assert found.guaranteed == (found.threshold is not None)
    if found.threshold is not None:
        assert np.sum(confidence >= found.threshold) == round(found.coverage.value * rows)
    points = curve(shares, truth)
    assert len(points) <= min(levels, POINTS)
    assert points[-1].coverage == 1
    assert [int(np.sum(confidence >= point.threshold)) for point in points] == [point.rows for point in points]


def test_the_curve_rises_to_the_whole() -> None:
    """Fifty points; the last is the error rate of all rows."""
    shares, truth, _ = draw(2_000, 4)
    points = curve(shares, truth)
    assert len(points) == POINTS
    assert points[-1].error.value == pytest.approx(truth.mean())
    assert points[0].error.value < points[-1].error.value
    assert all(point.error.low <= point.error.value <= point.error.high for point in points)


def test_like_traffic_is_quiet_and_other_traffic_is_told() -> None:
    """Of 200 equal pairs of samples at most 2 % are warned of; less sure traffic is, with the words for it."""
    rng = np.random.default_rng(0)
    warned = sum(shifted(rng.random(300).tolist(), rng.random(200).tolist()).warn for _ in range(200))
    assert warned <= 4
    found = shifted(rng.random(300).tolist(), (rng.random(300) ** 2).tolist())
    assert found.warn
    assert f"{found.distance:.2f}" in found.sentence.format(distance=found.distance, p=found.p)


def test_a_difference_too_small_to_matter_is_quiet() -> None:
    """However many texts show it; the words then promise nothing."""
    rng = np.random.default_rng(1)
    found = shifted(rng.random(50_000).tolist(), (0.97 * rng.random(50_000)).tolist())
    assert found.p < 0.01
    assert not found.warn
    assert found.sentence == STEADY
    assert "validation" in CAVEAT
