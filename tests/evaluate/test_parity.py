"""The gates let equal engines through and name the texts on which others differ."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval
from argosy.evaluate.parity import company, compare_logits, quantised

TEXTS = [f"text {number}" + " longer" * (number % 7) for number in range(100)]
FIGURES = {"accuracy": 0.90}
INTERVALS = {"accuracy": Interval(value=0.91, low=0.88, high=0.94)}


def logits() -> NDArray[np.float32]:
    """Logits with margins of at least one, seeded."""
    rng = np.random.default_rng(3)
    return (rng.permuted(np.tile([0.0, 1.5, 3.0], (100, 1)), axis=1) + rng.random((100, 1))).astype(np.float32)


def test_logits_within_the_tolerance_pass() -> None:
    """A gap of half the tolerance on every text."""
    report = compare_logits(TEXTS, logits(), logits() + np.float32(5e-5), gate="torch = onnx")
    assert report.passed
    assert (report.agreement, report.failed, report.excepted) == (1.0, (), ())


@pytest.mark.parametrize("spoilt", [1e-3, 10.0, float("nan"), float("inf")])
def test_a_text_that_is_off_fails_the_gate_and_is_named(spoilt: float) -> None:
    """A slip, a flip, and what is no number."""
    other = logits()
    other[17, 0] += spoilt
    report = compare_logits(TEXTS, logits(), other, gate="torch = onnx")
    assert not report.passed
    assert [odd.text for odd in report.failed] == [TEXTS[17]]
    assert TEXTS[17] in str(report.problems[0])
    json.dumps(report.to_json(), allow_nan=False)


def test_a_label_may_change_where_the_two_best_lie_within_twice_the_tolerance() -> None:
    """Such a text is excepted, and listed."""
    reference, other = logits(), logits()
    reference[5], other[5] = [1.0, 1.00005, 0.0], [1.00005, 1.0, 0.0]
    report = compare_logits(TEXTS, reference, other, gate="torch = onnx")
    assert report.passed
    assert report.agreement == 0.99
    assert [(odd.text, odd.reference, odd.other) for odd in report.excepted] == [(TEXTS[5], 1, 0)]


def test_logits_of_another_shape_are_refused() -> None:
    """A missing text must not be overlooked."""
    with pytest.raises(ValueError, match="100 texts"):
        compare_logits(TEXTS, logits(), logits()[:99], gate="torch = onnx")


def lonely(texts: Sequence[str]) -> NDArray[np.float32]:
    """Logits that depend on the text alone."""
    return np.array([[len(text) % 5, 2.5] for text in texts], dtype=np.float32)


def sociable(texts: Sequence[str]) -> NDArray[np.float32]:
    """Logits whose scale is set by the longest text of the batch, as dynamic quantisation does."""
    longest = max(map(len, texts))
    return np.array([[len(text) / longest, 0.7] for text in texts], dtype=np.float32)


def test_an_engine_that_reads_each_text_alone_passes_in_any_company() -> None:
    """The answers come back in the order of the texts."""
    report = company(lonely, TEXTS, gate="onnx", seed=0)
    assert report.passed
    assert (report.agreement, report.gap, report.texts) == (1.0, 0.0, 100)


def test_an_engine_whose_answers_depend_on_the_company_fails_and_names_each_text_once() -> None:
    """A short text is sure of itself alone only."""
    report = company(sociable, TEXTS, gate="onnx-int8", seed=0)
    assert not report.passed
    named = [odd.text for odd in report.failed]
    assert "text 0" in named
    assert len(named) == len(set(named))


def test_a_quantised_engine_may_change_one_label_in_a_hundred() -> None:
    """One passes, two don't, and the changed texts are listed either way."""
    once, twice = logits(), logits()
    once[:1], twice[:2] = np.roll(once[:1], 1, axis=1), np.roll(twice[:2], 1, axis=1)
    passed = quantised(TEXTS, logits(), once, gate="int8", intervals=INTERVALS, figures=FIGURES)
    refused = quantised(TEXTS, logits(), twice, gate="int8", intervals=INTERVALS, figures=FIGURES)
    assert passed.passed
    assert [odd.text for odd in passed.failed] == TEXTS[:1]
    assert not refused.passed
    assert "98.00%" in str(refused.problems[0])


@pytest.mark.parametrize("figure", [0.87, 0.95, float("nan")])
def test_a_quantised_engine_whose_metric_leaves_the_interval_is_refused(figure: float) -> None:
    """Upwards too: it is another model then."""
    report = quantised(TEXTS, logits(), logits(), gate="int8", intervals=INTERVALS, figures={"accuracy": figure})
    assert not report.passed
    assert str(report.problems[0]).startswith("int8: accuracy is")
