"""Do the stated intervals and rates of calibration hold? By simulation, where the truth is known.

The calibration error's interval against the true error of models that are as sure as they should be, too sure and not
sure enough; the selective threshold's true error rate against the stated one, for models of both kinds and for one
whose confidence says nothing while every answer is wrong as often as stated (the hardest case).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.evaluate.doubts.calibration import ece, reliability
from argosy.evaluate.doubts.selective import threshold
from argosy.infer.answers import softmax

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
POPULATION = 200_000
STATED = 0.05


def main() -> None:
    """Both simulations, and the line with their figures."""
    draws = 100 if arguments(__doc__).quick else 400
    errors = [
        _covered(classes, temperature, rows, draws)
        for classes in (2, 5)
        for temperature in (1.0, 2.0, 0.7)
        for rows in (200, 1_000)
    ]
    rates = [
        _broken(name, sample, rows, error, draws)
        for name, sample in (("true", _model(1.0)), ("too sure", _model(2.0)), ("blind", _blind))
        for rows in (300, 1_000)
        for error in (0.05, 0.1)
    ]
    tell(
        "calibration",
        {
            "draws": draws,
            "calibration_error": errors,
            "coverage": [min(one["covered"] for one in errors), max(one["covered"] for one in errors)],
            "selective": rates,
            "broken": max(one["broken"] for one in rates),
            "allowed": STATED,
        },
        packages=("numpy", "scipy"),
    )


def _draw(rng: np.random.Generator, rows: int, classes: int, temperature: float) -> tuple[Floats, Integers, Floats]:
    """What the model says [rows, classes], the truth, and the true chance that the top label is right."""
    logits = rng.normal(size=(rows, classes)) * 3
    says, is_so = softmax(logits), softmax(logits, temperature)
    truth = np.minimum((is_so.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1), classes - 1)
    return says, truth, is_so[np.arange(rows), says.argmax(axis=1)]


def _covered(classes: int, temperature: float, rows: int, draws: int) -> dict[str, Any]:
    note(f"calibration error: {classes} labels, temperature {temperature}, {rows} rows")
    says, _, right = _draw(np.random.default_rng(99), POPULATION, classes, temperature)
    true = float(np.abs(says.max(axis=1) - right).mean())
    found, plain = [], []
    for seed in range(draws):
        says, truth, _ = _draw(np.random.default_rng(seed), rows, classes, temperature)
        found.append(ece(says, truth, seed=seed))
        plain.append(sum(abs(one.confidence - one.accuracy) * one.rows / rows for one in reliability(says, truth)))
    return {
        "labels": classes,
        "temperature": temperature,
        "rows": rows,
        "true": true,
        "mean": float(np.mean([one.value for one in found])),
        "plain_mean": float(np.mean(plain)),
        "covered": float(np.mean([one.low <= true <= one.high + 1e-12 for one in found])),
    }


def _model(temperature: float) -> Callable[[np.random.Generator, int, float], tuple[Floats, Integers, Floats]]:
    return lambda rng, rows, _error: _draw(rng, rows, 2, temperature)


def _blind(rng: np.random.Generator, rows: int, error: float) -> tuple[Floats, Integers, Floats]:
    """Any confidence, and as many mistakes as are stated, less than a thousandth more."""
    confidence, risk = 0.5 + rng.random(rows) / 2, error * 1.0005
    says = np.stack([confidence, 1 - confidence], axis=1)
    return says, (rng.random(rows) < risk).astype(np.int64), np.full(rows, 1 - risk)


def _broken(
    name: str,
    sample: Callable[[np.random.Generator, int, float], tuple[Floats, Integers, Floats]],
    rows: int,
    error: float,
    draws: int,
) -> dict[str, Any]:
    note(f"selective: {name}, {rows} rows, error {error}")
    says, _, right = sample(np.random.default_rng(99), POPULATION, error)
    broken, coverage = 0, []
    for seed in range(draws):
        shares, truth, _ = sample(np.random.default_rng(seed), rows, error)
        lowest = threshold(shares, truth, error).threshold
        answered = says.max(axis=1) >= lowest if lowest is not None else np.zeros(POPULATION, dtype=bool)
        coverage.append(float(answered.mean()))
        broken += bool(answered.any()) and float(1 - right[answered].mean()) > error
    return {
        "model": name,
        "rows": rows,
        "error": error,
        "broken": broken / draws,
        "coverage": float(np.mean(coverage)),
        "guaranteed": float(np.mean([share > 0 for share in coverage])),
    }


if __name__ == "__main__":
    main()
