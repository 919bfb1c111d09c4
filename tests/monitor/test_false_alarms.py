"""The contract over whole projects, and on a wrongly behaved week, in small."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from argosy.monitor.baseline import HOUR, courses, warm_up
from argosy.monitor.contract import share_out


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> object:
    """The simulated months of the benchmark."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    return importlib.import_module("benchmarks.watching.streams")


def test_a_project_in_which_nothing_changes_keeps_to_its_contract(streams: object) -> None:
    """Forty projects of five hourly signals, four false alarms a month accepted: about that many are raised."""
    periods = warm_up(HOUR) + 360
    signals = streams.months(40, periods, np.random.default_rng(4))
    rate = share_out(4.0, len(signals), 720)
    alarms = sum(len(course.episodes) for some in signals.values() for course in courses(some, rate=rate))
    assert 40 < alarms < 120  # 80 expected; five standard errors


def test_a_shift_of_two_standard_deviations_is_found_within_a_day(streams: object) -> None:
    """The confidence of most projects that moves for good raises one alarm within a day of it, dated near its start."""
    begin = warm_up(HOUR) + 100
    signals = streams.months(20, begin + 100, np.random.default_rng(6))["confidence"]
    for one in signals:
        spread = np.sqrt(0.15**2 / np.maximum(one.weights, 1) + 2 * 0.005**2)
        one.values[begin:] -= 2 * spread[begin:]
    found = [course.episodes[-1] for course in courses(signals, rate=1 / 7_200) if course.episodes]
    quick = [one for one in found if begin <= one.fired < begin + 24 and one.size < 0]
    assert len(quick) >= 16
    assert np.median([abs(one.since - begin) for one in quick]) <= 3
