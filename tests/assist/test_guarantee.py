"""What is promised of wrong answers is kept, also when more questions have no answer here."""

import numpy as np
import pytest
from made_chances import MAX_WRONG, elsewhere, here
from numpy.typing import NDArray

from argosy.assist.guarantee.curve import risk_coverage
from argosy.assist.guarantee.judge import Judge, Signs, fit_judge
from argosy.assist.guarantee.thresholds import Thresholds, fit
from argosy.evaluate.doubts.selective import threshold

Floats = NDArray[np.float64]


def realised(rng: np.random.Generator, lowest: float, shares: Floats, window: int) -> float:
    """The error of the first answers of traffic with these shares of questions without an answer, the last one on."""
    count = 10 * window
    foreign = rng.random(count) < np.concatenate([shares, np.full(count - len(shares), shares[-1])])
    rows = here(rng, count)
    chances = np.where(foreign, elsewhere(rng, count), [chance for chance, _ in rows])
    wrong = foreign | ~np.array([right for _, right in rows])
    return float(wrong[chances >= lowest][:window].mean())


@pytest.mark.slow
def test_the_promise_is_kept_where_the_certified_threshold_breaks() -> None:
    """Of 100 replays whose share rises from 3 % to 18 %; the one certified at 3 % is over its rate in most."""
    rng = np.random.default_rng(5)
    ours, naive, shares, window = [], [], np.linspace(0.03, 0.18, 500), 1_000
    for _ in range(100):
        rows, foreign = here(rng, 2_000), elsewhere(rng, 1_000)
        found = fit(rows, foreign, max_wrong=MAX_WRONG, out_of_scope=0.18, window=window).threshold(0.18)
        assert found is not None
        ours.append(realised(rng, found, shares, window))
        mixed = [*rows, *((chance, False) for chance in foreign[:62])]
        sure = np.array([chance for chance, _ in mixed])
        truth = np.array([0 if right else 1 for _, right in mixed])
        certified = threshold(np.stack([sure, np.zeros_like(sure)], axis=1), truth, MAX_WRONG).threshold
        assert certified is not None
        naive.append(realised(rng, certified, shares, window))
    assert np.mean(np.array(ours) <= MAX_WRONG) >= 0.95
    assert np.mean(np.array(naive) <= MAX_WRONG) < 0.5
    assert np.mean(naive) > MAX_WRONG


def found(seed: int = 1, **wishes: float) -> Thresholds:
    """Thresholds of 1,500 and 1,000 rows."""
    rng = np.random.default_rng(seed)
    told = {"max_wrong": MAX_WRONG, "confidence": 0.95, "out_of_scope": 0.2, **wishes}
    return fit(
        here(rng, 1_500),
        elsewhere(rng, 1_000),
        max_wrong=told["max_wrong"],
        confidence=told["confidence"],
        out_of_scope=told["out_of_scope"],
    )


def test_a_larger_share_needs_a_higher_threshold() -> None:
    """And a stricter promise too; the threshold of a share between two is that of the larger."""
    thresholds = found()
    known = [step.threshold for step in thresholds.steps if step.threshold is not None]
    assert known == sorted(known)
    assert thresholds.threshold(0.12) == thresholds.threshold(0.15)
    loose, strict = found(max_wrong=0.1).threshold(0.2), found(max_wrong=0.04).threshold(0.2)
    assert loose is not None
    assert strict is None or strict > loose
    assert thresholds.threshold(0.99) is None


def test_too_few_rows_promise_nothing() -> None:
    """And say which rate they could show; without rows out of scope no share of them is covered."""
    rng = np.random.default_rng(2)
    few = fit([(0.9, True)] * 20, elsewhere(rng, 20), max_wrong=0.01)
    assert few.threshold(0.2) is None
    assert few.at(0.2) is not None
    assert 0.01 < few.steps[0].supported <= 1
    alone = fit([(0.9 + number / 1e5, True) for number in range(1_000)], [], max_wrong=MAX_WRONG)
    assert alone.threshold(0.0) is not None
    assert alone.threshold(0.2) is None
    nothing = fit([], [], max_wrong=MAX_WRONG)
    assert [step.threshold for step in nothing.steps] == [None] * len(nothing.steps)


def test_the_lowest_rate_that_is_told_can_be_had() -> None:
    """Asking for it gives a threshold."""
    rng = np.random.default_rng(3)
    rows, foreign = here(rng, 150), elsewhere(rng, 150)
    none = fit(rows, foreign, max_wrong=0.001)
    step = none.at(0.2)
    assert step is not None
    assert step.threshold is None
    assert fit(rows, foreign, max_wrong=step.supported).threshold(0.2) is not None


def test_thresholds_are_the_same_again_and_from_their_json() -> None:
    """Nothing is drawn anew."""
    assert found() == found()
    assert Thresholds.from_json(found().to_json()) == found()


def test_a_judge_learns_which_sign_to_believe() -> None:
    """An intent that is right outweighs a score that is noise; a sign that is never there weighs nothing."""
    rng = np.random.default_rng(4)
    rows = []
    for _ in range(800):
        right = bool(rng.random() < 0.6)
        intent = float(rng.beta(6, 2) if right else rng.beta(2, 6))
        rows.append((Signs(score=float(rng.random()), intent=intent), right))
    judge = fit_judge(rows)
    assert judge.intent > 5 * judge.score
    assert judge.known == 0
    chances = np.array([judge.chance(signs) for signs, _ in rows])
    right = np.array([good for _, good in rows])
    assert abs(float(chances.mean() - right.mean())) < 0.02
    assert chances[right].mean() > chances[~right].mean() + 0.3


def test_rows_of_one_kind_teach_a_judge_nothing() -> None:
    """Retrieval's own chance stands."""
    assert fit_judge([]) == fit_judge([(Signs(score=0.5), True)]) == Judge()
    assert Judge.from_json(Judge(bias=1.0).to_json()) == Judge(bias=1.0)


def test_the_curve_covers_what_the_traffic_does() -> None:
    """Less risk at less coverage, each point's interval around the risk on a hundred times as many rows."""
    rng = np.random.default_rng(6)
    points = risk_coverage(here(rng, 1_000), elsewhere(rng, 500), 0.1)
    assert points[0].coverage < points[-1].coverage
    assert points[0].risk.value < points[-1].risk.value
    many, foreign = here(rng, 100_000), elsewhere(rng, 50_000)
    chances, wrong = np.array([chance for chance, _ in many]), np.array([not right for _, right in many])
    held = 0
    for point in points:
        answered = chances >= point.threshold
        away = 0.1 * np.mean(np.array(foreign) >= point.threshold)
        truth = (0.9 * np.mean(answered & wrong) + away) / (0.9 * np.mean(answered) + away)
        held += point.risk.low <= truth <= point.risk.high
    assert held >= len(points) - 3
    assert risk_coverage([], [], 0.1) == ()
