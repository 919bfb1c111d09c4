"""The metrics of figures are those of scikit-learn and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.values import regress, similarity


@given(st.integers(0, 10_000))
def test_the_metrics_equal_those_of_scikit_learn_and_scipy(seed: int) -> None:
    """With ties."""
    rng = np.random.default_rng(seed)
    truth, said = np.round(rng.standard_normal((2, 30)), 1)
    both = {**regress(truth, said), **similarity(truth, said)}
    told = {name: found.value for name, found in both.items() if not isinstance(found, Undefined)}
    assert told == pytest.approx(
        {
            "mae": mean_absolute_error(truth, said),
            "rmse": root_mean_squared_error(truth, said),
            "r2": r2_score(truth, said),
            "spearman": spearmanr(truth, said).statistic,
            "pearson": pearsonr(truth, said).statistic,
        }
    )


def test_constant_columns_leave_correlation_and_r2_undefined() -> None:
    """A baseline that says the mean has errors, but no rank correlation; a constant target has no R²."""
    moving, still = np.arange(5.0), np.full(5, 2.0)
    assert {name for name, found in regress(moving, still).items() if isinstance(found, Undefined)} == {"spearman"}
    undefined = {name for name, found in regress(still, moving).items() if isinstance(found, Undefined)}
    assert undefined == {"spearman", "r2"}
