"""Scores that are standard normal while nothing changes."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.monitor.baseline import DAY, HOUR, Course, courses, warm_up
from argosy.monitor.contract import share_out
from argosy.monitor.series import Law, Series

RATE = 1 / 10_000
LENGTH = warm_up(HOUR) + 240


def series(values: NDArray[np.float64], weights: NDArray[np.float64] | None = None, law: Law = "level") -> Series:
    """One series of hours from a Monday on."""
    weights = np.ones(len(values)) if weights is None else weights
    starts = 19_002 * DAY + np.arange(len(values), dtype=np.int64) * HOUR
    missing = np.isnan(values)
    return Series(signal="s", slice="", starts=starts, values=values, weights=np.where(missing, 0.0, weights), law=law)


def traffic(seed: int, length: int = LENGTH, least: float = 30.0) -> NDArray[np.float64]:
    """Requests per hour with day and night, over-dispersed."""
    rng = np.random.default_rng(seed)
    hours = np.arange(length)
    usual = least * np.exp(1 + np.sin(hours * np.pi / 12)) * np.where(hours // 24 % 7 >= 5, 0.5, 1.0)
    return rng.poisson(usual * rng.gamma(20, 1 / 20, length)).astype(float)


def followed(one: Series, **told: list[int]) -> Course:
    """The course of one series."""
    return courses([one], rate=RATE, **told)[0]


def test_scores_are_standard_normal_whatever_the_law() -> None:
    """Counts with seasons, shares of few, heavy tails and echoes all give mean 0, variance 1 and no echo."""
    rng = np.random.default_rng(0)
    all_: list[Series] = []
    for seed in range(12):
        count = traffic(seed)
        echo = np.zeros(LENGTH)
        for hour in range(1, LENGTH):
            echo[hour] = 0.6 * echo[hour - 1] + rng.standard_t(4)
        share = rng.binomial(count.astype(int), 0.05) / np.maximum(count, 1)
        all_ += [
            series(count, law="count"),
            series(np.where(count > 0, share, np.nan), count, law="share"),
            series(np.exp(4 + 0.2 * echo), law="amount"),
        ]
    found = courses([replace(one, slice=str(place)) for place, one in enumerate(all_)], rate=RATE)
    for law in range(3):
        scores = np.stack([course.scores for course in found[law::3]])[:, warm_up(HOUR) :]
        assert abs(np.nanmean(scores)) < 0.08
        assert abs(np.nanvar(scores) - 1) < 0.12
        assert abs(np.nanmean(scores[:, 1:] * scores[:, :-1])) < 0.08


def test_the_future_changes_no_earlier_score() -> None:
    """Scores and usual values up to a period are the same whatever comes after it."""
    values = traffic(1)
    changed = values.copy()
    changed[500:] = 7
    before, after = followed(series(values, law="count")), followed(series(changed, law="count"))
    np.testing.assert_array_equal(before.scores[:500], after.scores[:500])
    np.testing.assert_array_equal(before.usual[:500], after.usual[:500])
    np.testing.assert_array_equal(before.scores[:500], followed(series(values[:500], law="count")).scores)


def test_scores_of_a_series_do_not_hang_on_its_neighbours() -> None:
    """A series followed alone has the scores it has among others."""
    some = [replace(series(traffic(seed), law="count"), slice=str(seed)) for seed in range(3)]
    together = courses(some, rate=RATE)
    np.testing.assert_array_equal(together[1].scores, courses(some[1:2], rate=RATE)[0].scores)


def test_nothing_is_scored_before_the_warm_up() -> None:
    """So many periods with a value are without a score, as warm_up says; missing ones do not count."""
    values = traffic(1)
    values[:10] = np.nan
    values[50:60] = np.nan
    scored = np.flatnonzero(~np.isnan(followed(series(values, law="count")).scores))
    assert scored[0] == warm_up(HOUR) + 20


def test_missing_periods_have_no_score_and_are_no_fall() -> None:
    """A day without a server raises nothing; a day without a request does."""
    values = traffic(1)
    off, empty = values.copy(), values.copy()
    off[450:474] = np.nan
    empty[450:474] = 0.0
    course = followed(series(off, law="count"))
    assert np.isnan(course.scores[450:474]).all()
    assert not course.episodes
    (found,) = followed(series(empty, law="count")).episodes
    assert 450 <= found.since <= found.fired < 456
    assert found.size < 0


def test_a_night_is_no_fall_and_a_noon_no_rise() -> None:
    """Seasons are usual: the baseline follows them within its error."""
    values = traffic(3, least=100.0)
    course = followed(series(values, law="count"))
    ratio = course.usual[warm_up(HOUR) :] / values[warm_up(HOUR) :]
    assert np.quantile(np.abs(np.log(ratio)), 0.9) < 0.6
    assert not course.episodes


def test_few_observations_do_not_alarm() -> None:
    """Five hours with one text, wrong by a chance of one in five, are no alarm where hundreds as wrong are."""
    rng = np.random.default_rng(5)
    weights = np.full(LENGTH, 400.0)
    values = rng.binomial(400, 0.2, LENGTH) / 400
    few, many = values.copy(), values.copy()
    few[450:455], many[450:455] = 1.0, 1.0
    thin = weights.copy()
    thin[450:455] = 1.0
    assert not followed(series(few, thin, law="share")).episodes
    assert followed(series(many, weights, law="share")).episodes


def test_a_lasting_change_stays_open_until_it_is_acknowledged() -> None:
    """Open without end while the level is away; a restart closes it, takes the new level, and sees the next change."""
    values = traffic(4, LENGTH + 480)
    values[450:] = np.round(values[450:] * 2)
    values[900:] = np.round(values[900:] * 2)
    one = series(values, law="count")
    (found,) = followed(one).episodes
    assert 450 <= found.since <= found.fired < 462
    assert found.closed is None
    first, second = followed(one, restarts=[int(one.starts[500])]).episodes
    assert first.closed == 500
    assert 895 < second.since <= second.fired < 915


def test_a_signal_that_never_moves_can_still_alarm() -> None:
    """A share that was always 0 is scored by chance alone, and alarms when it is not 0 any more."""
    values = np.zeros(LENGTH)
    values[500:] = 0.05
    course = followed(series(values, np.full(LENGTH, 200.0), law="share"))
    (found,) = course.episodes
    assert 500 <= found.since <= found.fired < 510


@pytest.mark.parametrize("length", [0, 1, 2, 40])
def test_short_and_empty_series_have_no_scores(length: int) -> None:
    """Nothing is scored, and nothing fails."""
    for values in (np.ones(length), np.full(length, np.nan)):
        course = followed(series(values))
        assert np.isnan(course.scores).all()
        assert not course.episodes


@pytest.mark.parametrize("rare", [0.02, 0.1])
def test_a_signal_of_few_values_keeps_to_the_contract(rare: float) -> None:
    """Nearly every period says the same (one text a request): where the course wobbles a little is no news of it."""
    rng = np.random.default_rng(2)
    starts = 20_000 * DAY + np.arange(1_000, dtype=np.int64) * HOUR
    some = [
        Series(
            signal="texts_per_request",
            slice=str(run),
            starts=starts,
            values=np.where(rng.random(len(starts)) < rare, 1 + rng.integers(1, 5, len(starts)) / 80, 1.0),
            weights=np.full(len(starts), 80.0),
        )
        for run in range(30)
    ]
    rate = share_out(4.0, 30, 720)
    found = courses(some, rate=rate)
    expected = sum(np.isfinite(course.scores).sum() for course in found) * rate
    assert sum(len(course.episodes) for course in found) < 4 * expected
