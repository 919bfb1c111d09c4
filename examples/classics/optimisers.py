"""Gradient descent, momentum and Adam, step by step on f(w) = w², and checked against torch.optim.

Momentum is Polyak's (1964) as torch has it: v ← μ·v + g, without (1 - μ) before g, so a rate that suits one form is
ten times off in the other at μ = .9. Adam is Kingma and Ba's (2015, algorithm 1). What is often wrong: the bias
correction is left out, with the claim that first steps would only be small. Both averages start at 0, but the root
makes the second err more: .1·g over √(.001·g²) is 3.16, so the first step is three times too long.
"""

import math
from collections.abc import Iterator

START = 1.0
STEPS = 5


def gradient(weight: float) -> float:
    """The slope of f(w) = w²."""
    return 2 * weight


def descent(weight: float, rate: float = 0.1) -> Iterator[float]:
    """w ← w - rate · g."""
    while True:
        weight -= rate * gradient(weight)
        yield weight


def momentum(weight: float, rate: float = 0.1, keep: float = 0.9) -> Iterator[float]:
    """v ← keep · v + g, then w ← w - rate · v."""
    speed = 0.0
    while True:
        speed = keep * speed + gradient(weight)
        weight -= rate * speed
        yield weight


def adam(
    weight: float, rate: float = 0.1, betas: tuple[float, float] = (0.9, 0.999), *, corrected: bool = True
) -> Iterator[float]:
    """w ← w - rate · m̂ / (√v̂ + 1e-8), with m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ), t from 1."""
    mean = square = 0.0
    step = 0
    while True:
        step += 1
        slope = gradient(weight)
        mean = betas[0] * mean + (1 - betas[0]) * slope
        square = betas[1] * square + (1 - betas[1]) * slope**2
        first = mean / (1 - betas[0] ** step) if corrected else mean
        second = square / (1 - betas[1] ** step) if corrected else square
        weight -= rate * first / (math.sqrt(second) + 1e-8)
        yield weight


def first(walk: Iterator[float], steps: int = STEPS) -> list[float]:
    """The weights after each of the first steps."""
    return [next(walk) for _ in range(steps)]


def by_torch(name: str, steps: int = STEPS) -> list[float]:
    """The same by torch.optim, in double precision."""
    import torch

    weight = torch.nn.Parameter(torch.tensor([START], dtype=torch.float64))
    made: dict[str, torch.optim.Optimizer] = {
        "descent": torch.optim.SGD([weight], lr=0.1),
        "momentum": torch.optim.SGD([weight], lr=0.1, momentum=0.9),
        "adam": torch.optim.Adam([weight], lr=0.1),
    }
    walked = []
    for _ in range(steps):
        made[name].zero_grad()
        (weight**2).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        made[name].step()
        walked.append(weight.item())
    return walked


def main() -> None:
    """Five steps of each from w = 1, where the slope is 2."""
    # descent: 1 - .1·2 = .8; .8 - .1·1.6 = .64; each step leaves 80 %.
    # momentum: v = 2, w = .8; v = .9·2 + 1.6 = 3.4, w = .8 - .34 = .46; v = .9·3.4 + .92 = 3.98, w = .062.
    # adam, t = 1: m = .2, v = .004; m̂ = .2/.1 = 2, v̂ = .004/.001 = 4; w = 1 - .1·2/2 = .9, whatever the slope.
    # adam, t = 2: g = 1.8, m = .36, v = .007236; m̂ = 1.8947, √v̂ = 1.9026; w = .9 - .09959 = .80041.
    for name, walk in (("descent", descent(START)), ("momentum", momentum(START)), ("adam", adam(START))):
        walked, theirs = first(walk), by_torch(name)
        gap = max(abs(a - b) for a, b in zip(walked, theirs, strict=True))
        print(f"{name:<9}", " ".join(f"{weight:9.6f}" for weight in walked), f"  torch differs by at most {gap:.0e}")
    wrong = START - next(adam(START, corrected=False))
    print(f"adam without its correction begins with a step of {wrong:.3f} in place of .100")


if __name__ == "__main__":
    main()
