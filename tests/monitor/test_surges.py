"""Surges are found, calm is left alone, and a look taken again says the same."""

from collections.abc import Sequence

import numpy as np
import pytest
from counted import MONDAY, counted, drawn, usual
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.monitor.surges.series import DAY, HOUR, Counted
from argosy.monitor.surges.watch import Course, Surge, severity, surges

_WEEK = 7 * 24
_HOURS = 5 * _WEEK


def _look(
    *series: Counted,
    holidays: Sequence[tuple[int, int]] = (),
    restarts: dict[str, list[int]] | None = None,
    false_alarms: float = 0.3,
) -> list[Course]:
    return surges(series, false_alarms=false_alarms, false_share=0.2, holidays=holidays, restarts=restarts)


def _rise(times: float, first: int, hours: int, *, level: float = 6.0, seed: int = 1) -> NDArray[np.float64]:
    mean = usual(_HOURS, level)
    mean[0, first : first + hours] *= times
    return drawn(mean, seed=seed)[0]


def _shown(found: Sequence[Surge]) -> list[tuple[int, int, int | None]]:
    return [(one.since, one.fired, one.closed) for one in found]


def test_a_surge_is_found_with_its_begin_size_and_end() -> None:
    """A surge is found with its begin size and end."""
    first = 4 * _WEEK + 30
    (course,) = _look(counted(_rise(4, first, 24)))
    (surge,) = course.surges
    assert abs(surge.since - first) <= 2
    assert first <= surge.fired <= first + 3
    assert surge.closed is not None
    assert first + 24 <= surge.closed <= first + 36
    assert 2.5 < surge.ratio < 5.5
    assert surge.excess > 200
    assert surge.stands


def test_calm_counts_raise_nothing_and_lie_in_their_band() -> None:
    """Calm counts raise nothing and lie in their band."""
    courses = _look(*[counted(row, name=str(at)) for at, row in enumerate(drawn(usual(_HOURS, 6, series=8), seed=3))])
    assert sum(len(course.surges) for course in courses) <= 2
    over = np.concatenate([course.series.counts > course.upper for course in courses])[4 * _WEEK :]
    assert 0.005 < over.mean() < 0.05
    assert abs(np.nanmean([course.scores for course in courses])) < 0.05


def test_nothing_is_told_before_a_week_was_seen() -> None:
    """Nothing is told before a week was seen."""
    counts = _rise(8, 6 * 24, 12)
    (course,) = _look(counted(counts[: 8 * 24]))
    assert not course.surges
    assert np.isnan(course.expected).all()


@settings(max_examples=25, deadline=None)
@given(end=st.integers(2 * _WEEK, _HOURS), seed=st.integers(0, 3))
def test_hours_that_are_appended_change_nothing_of_what_was_told(end: int, seed: int) -> None:
    """Hours that are appended change nothing of what was told."""
    counts = _rise(3, 3 * _WEEK + 10, 30, seed=seed)
    (whole,), (part,) = _look(counted(counts)), _look(counted(counts[:end]))
    np.testing.assert_allclose(part.expected, whole.expected[:end], rtol=1e-9)
    fired = [one for one in whole.surges if one.fired < end]
    assert [(one.since, one.fired) for one in part.surges] == [(one.since, one.fired) for one in fired]
    assert [one.p_value for one in part.surges] == pytest.approx([one.p_value for one in fired])


def test_a_surge_that_goes_on_stays_one() -> None:
    """A surge that goes on stays one."""
    first = 4 * _WEEK
    counts = _rise(3, first, 48)
    looks = [_look(counted(counts[:end]))[0].surges for end in range(first + 8, first + 48, 5)]
    assert {(one[-1].since, one[-1].fired) for one in looks} == {(looks[0][-1].since, looks[0][-1].fired)}
    assert all(len(one) == len(looks[0]) for one in looks)


def test_what_is_said_of_a_series_does_not_hang_on_the_others() -> None:
    """What is said of a series does not hang on the others."""
    one, other = counted(_rise(3, 600, 24), name="one"), counted(drawn(usual(_HOURS, 50), seed=9)[0], name="other")
    assert _shown(_look(one)[0].surges) == _shown(_look(other, one)[1].surges)


def test_a_crawler_that_was_down_a_day_makes_no_surge() -> None:
    """A crawler that was down a day makes no surge."""
    counts = drawn(usual(_HOURS, 6), seed=5)[0]
    down = slice(4 * _WEEK, 4 * _WEEK + 24)
    before = _shown(_look(counted(counts))[0].surges)
    counts[down] = np.nan
    (course,) = _look(counted(counts))
    assert _shown(course.surges) == before == []
    assert np.isnan(course.scores[down]).all()
    assert np.isfinite(course.expected[down]).all()


def test_hours_of_which_half_was_heard_are_expected_to_count_half() -> None:
    """Hours of which half was heard are expected to count half."""
    mean = usual(_HOURS, 10)
    exposure = np.ones(_HOURS)
    exposure[4 * _WEEK :] = 0.5
    mean[0] *= exposure
    half = counted(drawn(mean, seed=2)[0], exposure=exposure)
    (course,) = _look(half)
    assert np.nanmean(course.expected[4 * _WEEK :]) == pytest.approx(5, rel=0.15)
    assert np.nanmean(course.scores[4 * _WEEK :]) == pytest.approx(0, abs=0.3)


def test_a_holiday_is_unlike_other_days() -> None:
    """A holiday is unlike other days."""
    day = slice(4 * _WEEK + 24, 4 * _WEEK + 48)
    counts = _rise(1.8, day.start, 24, seed=7)
    off = (MONDAY + day.start * HOUR, MONDAY + day.stop * HOUR)
    assert any(day.start <= one.fired < day.stop for one in _look(counted(counts))[0].surges)
    assert not any(day.start <= one.fired < day.stop + 48 for one in _look(counted(counts), holidays=[off])[0].surges)


def test_a_topic_of_three_texts_a_week_is_left_alone_until_many_come() -> None:
    """A topic of three texts a week is left alone until many come."""
    counts = drawn(np.full((1, 8 * _WEEK), 3 / _WEEK), seed=11)[0]
    assert not _look(counted(counts))[0].surges
    counts[7 * _WEEK : 7 * _WEEK + 4] = 2
    (surge,) = _look(counted(counts))[0].surges
    assert 7 * _WEEK <= surge.fired <= 7 * _WEEK + 3


def test_a_level_that_is_there_to_stay_becomes_the_usual() -> None:
    """A level that is there to stay becomes the usual."""
    first = 2 * _WEEK
    mean = usual(7 * _WEEK, 6)
    mean[0, first:] *= 3
    series = counted(drawn(mean, seed=4)[0])
    left = _look(series)[0]
    (surge,) = left.surges
    assert surge.closed == surge.fired + 14 * 24
    assert np.nanmean(left.expected[-_WEEK:]) == pytest.approx(18, rel=0.2)
    told = _look(series, restarts={"a": [int(series.starts[first])]})[0]
    assert np.nanmean(told.expected[first + 2 * 24 : first + _WEEK]) == pytest.approx(18, rel=0.3)
    assert not [one for one in told.surges if abs(one.fired - first) < _WEEK]


def test_what_comes_in_bursts_by_its_nature_is_alarmed_for_less_each_time() -> None:
    """What comes in bursts by its nature is alarmed for less each time."""
    rng = np.random.default_rng(8)
    mean = usual(8 * _WEEK, 20)
    for first in range(50, 8 * _WEEK - 30, 40):
        mean[0, first : first + 6] *= rng.uniform(2, 4)
    found = _look(counted(drawn(mean, seed=8)[0]))[0].surges
    early, late = (sum(low <= one.fired < low + 2 * _WEEK for one in found) for low in (_WEEK, 6 * _WEEK))
    assert late < max(early, 3)


def test_steps_that_are_no_part_of_a_day_are_refused() -> None:
    """Steps that are no part of a day are refused."""
    starts = np.array([0, HOUR, 3 * HOUR])
    with pytest.raises(DataError):
        _look(Counted(name="a", starts=starts, counts=np.zeros(3), exposure=np.ones(3)))
    with pytest.raises(DataError):
        _look(Counted(name="a", starts=np.arange(3) * 2 * DAY, counts=np.zeros(3), exposure=np.ones(3)))


@pytest.mark.parametrize("hours", [0, 1, 30])
@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_little_or_nothing_is_borne(hours: int, value: float) -> None:
    """Little or nothing is borne."""
    (course,) = _look(counted(np.full(hours, value)))
    assert not course.surges
    assert not _look()


def test_silence_then_texts_is_borne() -> None:
    """Silence then texts is borne."""
    counts = np.zeros(5 * _WEEK)
    counts[: 2 * _WEEK] = np.nan
    counts[4 * _WEEK : 4 * _WEEK + 3] = 1e6
    (surge,) = _look(counted(counts))[0].surges
    assert surge.fired == 4 * _WEEK


@pytest.mark.parametrize(
    ("ratio", "excess", "said"),
    [(4, 30, "high"), (3.9, 1000, "medium"), (50, 12, "medium"), (50, 9, "low"), (1.6, 900, "low")],
)
def test_severity_needs_both_ratio_and_excess(ratio: float, excess: float, said: str) -> None:
    """Severity needs both ratio and excess."""
    assert severity(ratio, excess) == said
