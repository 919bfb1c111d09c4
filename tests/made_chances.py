"""Chances of made-up questions, with an answer here or without, for tests of what is promised of wrong answers."""

import numpy as np

MAX_WRONG = 0.05
Rows = list[tuple[float, bool]]


def here(rng: np.random.Generator, count: int) -> Rows:
    """Questions with an answer: sure, and the surer the more often right (95 % of all)."""
    chances = rng.beta(6, 1, count)
    return [(float(chance), bool(rng.random() < chance**0.35)) for chance in chances]


def elsewhere(rng: np.random.Generator, count: int) -> list[float]:
    """Questions without: mostly unsure."""
    return [float(chance) for chance in rng.beta(2.5, 2.5, count)]
