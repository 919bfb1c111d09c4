"""Logistic regression by gradient descent, checked against scikit-learn, on real data: 569 breast tumours.

The data are those of Wolberg, Street and Mangasarian (1995), which scikit-learn carries. What is often wrong: squared
error in place of cross-entropy, which is not convex here; e⁻ᶻ of a large -z, which overflows; no penalty, though rows
that a plane separates have no best weights, so that "converged" means "stopped"; and accuracy on the training rows.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.tasks.measure import Sheet, measure

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PENALTY = 0.01  # λ: half of it times the squared weights, the bias left alone, is added to the mean loss


def rows(seed: int = 7) -> tuple[Floats, Integers, Floats, Integers]:
    """Training features and labels (1: benign), then those of a test third; scaled by the training rows alone."""
    from sklearn.datasets import load_breast_cancer

    features, labels = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    train, test = order[len(order) // 3 :], order[: len(order) // 3]
    centre, spread = features[train].mean(axis=0), features[train].std(axis=0)
    scaled = np.column_stack([np.ones(len(labels)), (features - centre) / spread])  # the column of ones is the bias
    return scaled[train], labels[train], scaled[test], labels[test]


def sigmoid(scores: Floats) -> Floats:
    """1 / (1 + e⁻ᶻ) by the power that cannot overflow."""
    power = np.exp(-np.abs(scores))
    return np.asarray(np.where(scores >= 0, 1.0, power) / (1 + power))


def loss_and_gradient(weights: Floats, features: Floats, labels: Integers) -> tuple[float, Floats]:
    """The mean of ln(1 + eᶻ) - z·y with the penalty, and the gradient Xᵀ(σ(z) - y) / n + λ·w."""
    scores = features @ weights
    shrunk = PENALTY * np.concatenate([[0.0], weights[1:]])
    loss = float(np.mean(np.logaddexp(0, scores) - scores * labels)) + float(shrunk @ weights) / 2
    return loss, np.asarray(features.T @ (sigmoid(scores) - labels) / len(labels) + shrunk)


def descend(features: Floats, labels: Integers, steps: int) -> tuple[Floats, list[float]]:
    """The weights after so many steps from 0 at the rate 1 / L, and the loss before each; σ' is at most 1/4."""
    steepest = np.linalg.eigvalsh(features.T @ features / len(labels))[-1] / 4 + PENALTY
    weights, losses = np.zeros(features.shape[1]), []
    for _ in range(steps):
        loss, gradient = loss_and_gradient(weights, features, labels)
        losses.append(loss)
        weights = weights - gradient / steepest
    return weights, losses


def by_scikit_learn(features: Floats, labels: Integers) -> Floats:
    """The same weights, bias first; its C multiplies the summed loss, so C = 1 / (λ · rows)."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1 / (PENALTY * len(labels)), tol=1e-10, max_iter=10_000)
    fitted.fit(features[:, 1:], labels)
    return np.concatenate([fitted.intercept_, fitted.coef_[0]])


def figures(weights: Floats, train_labels: Integers, test_features: Floats, test_labels: Integers) -> Sheet:
    """Accuracy, ROC-AUC and others on the test rows, beside the label that most training rows have."""
    benign, usual = sigmoid(test_features @ weights), float(train_labels.mean())
    said = {"majority": np.tile([1 - usual, usual], (len(test_labels), 1)), "ours": np.stack([1 - benign, benign], 1)}
    return measure("classify", test_labels, said, best="majority", seed=7)["ours"]


def main() -> None:
    """Descend, compare, and measure on rows that were kept aside."""
    features, labels, test_features, test_labels = rows()
    weights, losses = descend(features, labels, steps=3_000)
    print("loss before step", ", ".join(f"{step}: {losses[step]:.4f}" for step in (0, 10, 100, 1000, 2999)))
    print(f"largest difference from scikit-learn: {np.abs(weights - by_scikit_learn(features, labels)).max():.1e}")
    sheet = figures(weights, labels, test_features, test_labels)
    for name in ("accuracy", "roc_auc"):
        figure = sheet.figures[name]
        print(f"test {name} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] on {sheet.units} tumours")
    if (gap := sheet.figures["accuracy"].versus) is not None:
        print(f"over the majority's accuracy {gap.difference:+.3f} [{gap.low:.3f}, {gap.high:.3f}], p = {gap.p:.1e}")


if __name__ == "__main__":
    main()
