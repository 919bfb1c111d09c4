"""Places of values in their laws are uniform whatever stands behind them."""

import numpy as np
import pytest
from scipy.stats import binom

from argosy.monitor.laws import standardised


@pytest.mark.parametrize("texts", [20, 200, 2_000])
@pytest.mark.parametrize("share", [0.005, 0.3, 0.995])
def test_a_rare_event_is_as_usual_by_night_as_by_day(texts: int, share: float) -> None:
    """However few texts there are, a share that is what it is expected to be scores 0 on average and 1 in spread."""
    hits, ties = (grid.ravel() for grid in np.meshgrid(np.arange(texts + 1), (np.arange(50) + 0.5) / 50, indexing="ij"))
    same = np.ones(len(hits))
    variance = share * (1 - share) / texts
    found = standardised("share", hits / texts, texts * same, share * same, variance * same, ties)
    chances = binom.pmf(hits, texts, share) / 50
    assert chances @ found == pytest.approx(0, abs=0.02)
    assert chances @ found**2 == pytest.approx(1, abs=0.05)
