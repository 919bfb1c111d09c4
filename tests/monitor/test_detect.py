"""Alarms at a stated rate from scores that are standard normal."""

import numpy as np
import pytest

from argosy.monitor.contract import SHIFTS, limits, passing, share_out
from argosy.monitor.detect import Bank, episodes


def _fed(scores: np.ndarray, rate: float) -> Bank:
    """A bank that has seen scores [signals, periods]."""
    bank = Bank(len(scores), rate)
    for period in range(scores.shape[1]):
        bank.see(period, scores[:, period])
    return bank


@pytest.mark.parametrize("rate", [1 / 200, 1 / 1_000])
def test_realised_rate_is_the_stated_one(rate: float) -> None:
    """Standard normal scores raise as many alarms as the rate says, within three standard errors and the time open."""
    signals, periods = 1_000, round(1_000 * (0.005 / rate) ** 0.5)
    alarms = sum(map(len, _fed(np.random.default_rng(3).normal(size=(signals, periods)), rate).episodes))
    expected = signals * periods * rate
    assert 0.75 * expected - 3 * expected**0.5 < alarms < expected + 3 * expected**0.5


def test_limits_pass_at_the_rate_asked_for() -> None:
    """The chain gives back the rate for the limits that it was asked for, and rarer alarms have higher limits."""
    for rate in (1e-2, 1e-4, 1e-6):
        assert 2 * passing(limits(rate)) == pytest.approx(rate, rel=0.01)
    assert limits(1e-5) > limits(1e-4)


def test_one_sum_has_the_run_length_of_the_tables() -> None:
    """With the other sum out of reach the chain gives the known run length: 370 for k = 1/4 at 8.008, both ways."""
    assert SHIFTS[0] == 0.5
    assert 1 / (2 * passing((8.008, 20.0))) == pytest.approx(370.4, rel=0.06)  # from the start it is a little longer


@pytest.mark.parametrize("size", [1.0, -2.0, 3.0])
def test_a_change_is_found_dated_and_measured(size: float) -> None:
    """An episode begins about where the change began, and says how large it is, with its sign; it stays open."""
    scores = np.random.default_rng(1).normal(size=500)
    scores[300:] += size
    (found,) = episodes(scores, 1 / 5_000)
    assert abs(found.since - 300) <= 6
    assert 300 < found.fired < 330
    assert found.size == pytest.approx(size, abs=0.8)
    assert found.closed is None


def test_an_alarm_closes_when_the_scores_are_back() -> None:
    """It closes after the return, not before, and a second change raises a second alarm."""
    scores = np.random.default_rng(2).normal(size=600)
    scores[100:200] += 2
    scores[400:500] -= 2
    first, second = episodes(scores, 1 / 5_000)
    assert first.closed is not None
    assert 200 < first.closed < 260
    assert second.size < 0 < first.size
    assert 400 < second.fired < 420


def test_one_alarm_at_a_time() -> None:
    """Nothing is raised while an alarm is open, however long the change lasts and whatever it does."""
    scores = np.random.default_rng(2).normal(size=1_000)
    scores[100:] += 2
    scores[400:] += 2
    assert len(episodes(scores, 1 / 5_000)) == 1


def test_a_restart_closes_what_is_open() -> None:
    """After a restart at the new level the alarm is closed, and none follows from what was before."""
    scores = np.random.default_rng(2).normal(size=400)
    scores[100:150] += 2
    (found,) = episodes(scores, 1 / 5_000, restarts=[150])
    assert found.closed == 150


def test_missing_periods_tell_nothing() -> None:
    """Missing scores between others neither raise nor hide an alarm: the numbers of periods move with them."""
    scores = np.random.default_rng(1).normal(size=300)
    scores[200:] += 2
    with_gap = np.insert(scores, 205, [np.nan] * 40)
    (plain,), (gapped,) = episodes(scores, 1e-3), episodes(with_gap, 1e-3)
    assert gapped.since == plain.since
    assert gapped.fired == plain.fired + (40 if plain.fired >= 205 else 0)
    assert gapped.size == pytest.approx(plain.size)


def test_the_contract_is_shared_out_evenly() -> None:
    """The rates of all series and periods add up to the contract."""
    assert share_out(2.0, 10, 720) * 10 * 720 == pytest.approx(2.0)
