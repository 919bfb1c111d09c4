"""Scores of a day's reports against those before: a stated rate of false alarms, also where days scatter."""

import numpy as np
import pytest

from argosy.monitor.detect import episodes
from argosy.monitor.reports import Reports, promised, scores

RATE = 1 / 150


def days(rng: np.random.Generator, accuracy: float, scatter: float, count: int = 90) -> list[Reports]:
    """Days of reports, a hundred or so each, whose accuracy moves from day to day."""
    usual = rng.beta(accuracy / scatter, (1 - accuracy) / scatter, count) if scatter else np.full(count, accuracy)
    all_ = rng.poisson(100, count)
    return [
        Reports(float(right), float(rows), float(rows))
        for right, rows in zip(rng.binomial(all_, usual), all_, strict=True)
    ]


@pytest.mark.parametrize("scatter", [0.0, 0.02])
@pytest.mark.parametrize("accuracy", [0.8, 0.95])
def test_days_that_only_scatter_keep_to_the_contract(accuracy: float, scatter: float) -> None:
    """Half of the rate is that of a fall; days whose texts differ in how hard they are raise no storm of alarms."""
    rng = np.random.default_rng(3)
    found = [
        one for _ in range(40) for one in episodes(scores(days(rng, accuracy, scatter), promised(accuracy, 2.0)), RATE)
    ]
    assert sum(one.size < 0 for one in found) <= 28  # 12 expected; it was 80 and more where days scatter


@pytest.mark.parametrize("begin", [14, 60])
def test_a_fall_is_found_at_once_and_lasts_until_the_answers_are_better(begin: int) -> None:
    """Days far from the usual ones teach nothing, neither the mean nor the scatter."""
    rng = np.random.default_rng(4)
    told = [*days(rng, 0.8, 0.01, begin), *days(rng, 0.5, 0.01, 40)]
    last = episodes(scores(told, promised(0.8, 2.0)), RATE)[-1]
    assert begin <= last.fired <= begin + 3
    assert last.size < 0
    assert last.closed is None
