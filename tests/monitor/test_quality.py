"""Live quality holds the true accuracy though reports are late, few, not random, and some of lies."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from argosy.evaluate.intervals import Interval, share
from argosy.monitor.quality import ASSUMED, Answers, arrivals, quality

CLASSES = 4


def answers(seed: int, *, count: int = 3_000, rate: float = 0.08, odds: float = 3.0, tenants: int = 12) -> Any:
    """Answers of which wrong ones are reported ``odds`` times as often, and the share that is right."""
    rng = np.random.default_rng(seed)
    whose = rng.choice(tenants, count, p=rng.dirichlet(np.full(tenants, 3.0)))
    chance = 1 / (1 + np.exp(-rng.normal(2.5, 1.5, count)))
    right = rng.random(count) < chance
    often = np.exp(rng.normal(0, 0.5, tenants))[whose] * np.where(right, rate, odds * rate)
    said = rng.random(count) < np.minimum(often, 0.95)
    truth = rng.integers(0, CLASSES, count)
    labels = np.where(right, truth, (truth + rng.integers(1, CLASSES, count)) % CLASSES)
    return Answers(
        labels=labels,
        confidence=chance**0.7,  # surer than it should be
        tenants=[f"t{one}" for one in whose],
        languages=np.where(rng.random(count) < 0.5, "zh", "en").tolist(),
        weights=np.ones(count),
        right=np.where(said, right, np.nan),
        truth=np.where(said, truth, -1),
        ratings=np.zeros(count, dtype=np.int64),
        trust=np.ones(count),
    ), float(right.mean())


def holds(interval: Interval, true: float) -> bool:
    """Whether it holds the true figure."""
    return interval.low <= true <= interval.high


@pytest.mark.parametrize(("odds", "naive_at_most"), [(3.0, 0.1), (1.0, 1.0)])
def test_the_interval_holds_the_truth_where_wrong_answers_are_reported_more_often(
    odds: float, naive_at_most: float
) -> None:
    """Over 60 simulated months (seeds 0 to 59), where the plain share of the reports hardly ever does."""
    held, plain, told = 0, 0, []
    for seed in range(60):
        month, true = answers(seed, odds=odds)
        found = quality(month)
        assert found is not None
        held += holds(found.accuracy, true)
        plain += holds(share(found.naive, found.reports), true)
        told.append(found.odds.value)
    assert held >= 52  # of 60 at 95 %: fewer once in fifty draws
    assert plain / 60 <= naive_at_most
    assert np.median(told) == pytest.approx(odds, rel=0.2)


def test_few_reports_are_told_as_few_with_what_other_times_say_of_them() -> None:
    """Below 30 the odds are assumed between two ends, or given by a longer time, which is narrower."""
    month, _ = answers(1)
    longer = quality(month)
    day, true = answers(2, count=300, rate=0.05)
    alone = quality(day)
    assert longer is not None
    assert alone is not None
    assert (alone.method, alone.odds) == ("assumed", ASSUMED)
    assert holds(alone.accuracy, true)
    informed = quality(day, odds=longer.odds)
    assert informed is not None
    assert informed.method == "given"
    assert holds(informed.accuracy, true)
    assert informed.accuracy.low > alone.accuracy.low


def test_a_tenant_that_reports_without_end_weighs_as_much_as_its_answers() -> None:
    """One tenant whose answers are all right reports each; the others' share does not drown in it."""
    month, _ = answers(3)
    mine = np.array([name == "t1" for name in month.tenants])
    right = np.where(mine, 1.0, month.right)
    found = quality(replace(month, right=right, truth=np.where(mine, month.labels, month.truth)))
    others = np.nanmean(month.right[~mine])
    assert found is not None
    assert found.effective < found.reports
    assert found.accuracy.value < mine.mean() + (1 - mine.mean()) * (others + 0.25)


def test_a_rating_without_a_label_counts_as_what_such_ratings_mean() -> None:
    """Where 20 rows have both; before that it counts for nothing."""
    month, true = answers(4)
    labelled = np.flatnonzero(~np.isnan(month.right))
    ratings = np.zeros(len(month.right), dtype=np.int64)
    ratings[labelled] = np.where(month.right[labelled] == 1, 1, -1)
    right = month.right.copy()
    right[labelled[::2]] = np.nan  # half of them gave no label
    half = replace(month, right=right, truth=np.where(np.isnan(right), -1, month.truth))
    found, without = quality(replace(half, ratings=ratings)), quality(half)
    assert found is not None
    assert without is not None
    assert found.reports == len(labelled) > without.reports
    assert holds(found.accuracy, true)
    few = replace(half, ratings=np.where(np.arange(len(ratings)) < 60, ratings, 0))
    assert quality(few) == without


def test_what_liars_may_hide_widens_the_interval() -> None:
    """A tenth of the weights that may be anything."""
    month, _ = answers(5)
    sure, unsure = quality(month), quality(month, lies=0.1)
    assert sure is not None
    assert unsure is not None
    assert unsure.accuracy.low == pytest.approx((sure.accuracy.low - 0.1) / 0.9)
    assert unsure.accuracy.high > sure.accuracy.high


def test_nothing_said_is_no_quality_and_all_right_is_not_certainty() -> None:
    """Nobody reported; then twelve did, all content; then nobody is believed."""
    month, _ = answers(6, count=400)
    silent = replace(month, right=np.full(400, np.nan))
    assert quality(silent) is None
    content = np.full(400, np.nan)
    content[:12] = 1.0
    found = quality(replace(month, right=content, truth=np.where(np.isnan(content), -1, month.labels)))
    assert found is not None
    assert found.accuracy.value == 1.0
    assert found.accuracy.low < 0.9
    assert found.macro_f1 is None
    assert quality(replace(month, trust=np.zeros(400))) is None


def test_macro_f1_weighs_reports_as_accuracy_does() -> None:
    """With labels alike in all, it lies where the accuracy lies."""
    month, true = answers(7, rate=0.2)
    found = quality(month)
    assert found is not None
    assert found.macro_f1 is not None
    assert holds(found.macro_f1, true)


def test_the_share_still_to_come_is_seen_in_how_reports_came_before() -> None:
    """Delays of three days on average, watched for thirty: what is a day old waits for most of its reports."""
    day = 86_400_000_000
    rng = np.random.default_rng(8)
    now = 30 * day
    asked = rng.integers(0, now, 4_000)
    said = asked + (rng.exponential(3 * day, 4_000)).astype(np.int64)
    come = said <= now
    known = arrivals(asked[come], said[come], now)
    for age in (1, 3, 9):
        waits = known.to_come(np.array([now - age * day]), now)
        assert waits == pytest.approx(np.exp(-age / 3), abs=0.04)
    assert arrivals(asked[:0], said[:0], now).to_come(asked[:1], now) == 1.0
    month, _ = answers(9)
    late = quality(month, to_come=known.to_come(np.array([now - day]), now))
    assert late is not None
    assert late.provisional
