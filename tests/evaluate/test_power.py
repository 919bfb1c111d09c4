"""The stated difference is the one that is found four times in five."""

import numpy as np

from argosy.evaluate.metrics import of_labels
from argosy.evaluate.paired import difference
from argosy.evaluate.power import detectable


def test_a_true_difference_of_that_size_is_found_in_about_80_of_100_samples() -> None:
    """Macro F1 of two models on 400 rows, 200 samples."""
    rng, told, stated = np.random.default_rng(2), 0, []
    for seed in range(200):
        truth = rng.integers(0, 2, size=400)
        a, b = (
            of_labels("macro_f1", truth, np.where(rng.random(400) < right, truth, 1 - truth), 2)
            for right in (0.88, 0.81)
        )
        told += difference(a, b, seed=seed).low > 0
        stated.append(detectable(a, b))
    assert 0.064 < np.mean(stated) < 0.078
    assert 0.7 < told / 200 < 0.9


def test_models_that_never_disagree_leave_nothing_to_state() -> None:
    """There is no spread to plan with."""
    labels = np.arange(20) % 2
    same = of_labels("accuracy", labels, labels, 2)
    assert detectable(same, same) is None
