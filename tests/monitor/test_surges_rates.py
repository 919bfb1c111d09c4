"""The rates that are promised of surges, by simulation."""

import numpy as np
import pytest
from counted import counted, drawn, usual
from hypothesis import given
from hypothesis import strategies as st

from argosy.monitor.surges.discovery import p_values, standing
from argosy.monitor.surges.limits import care, kept, limits, told
from argosy.monitor.surges.sums import Sums
from argosy.monitor.surges.watch import surges


@pytest.mark.slow
@pytest.mark.parametrize(("mean", "dispersion"), [(0.02, 0.2), (0.3, 0.2), (2.0, 0.2), (6.0, 0.1), (60.0, 0.1)])
def test_limits_are_passed_as_often_as_contracted_where_the_law_is_known(mean: float, dispersion: float) -> None:
    """Slow: a million periods are drawn for each law."""
    series, periods, begin, rate = 1_000, 1_200, 200, 1 / 720
    counts = drawn(np.full((periods, series), mean), seed=1, size=1 / dispersion)
    expected, scatter = np.full(series, mean), np.full(series, dispersion)
    sums = Sums(limits(told(expected, scatter)[:, None], rate))
    fired = 0
    for period in range(periods):
        fires, _ = sums.see(period, counts[period], expected, scatter)
        fired += int(fires.sum()) if period >= begin else 0
    assert fired / (series * (periods - begin)) / rate == pytest.approx(1, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("size", [5.0, 10.0])
def test_false_alarms_are_as_many_as_contracted_where_all_is_learned(size: float) -> None:
    """Slow: sixty topics are followed for ten weeks."""
    topics, days, learned = 60, 70, 28
    counts = drawn(usual(days * 24, 6, series=topics), seed=21, size=size)
    found = surges([counted(row, name=str(at)) for at, row in enumerate(counts)], false_alarms=1, false_share=0.2)
    fired = sum(one.fired >= learned * 24 for course in found for one in course.surges)
    assert fired / (topics * (days - learned) / 30) == pytest.approx(1, abs=0.35)


def test_limits_fall_with_the_rate_and_rise_with_doubt() -> None:
    """Limits fall with the rate and rise with doubt."""
    information, sure = np.full((1, 24), 3.0), np.zeros((1, 24))
    assert limits(information, 1 / 720) > limits(information, 1 / 72)
    assert care(information, sure + 0.01) > care(information, sure) == 1
    assert (np.diff(kept(np.geomspace(0.01, 100, 50))) <= 0).all()


def test_a_height_that_is_passed_once_in_ten_days_has_one_chance_in_ten_within_a_day() -> None:
    """A height that is passed once in ten days has one chance in ten within a day."""
    height = np.array([240.0]) * 0.4
    assert p_values(height, np.array([0.4]), 24.0)[0] == pytest.approx(0.095, abs=0.001)


def test_those_stand_that_the_rule_of_benjamini_and_hochberg_rejects() -> None:
    """Those stand that the rule of benjamini and hochberg rejects."""
    chances = np.array([[0.001, 0.04], [0.03, 0.07], [0.08, np.nan], [0.9, 0.9]])
    assert standing(chances, 0.1).T.tolist() == [[True, True, False, False], [False, False, False, False]]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 1))
def test_a_lower_chance_stands_where_a_higher_one_does(chances: list[float], share: float) -> None:
    """A lower chance stands where a higher one does."""
    stand = standing(np.array(chances)[:, None], share)[:, 0]
    if stand.any():
        highest = max(chance for chance, one in zip(chances, stand, strict=True) if one)
        assert all(one == (chance <= highest) for chance, one in zip(chances, stand, strict=True))
        assert highest <= share * sum(stand) / len(chances) + 1e-12
