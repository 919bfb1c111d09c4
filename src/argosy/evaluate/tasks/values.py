"""The metrics of figures: regression, and how alike two texts are."""

import numpy as np

from argosy.evaluate.metrics import Floats, Form, Measured, Ratios, Undefined, mean
from argosy.evaluate.ranks import pearson, spearman

ONE_VALUE = Undefined(reason="The true values are all equal; there is no variance for R² to explain.")


def regress(truth: Floats, predicted: Floats) -> dict[str, Measured | Undefined]:
    """True and predicted figures [rows]; mean absolute and root mean squared error are in their unit."""
    errors = predicted - truth
    return {
        "mae": mean(np.abs(errors), Form.POSITIVE),
        "rmse": mean(errors**2, Form.ROOT),
        "r2": _explained(truth, errors),
        "spearman": spearman(truth, predicted),
    }


def similarity(truth: Floats, predicted: Floats) -> dict[str, Measured | Undefined]:
    """How alike two texts are: true degrees and predicted scores [rows], on any two scales."""
    return {"spearman": spearman(truth, predicted), "pearson": pearson(truth, predicted)}


def _explained(truth: Floats, errors: Floats) -> Measured | Undefined:
    """R²: 1 less the squared errors over the squares about the mean (its own change is of second order)."""
    squares = (truth - truth.mean()) ** 2
    if np.ptp(truth) == 0:
        return ONE_VALUE
    return Ratios(over=(errors**2)[:, None], under=squares[:, None], form=Form.COMPLEMENT)
