"""Linear regression by gradient descent, checked against the closed form, on real data: diabetes in 442 patients.

The data are those of Efron et al. ("Least Angle Regression", 2004), which scikit-learn carries. What is often wrong:
the features are scaled with the test rows among them; the rate is guessed, where any below 2 / L converges and any
above it explodes (L: the largest curvature of the loss); and the fit is judged on the rows that it was fitted to.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.tasks.measure import Sheet, measure

Floats = NDArray[np.float64]


def rows(seed: int = 7) -> tuple[Floats, Floats, Floats, Floats]:
    """Training features and targets, then those of a test third; scaled by the training rows alone."""
    from sklearn.datasets import load_diabetes

    features, targets = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.default_rng(seed).permutation(len(targets))
    train, test = order[len(order) // 3 :], order[: len(order) // 3]
    centre, spread = features[train].mean(axis=0), features[train].std(axis=0)
    scaled = np.column_stack([np.ones(len(targets)), (features - centre) / spread])  # the column of ones is the bias
    return scaled[train], targets[train], scaled[test], targets[test]


def loss_and_gradient(weights: Floats, features: Floats, targets: Floats) -> tuple[float, Floats]:
    """Mean squared error ‖Xw - y‖² / n and its gradient 2·Xᵀ(Xw - y) / n."""
    errors = features @ weights - targets
    return float(np.mean(errors**2)), np.asarray(2 * features.T @ errors / len(targets))


def curvature(features: Floats) -> float:
    """L, the largest eigenvalue of the Hessian 2·XᵀX / n."""
    return float(np.linalg.eigvalsh(2 * features.T @ features / len(features))[-1])


def descend(features: Floats, targets: Floats, rate: float, steps: int) -> tuple[Floats, list[float]]:
    """The weights after so many steps from 0, and the loss before each step."""
    weights, losses = np.zeros(features.shape[1]), []
    for _ in range(steps):
        loss, gradient = loss_and_gradient(weights, features, targets)
        losses.append(loss)
        weights = weights - rate * gradient
    return weights, losses


def closed_form(features: Floats, targets: Floats) -> Floats:
    """The least-squares weights, by a decomposition and not by inverting XᵀX, which squares the condition number."""
    return np.asarray(np.linalg.lstsq(features, targets, rcond=None)[0])


def figures(weights: Floats, train_targets: Floats, test_features: Floats, test_targets: Floats) -> Sheet:
    """R², mean absolute error and others on the test rows, beside the mean of the training targets."""
    said = {"mean": np.full(len(test_targets), train_targets.mean()), "linear": test_features @ weights}
    return measure("regress", test_targets, said, best="mean", seed=7)["linear"]


def main() -> None:
    """Descend, compare, and measure on rows that were kept aside."""
    features, targets, test_features, test_targets = rows()
    steepest = curvature(features)
    weights, losses = descend(features, targets, rate=1 / steepest, steps=10_000)
    print("loss before step", ", ".join(f"{step}: {losses[step]:,.0f}" for step in (0, 10, 100, 1000, 9999)))
    exact = closed_form(features, targets)
    print(
        f"largest difference from the closed form: {np.abs(weights - exact).max():.1e} (largest weight {exact[0]:.0f})"
    )
    _, wild = descend(features, targets, rate=2.05 / steepest, steps=200)
    print(f"at a rate of 2.05 / L the loss goes from {wild[0]:,.0f} to {wild[-1]:.1e}")
    sheet = figures(weights, targets, test_features, test_targets)
    explained, error = sheet.figures["r2"], sheet.figures["mae"]
    print(f"test R² {explained.value:.2f} [{explained.low:.2f}, {explained.high:.2f}] on {sheet.units} patients")
    if error.versus is not None:
        gap = error.versus
        print(
            f"mean absolute error {error.value:.1f} [{error.low:.1f}, {error.high:.1f}]; less that of the mean's guess:"
        )
        print(f"  {gap.difference:.1f} [{gap.low:.1f}, {gap.high:.1f}], p = {gap.p:.4f}")


if __name__ == "__main__":
    main()
