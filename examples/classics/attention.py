"""Scaled dot-product attention (Vaswani et al. 2017, "Attention Is All You Need", equation 1), worked by hand.

Three tokens, width 4: every number in the comments can be followed with a pocket calculator. What is often wrong: the
scores are not divided, or divided by the width in place of its root; the softmax runs down the queries in place of
along the keys; the mask comes after the softmax, so that rows no longer sum to one; a softmax of [1, 0, 1] is
"rounded" to [.5, 0, .5].
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUERIES = np.array([[2.0, 0, 0, 0], [0, 2, 0, 0], [1, 1, 0, 0]])  # what each token looks for [tokens, width]
KEYS = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]])  # what each token has to show [tokens, width]
VALUES = np.array([[1.0, 0], [0, 1], [2, 2]])  # what each token hands on [tokens, 2]


def softmax(scores: Floats) -> Floats:
    """Weights that sum to one along the last axis; the largest score is taken off first, so that nothing overflows."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def attention(queries: Floats, keys: Floats, values: Floats, *, causal: bool = False) -> tuple[Floats, Floats]:
    """The mixed values [queries, width of values], and the weights [queries, keys] they were mixed with."""
    # A dot product of independent numbers of variance 1 has the variance ``width``; its root brings it back to 1.
    scores = queries @ keys.T / np.sqrt(keys.shape[-1])
    if causal:  # what comes later gets no weight at all: exp(-inf) = 0, and the row still sums to one
        scores = np.where(np.tri(*scores.shape, dtype=np.bool_), scores, -np.inf)
    weights = softmax(scores)
    return weights @ values, weights


def entropy_of_weights(width: int, *, scaled: bool, seed: int = 7) -> float:
    """Mean entropy (nats) of the weights over 16 random keys: ln 16 = 2.77 spreads evenly, 0 looks at one key only."""
    draw = np.random.default_rng(seed)
    queries, keys = draw.standard_normal((2, 512, 16, width))
    scores = np.einsum("bqw,bkw->bqk", queries, keys) / (np.sqrt(width) if scaled else 1.0)
    weights = softmax(scores)
    return float(-(weights * np.log(weights + 1e-300)).sum(axis=-1).mean())


def by_torch(*, causal: bool) -> Floats:
    """The same mixture by torch's own attention."""
    import torch

    queries, keys, values = (torch.from_numpy(part)[None, None] for part in (QUERIES, KEYS, VALUES))
    # torch takes [texts, heads, tokens, width]
    mixed = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, is_causal=causal)
    return np.asarray(mixed[0, 0].numpy())


def main() -> None:
    """Follow the three tokens through."""
    # Q·Kᵀ = [[2, 0, 2], [0, 2, 2], [1, 1, 2]]; divided by √4 = 2: [[1, 0, 1], [0, 1, 1], [.5, .5, 1]].
    # Row 1: e¹ = 2.7183, e⁰ = 1, e¹ = 2.7183, sum 6.4366: weights .4223, .1554, .4223.
    # Row 3: e^.5 = 1.6487 twice and e¹ = 2.7183, sum 6.0157: weights .2741, .2741, .4519.
    mixed, weights = attention(QUERIES, KEYS, VALUES)
    print("weights\n", weights.round(4))
    # Token 1: .4223 · [1, 0] + .1554 · [0, 1] + .4223 · [2, 2] = [1.2670, 1.0000].
    print("mixed values\n", mixed.round(4))
    # Causal: token 1 sees itself alone; token 2 weighs [0, 1]: 1 / (1 + e) = .2689 and e / (1 + e) = .7311.
    masked, weights = attention(QUERIES, KEYS, VALUES, causal=True)
    print("causal weights\n", weights.round(4))
    gap = max(np.abs(mixed - by_torch(causal=False)).max(), np.abs(masked - by_torch(causal=True)).max())
    print(f"largest difference from torch's own attention: {gap:.1e}")
    for scaled in (True, False):
        words = "with the root" if scaled else "without it"
        entropies = ", ".join(f"{entropy_of_weights(width, scaled=scaled):.2f}" for width in (4, 64, 512))
        print(f"entropy of the weights at width 4, 64, 512 {words}: {entropies} nats")


if __name__ == "__main__":
    main()
