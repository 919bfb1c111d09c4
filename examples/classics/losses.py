"""Mean squared error and cross-entropy, worked with numbers and checked against torch.

Cross-entropy is the negative log-likelihood of the true label (Goodfellow, Bengio and Courville 2016, section 6.2).
What is often wrong: the logarithm of a softmax that has already become 0; a small constant added to every probability,
which changes the loss; and a softmax before torch's ``CrossEntropyLoss``, which has one inside: then no model,
however sure and right, gets below ln(1 + 2/e) = .5514 with three labels.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TRUTH, PREDICTED = np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.0, 1.0])
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])  # [rows, labels]
LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 1.0]])  # [rows, labels], before any softmax
LABELS = np.array([0, 2])


def mean_squared_error(truth: Floats, predicted: Floats) -> tuple[float, Floats]:
    """The error, in the square of the unit, and its gradient in the predictions."""
    errors = predicted - truth
    return float(np.mean(errors**2)), np.asarray(2 * errors / len(errors))


def from_probabilities(probabilities: Floats, labels: Integers) -> float:
    """Cross-entropy in nats: the mean of -ln of what each row gives its true label; infinite where that is 0."""
    with np.errstate(divide="ignore"):
        return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def log_sum_exp(logits: Floats) -> Floats:
    """ln Σ eˣ along the last axis, the largest x taken out first: ln Σ eˣ = m + ln Σ eˣ⁻ᵐ, which cannot overflow."""
    largest = logits.max(axis=-1, keepdims=True)
    return np.asarray(largest[..., 0] + np.log(np.exp(logits - largest).sum(axis=-1)))


def from_logits(logits: Floats, labels: Integers) -> tuple[float, Floats]:
    """Cross-entropy in nats without ever making a probability, and its gradient: (softmax - one-hot) / rows."""
    rows = np.arange(len(labels))
    normaliser = log_sum_exp(logits)
    gradient = np.exp(logits - normaliser[:, None])
    gradient[rows, labels] -= 1
    return float(np.mean(normaliser - logits[rows, labels])), gradient / len(labels)


def binary_from_logits(logits: Floats, truth: Floats) -> float:
    """Cross-entropy of yes (1) or no (0): max(z, 0) - z·y + ln(1 + e^-|z|), which is ln(1 + eᶻ) - z·y made stable."""
    return float(np.mean(np.maximum(logits, 0) - logits * truth + np.log1p(np.exp(-np.abs(logits)))))


def by_torch() -> dict[str, float]:
    """The same three figures by torch, and the one with a softmax too many."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss

    logits, labels = torch.from_numpy(LOGITS), torch.from_numpy(LABELS)
    sure = torch.tensor([[1000.0, 0.0, 0.0]])
    return {
        "mse": mse_loss(torch.from_numpy(PREDICTED), torch.from_numpy(TRUTH)).item(),
        "cross-entropy": cross_entropy(logits, labels).item(),
        "binary": binary_cross_entropy_with_logits(torch.from_numpy(LOGITS[:, 0]), torch.tensor([1.0, 0.0])).item(),
        "twice": cross_entropy(sure.softmax(dim=1), torch.tensor([0])).item(),
    }


def main() -> None:
    """Each loss with its arithmetic."""
    torch = by_torch()
    # Errors 1, 0, -3; squares 1, 0, 9; mean 10 / 3. Gradient 2 · error / 3: 2/3, 0, -2.
    error, slope = mean_squared_error(TRUTH, PREDICTED)
    print(f"mean squared error {error:.4f} (torch {torch['mse']:.4f}), gradient {slope.round(4)}")
    # -ln .7 = .3567 and -ln .6 = .5108: mean .4338.
    print(f"cross-entropy of probabilities {from_probabilities(PROBABILITIES, LABELS):.4f}")
    # Row 1: 2 + ln(1 + e⁻¹ + e⁻²) - 2 = ln 1.5032 = .4076. Row 2: 1 + ln(2 + e⁻¹) - 1 = ln 2.3679 = .8620. Mean .6348.
    loss, slope = from_logits(LOGITS, LABELS)
    print(f"cross-entropy of logits {loss:.4f} (torch {torch['cross-entropy']:.4f})")
    print(f"its gradient in the first row {slope[0].round(4)}, which sums to {abs(slope[0].sum()):.4f}")
    # z = 2, yes: ln(1 + e⁻²) = .1269; z = 0, no: ln 2 = .6931. Mean .4100.
    binary = binary_from_logits(LOGITS[:, 0], np.array([1.0, 0.0]))
    print(f"binary cross-entropy {binary:.4f} (torch {torch['binary']:.4f})")
    far = from_logits(np.array([[1000.0, 0.0]]), np.array([1]))[0]
    print(f"logits 1000 and 0 where the second is true: {far:.0f} nats; by way of a softmax: infinite")
    print(f"sure and right, but with a softmax before torch's cross-entropy: {torch['twice']:.4f}, not 0")


if __name__ == "__main__":
    main()
