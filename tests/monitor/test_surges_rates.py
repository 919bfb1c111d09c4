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


def test_evidence_of_once_in_ten_days_has_one_chance_in_ten_within_a_day() -> None:
    """The chance is that of a Poisson process."""
    assert p_values(np.array([240.0]), 24)[0] == pytest.approx(0.095, abs=0.001)


def test_those_stand_that_the_rule_of_benjamini_and_hochberg_rejects() -> None:
    """A series counts by the highest of its month; it stands by its own evidence of the period alone."""
    chances = np.array([[0.001, 0.9, 0.9], [0.9, 0.04, 0.9], [0.9, 0.08, 0.9], [0.9, np.nan, 0.04]])
    stand = standing(-2 / np.log1p(-chances), 2, 0.1)
    assert stand.T.tolist() == [[True, False, False, False], [False, True, False, False], [False, False, False, True]]


@given(st.lists(st.floats(1e-6, 0.999), min_size=1, max_size=12), st.floats(0.01, 1))
def test_a_lower_chance_stands_where_a_higher_one_does(chances: list[float], share: float) -> None:
    """As many stand as the bound of their rank allows."""
    evidence = -1 / np.log1p(-np.array(chances))
    stand = standing(evidence[:, None], 1, share)[:, 0]
    if stand.any():
        highest = max(chance for chance, one in zip(chances, stand, strict=True) if one)
        assert all(one == (chance <= highest * (1 + 1e-9)) for chance, one in zip(chances, stand, strict=True))
        assert highest <= share * sum(stand) / len(chances) * (1 + 1e-6)
