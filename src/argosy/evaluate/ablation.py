"""Whether a way to augment the training rows helps, measured on validation rows over several augmentation seeds.

A method gives other rows for every seed, so one model a seed is trained with it and one without. The figure is the mean
over the seeds of the differences on the same validation rows. Its interval adds two variances: that of the rows (a
bootstrap that draws rows, the seeds' models kept together) and that of the seeds (Student's t on their differences).
The p-value is a permutation test: the two sides of a row change places for all seeds at once. Of several methods each
p is adjusted after Holm (1979), since the best of many chances looks good.

A method helps when its whole interval lies above 0 and its adjusted p is below 0.05; nothing else is applied.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import t as student

from argosy.core.errors import ProjectError
from argosy.core.records import Example
from argosy.evaluate.baselines import fit_linear
from argosy.evaluate.intervals import LEVEL, Z
from argosy.evaluate.metrics import Floats, Integers, macro_f1_from_counts
from argosy.evaluate.paired import compare

SEEDS = (1, 2, 3)
DRAWS = 1_000
_ALPHA = 0.05
_CELLS = 4_000_000  # draws × rows at once
_SAME = 1e-12  # two sums of the same numbers in another order

Fit = Callable[[Sequence[Example], int], Callable[[Sequence[str]], Sequence[str]]]
"""Trains on labelled examples with a seed; what comes back gives the labels of texts."""
Variant = Callable[[int], Sequence[Example]]
"""All training rows of a method, the augmented ones among them, for a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """The effect of one method: ``difference`` is the mean of ``differences`` (one a seed), ``p`` is Holm's."""

    method: str
    rows: int
    differences: tuple[float, ...]
    difference: float
    low: float
    high: float
    p: float
    helps: bool


def linear(examples: Sequence[Example], seed: int) -> Callable[[Sequence[str]], Sequence[str]]:
    """The linear baseline as a ``Fit``: quick, and needs no torch."""
    labels = sorted({str(row.label) for row in examples})
    truth = label_numbers([str(row.label) for row in examples], labels)
    model = fit_linear([row.text for row in examples], truth, labels, seed=seed)
    return lambda texts: [labels[number] for number in model.logits(texts).argmax(axis=1)]


def label_numbers(labels: Sequence[str], names: Sequence[str]) -> Integers:
    """The place of each label in ``names``."""
    places = {name: number for number, name in enumerate(names)}
    return np.array([places[label] for label in labels], dtype=np.int64)


def ablate(
    fit: Fit,
    variants: Mapping[str, Variant],
    base: Sequence[Example],
    validation: Sequence[Example],
    metric: str,
    *,
    seeds: Sequence[int] = SEEDS,
) -> list[Ablation]:
    """Each method's effect on validation rows with labels, in the order given; ``metric`` is accuracy or macro_f1.

    Raises ProjectError for fewer than three seeds: a method may not be called better with fewer.
    """
    if len(set(seeds)) < len(SEEDS):
        raise ProjectError(
            "An ablation needs at least {least} different seeds, found {found}.",
            mend="Name three seeds or more.",
            least=len(SEEDS),
            found=len(set(seeds)),
        )
    names = sorted({str(row.label) for row in (*base, *validation)})
    texts = [row.text for row in validation]
    truth = label_numbers([str(row.label) for row in validation], names)
    plain = [label_numbers(fit(base, seed)(texts), names) for seed in seeds]
    found = []
    for method, variant in variants.items():
        treated, rows = [], 0
        for seed in seeds:
            examples = variant(seed)
            rows = len(examples)
            treated.append(label_numbers(fit(examples, seed)(texts), names))
        sides = np.stack([np.stack(treated), np.stack(plain)])
        found.append(_effect(method, rows, truth, sides, len(names), metric, seeds))
    return _judged(found)


def _effect(
    method: str, rows: int, truth: Integers, sides: Integers, classes: int, metric: str, seeds: Sequence[int]
) -> Ablation:
    """``sides`` [2, seeds, rows] are the predictions with the method and without."""
    differences = tuple(
        compare(metric, truth, treated, plain, classes, seed=seed).difference
        for seed, treated, plain in zip(seeds, *sides, strict=True)
    )
    difference = float(np.mean(differences))
    rng = np.random.default_rng(seeds[0])
    of_rows = float(np.std(_resampled(truth, sides, classes, metric, rng), ddof=1))
    of_seeds = float(np.std(differences, ddof=1)) / math.sqrt(len(seeds))
    half = math.hypot(Z * of_rows, float(student.ppf((1 + LEVEL) / 2, len(seeds) - 1)) * of_seeds)
    extreme = np.sum(np.abs(_swapped(truth, sides, classes, metric, rng)) >= abs(difference) - _SAME)
    return Ablation(
        method=method,
        rows=rows,
        differences=differences,
        difference=difference,
        low=difference - half,
        high=difference + half,
        p=float(1 + extreme) / (1 + DRAWS),
        helps=False,
    )


def _resampled(truth: Integers, sides: Integers, classes: int, metric: str, rng: np.random.Generator) -> Floats:
    """The mean difference over the seeds for each draw of rows with replacement [draws]."""
    gaps = []
    for count in _batches(len(truth)):
        weights = rng.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=count).astype(np.float64)
        figures = [[_figure(metric, truth, one, classes, weights) for one in side] for side in sides]
        gaps.append(np.mean(figures[0], axis=0) - np.mean(figures[1], axis=0))
    return np.concatenate(gaps)


def _swapped(truth: Integers, sides: Integers, classes: int, metric: str, rng: np.random.Generator) -> Floats:
    """The mean difference when the two sides of each row change places with a chance of one half [draws]."""
    gaps = []
    for count in _batches(len(truth)):
        stay = rng.integers(0, 2, size=(count, len(truth))).astype(np.float64)
        gap = np.zeros(count)
        for treated, plain in zip(*sides, strict=True):
            gap += _mixed(metric, truth, (treated, plain), classes, stay)
            gap -= _mixed(metric, truth, (plain, treated), classes, stay)
        gaps.append(gap / sides.shape[1])
    return np.concatenate(gaps)


def _figure(metric: str, truth: Integers, predicted: Integers, classes: int, weights: Floats) -> Floats:
    """The metric of weighted rows [draws]; ``weights`` [draws, rows]."""
    return _from_sums(metric, [weights @ part for part in _members(truth, predicted, classes)])


def _mixed(metric: str, truth: Integers, pair: tuple[Integers, Integers], classes: int, stay: Floats) -> Floats:
    """The metric of the first predictions where ``stay`` [draws, rows] is 1 and of the second where it is 0."""
    first, second = (_members(truth, predicted, classes) for predicted in pair)
    return _from_sums(metric, [stay @ a + (1 - stay) @ b for a, b in zip(first, second, strict=True)])


def _members(truth: Integers, predicted: Integers, classes: int) -> list[Floats]:
    """Right, true and predicted rows as indicators [rows, classes]."""
    true, said = (np.asarray(rows[:, None] == np.arange(classes), dtype=np.float64) for rows in (truth, predicted))
    return [true * said, true, said]


def _from_sums(metric: str, sums: Sequence[Floats]) -> Floats:
    """The metric from right, true and predicted rows [draws, classes]."""
    hits, true, said = sums
    return macro_f1_from_counts(hits, true, said) if metric == "macro_f1" else hits.sum(axis=1) / true.sum(axis=1)


def _batches(rows: int) -> list[int]:
    """DRAWS in parts that fit the memory."""
    size = max(_CELLS // max(rows, 1), 1)
    return [min(size, DRAWS - start) for start in range(0, DRAWS, size)]


def _judged(found: Sequence[Ablation]) -> list[Ablation]:
    """The same with Holm's adjusted p-values and the verdicts."""
    order = sorted(range(len(found)), key=lambda number: found[number].p)
    adjusted, worst = [0.0] * len(found), 0.0
    for rank, number in enumerate(order):
        worst = max(worst, min(1.0, found[number].p * (len(found) - rank)))
        adjusted[number] = worst
    return [replace(one, p=p, helps=one.low > 0 and p < _ALPHA) for one, p in zip(found, adjusted, strict=True)]
