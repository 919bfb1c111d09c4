"""What more data would buy: the linear rung on growing parts of the training rows, and a power law through it.

An error that falls as floor + b · rows⁻ᶜ (Cortes et al., NeurIPS 1993; Hestness et al., arXiv 1712.00409) foretells
the next doublings only where it fits what was measured: it must explain the curve, and the fit without the largest
size must foretell that size. Where it does not, nothing is foretold.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from argosy.evaluate.intervals import LEVEL, Interval, interval, quantile_of_t
from argosy.evaluate.metrics import Floats, Integers, of_labels
from argosy.evaluate.rivals.baselines import LinearModel, fit_with

SIZES = 6
DRAWS = 3
TIMES = (2, 4)
GOOD, FLAT, POOR = "good", "flat", "poor"
_SPAN = 16  # the largest part that is fitted has so many times the rows of the smallest …
_LEAST = 5  # … but that has so many a label: with fewer a curve has not yet the shape of a power law
_WORK = 16_000  # rows × labels of the largest part …
_ROWS = (3_000, 20)  # … but at least so many rows, or so many a label where they are fewer
_RESAMPLES = 500
_EXPLAINED = 0.9  # of the variance between the sizes
_EXPONENTS = np.linspace(0.05, 1.5, 59)

Rows = tuple[Sequence[str], Integers]
"""Clean texts and their label numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The mean figure of the draws of so many rows, with the interval of validation rows and draws together."""

    rows: int
    figure: Interval
    draws: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What ``times`` the rows would bring: the figure there, and how much more than now."""

    times: int
    rows: int
    figure: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The points from few rows to all; ``fit`` is ``good``, ``flat`` or ``poor``, and foretells gains when good.

    ``explained`` is R² of the power law, ``missed`` the last point less what the others foretell of it.
    """

    metric: str
    points: tuple[Point, ...]
    fit: str
    exponent: float
    ceiling: float
    explained: float
    missed: Interval
    gains: tuple[Gain, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values: a point is {rows, value, low, high, versus, draws}; nothing is compared, ``versus`` is null."""
        told = asdict(self)
        told["points"] = [
            {"rows": point.rows, **asdict(point.figure), "versus": None, "draws": list(point.draws)}
            for point in self.points
        ]
        for gain in told["gains"]:
            gain["figure"]["versus"] = gain["gain"]["versus"] = None
        told["missed"]["versus"] = None
        return told


@dataclass(frozen=True, slots=True)
class _Law:
    """Power laws [fits]: 1 - figure = floor + slope · (rows / largest)⁻ᵉˣᵖᵒⁿᵉⁿᵗ."""

    floor: Floats
    slope: Floats
    exponent: Floats

    def at(self, rows: Floats) -> Floats:
        """The figures [fits, sizes] at ``rows`` relative to the largest size."""
        return 1 - self.floor[:, None] - self.slope[:, None] * rows ** -self.exponent[:, None]


def learning_curve(
    train: Rows, validation: Rows, labels: Sequence[str], model: LinearModel, *, metric: str, seed: int
) -> Curve:
    """The linear rung with ``model``'s settings on parts of the training rows, and ``model``, fitted on all of them.

    All are measured on the validation rows. Every label needs a training row, as for the model. Parts hold every
    label, and a smaller one lies in the larger ones of the same draw. The work is bounded, however many rows there are.
    """
    sizes = _sizes(len(train[1]), len(labels))
    told = _fits(train, validation[0], labels, model, sizes, seed)  # [sizes, draws, validation rows]
    figures = _figures(metric, validation[1], told, len(labels), np.ones((1, len(validation[1]))))[:, :, 0]
    noise = _noise(figures, sizes)
    points = tuple(
        _point(size, values, interval(metric, validation[1], said[0], len(labels), seed=seed), error)
        for size, values, said, error in zip(sizes, figures, told, noise, strict=True)
    )
    resampled = _resampled(metric, validation[1], told, len(labels), noise, seed)
    return _judged(metric, points, figures.mean(axis=1), resampled)


def _sizes(rows: int, classes: int) -> list[int]:
    """How many rows each point holds, each number once, rising: parts of half the rows at most, and all of them."""
    largest = min(rows // 2, max(_WORK // classes, min(_ROWS[0], _ROWS[1] * classes)))
    smallest = min(max(largest / _SPAN, _LEAST * classes), largest)
    parts = {round(size) for size in np.geomspace(smallest, largest, SIZES - 1)} if largest >= classes else set()
    return [*sorted(parts), rows]


def _fits(
    train: Rows, asked: Sequence[str], labels: Sequence[str], model: LinearModel, sizes: Sequence[int], seed: int
) -> Integers:
    """What each model says [sizes, draws, texts]; ``model`` was fitted on all rows, which are one draw."""
    texts, truth = train
    told = np.empty((len(sizes), DRAWS, len(asked)), dtype=np.int64)
    told[-1] = model.logits(asked).argmax(axis=1)
    for draw in range(DRAWS):
        order = _order(truth, np.random.default_rng([seed, draw]))
        for place, size in enumerate(sizes[:-1]):
            rows = np.sort(order[:size])
            fitted = fit_with([texts[row] for row in rows], truth[rows], labels, like=model)
            told[place, draw] = fitted.logits(asked).argmax(axis=1)
    return told


def _order(truth: Integers, rng: np.random.Generator) -> Integers:
    """All rows in a random order that begins with one row of each label."""
    shuffled = rng.permutation(len(truth))
    _, first = np.unique(truth[shuffled], return_index=True)
    return np.concatenate([shuffled[first], np.delete(shuffled, first)])


def _figures(metric: str, truth: Integers, told: Integers, classes: int, weights: Floats) -> Floats:
    """The metric [sizes, draws, resamples] for weights [resamples, rows] of the validation rows."""
    out = np.empty((*told.shape[:2], len(weights)))
    for place in np.ndindex(told.shape[:2]):
        found = of_labels(metric, truth, told[place], classes)
        out[place] = found.figures(weights @ found.over, weights @ found.under)
    return out


def _noise(figures: Floats, sizes: Sequence[int]) -> Floats:
    """The standard error of each size's mean that comes of the draw of its rows, which shrinks with their root.

    All rows are one draw.
    """
    roots = np.sqrt(np.array(sizes, dtype=np.float64))
    spread = figures[:-1].std(axis=1, ddof=1) * roots[:-1] if len(sizes) > 1 else np.zeros(1)
    alike = float(np.sqrt(np.mean(spread**2)))
    return np.asarray(alike / roots / np.sqrt([*[DRAWS] * (len(sizes) - 1), 1]))


def _point(rows: int, draws: Floats, first: Interval, noise: float) -> Point:
    """The mean of the draws; the half-widths of the first draw's interval and of the draws are added as squares."""
    value = float(draws.mean())
    drawn = quantile_of_t(float((SIZES - 1) * (DRAWS - 1))) * noise
    below = float(np.hypot(first.value - first.low, drawn))
    above = float(np.hypot(first.high - first.value, drawn))
    figure = Interval(value=value, low=max(0.0, value - below), high=min(1.0, value + above))
    return Point(rows=rows, figure=figure, draws=tuple(draws.tolist()))


def _resampled(metric: str, truth: Integers, told: Integers, classes: int, noise: Floats, seed: int) -> Floats:
    """The means [resamples, sizes] of other validation rows and other draws, as they might have been."""
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=_RESAMPLES).astype(np.float64)
    means = _figures(metric, truth, told, classes, weights).mean(axis=1).T
    return np.asarray(means + rng.normal(size=means.shape) * noise)


def _judged(metric: str, points: tuple[Point, ...], figures: Floats, resampled: Floats) -> Curve:
    """The power law through the points, whether it may foretell, and what it does."""
    sizes = np.array([point.rows for point in points], dtype=np.float64)
    sizes /= sizes[-1]
    law, laws = _law(sizes, figures[None]), _law(sizes, resampled)
    spread = float(np.sum((figures - figures.mean()) ** 2))
    explained = 1 - float(np.sum((figures - law.at(sizes)[0]) ** 2)) / spread if spread else 0.0
    missed = _missed(sizes, figures, resampled)
    rises = np.quantile(resampled[:, -1] - resampled[:, 0], (1 - LEVEL) / 2) > 0
    fit = GOOD if rises and explained >= _EXPLAINED and missed.low <= 0 <= missed.high else POOR if rises else FLAT
    return Curve(
        metric=metric,
        points=points,
        fit=fit,
        exponent=float(law.exponent[0]),
        ceiling=float(1 - law.floor[0]),
        explained=explained,
        missed=missed,
        gains=tuple(_gain(law, laws, times, points[-1].rows) for times in TIMES) if fit == GOOD else (),
    )


def _missed(sizes: Floats, figures: Floats, resampled: Floats) -> Interval:
    """The largest point less what the law through the others foretells of it."""
    if len(sizes) <= DRAWS:
        return Interval(value=0.0, low=-1.0, high=1.0)
    value = float(figures[-1] - _law(sizes[:-1], figures[None, :-1]).at(sizes[-1:])[0, 0])
    return _ends(value, resampled[:, -1] - _law(sizes[:-1], resampled[:, :-1]).at(sizes[-1:])[:, 0])


def _gain(law: _Law, laws: _Law, times: int, rows: int) -> Gain:
    there, here = np.array([float(times)]), np.ones(1)
    value, now = float(law.at(there)[0, 0]), float(law.at(here)[0, 0])
    figures, before = laws.at(there)[:, 0], laws.at(here)[:, 0]
    return Gain(
        times=times,
        rows=times * rows,
        figure=_ends(value, figures),
        gain=_ends(value - now, figures - before),
    )


def _ends(value: float, resampled: Floats) -> Interval:
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))


def _law(sizes: Floats, figures: Floats) -> _Law:
    """Least squares for each row of figures [fits, sizes]: each exponent in turn, floor and slope not below 0."""
    errors = 1 - figures
    best = np.full(len(errors), np.inf)
    floor, slope, exponent = (np.zeros(len(errors)) for _ in range(3))
    for power in _EXPONENTS:
        steep = sizes**-power
        centred = steep - steep.mean()
        rise = np.maximum(errors @ centred / max(float(centred @ centred), 1e-12), 0)
        base = errors.mean(axis=1) - rise * steep.mean()
        rise = np.where(base < 0, errors @ steep / (steep @ steep), rise)
        base = np.maximum(base, 0)
        squares = np.sum((errors - base[:, None] - rise[:, None] * steep) ** 2, axis=1)
        better = squares < best
        best, floor, slope = (np.where(better, *pair) for pair in ((squares, best), (base, floor), (rise, slope)))
        exponent = np.where(better, power, exponent)
    return _Law(floor, slope, exponent)
