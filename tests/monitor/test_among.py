"""A day among the days before: what days differ by as a rule is no alarm, what none ever did is."""

import numpy as np
import pytest

from argosy.monitor.among import among
from argosy.monitor.detect import episodes

RATE = 1 / 60


@pytest.mark.parametrize(("usual", "spread"), [(0.0, 1.0), (2.0, 1.5), (4.4, 2.2)])
def test_days_with_topics_of_their_own_keep_to_the_contract(usual: float, spread: float) -> None:
    """A test of texts against earlier ones says so every day, by so many standard deviations: it does not alarm."""
    rng = np.random.default_rng(1)
    alarms = [
        one for _ in range(100) for one in episodes(among(usual + spread * rng.normal(size=90)), RATE) if one.size > 0
    ]
    assert len(alarms) < 2.2 * 100 * 90 * RATE / 2


def test_a_new_topic_alarms_within_days_and_lasts() -> None:
    """Days far from all before teach nothing."""
    rng = np.random.default_rng(2)
    scores = np.concatenate([rng.gamma(4, 0.6, 20), 8 + rng.normal(size=20)])
    last = episodes(among(scores), RATE / 10)[-1]
    assert 20 <= last.fired <= 22
    assert last.closed is None


def test_missing_days_stay_missing() -> None:
    """They are neither scored nor learnt from."""
    scores = np.array([1.0, np.nan, 2.0, np.nan])
    assert np.isnan(among(scores)).tolist() == [False, True, False, True]
    assert among(scores)[2] == among(scores[[0, 2]])[1]
