"""Whether a way to augment the training rows helps, measured on validation rows over several augmentation seeds.

A method gives other rows for every seed, so one model a seed is trained with it and one without; the difference of the
two methods carries the noise of the rows and that of the trainings (``argosy.evaluate.paired.over_seeds``). Of several
methods each p-value is adjusted after Holm (1979), since the best of many chances looks good.

A method helps when its whole interval lies above 0 and its adjusted p is below 0.05; nothing else is applied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argosy.core.errors import ProjectError
from argosy.core.records import Example
from argosy.data.augment import AUGMENTED
from argosy.evaluate.metrics import Integers, Measured, of_labels
from argosy.evaluate.paired import over_seeds
from argosy.evaluate.rivals.baselines import LinearModel, fit_linear, regression
from argosy.evaluate.rivals.ngrams import LONGEST, WIDEST, vocabularies, weights_of
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.engines.linear import Vocabulary

SEEDS = (1, 2, 3)
_ALPHA = 0.05

Told = Callable[[Sequence[str]], Sequence[str]]
"""The labels of texts."""
Fit = Callable[[Sequence[Example], int], Told]
"""Trains on labelled examples with a seed."""
Variant = Callable[[int], Sequence[Example]]
"""All training rows of a method, the augmented ones among them, for a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """The effect of one method on a metric: with it less without it.

    ``rows`` are the training rows of the last seed; ``differences`` are those of the seeds, ``difference`` is their
    mean; ``p`` is adjusted for the methods tried together.
    """

    method: str
    rows: int
    differences: tuple[float, ...]
    difference: float
    low: float
    high: float
    p: float

    @property
    def helps(self) -> bool:
        """Whether the method may be applied."""
        return self.low > 0 and self.p < _ALPHA


def linear(examples: Sequence[Example], seed: int) -> Told:
    """The linear baseline as a ``Fit``: quick, and needs no torch; of a single label it says that one.

    Its settings are searched on the rows that are not augmented: a copy in one fold would tell its parent's label in
    another. The n-grams and the weights come from all rows.
    """
    labels = sorted({str(row.label) for row in examples})
    if len(labels) == 1:
        return lambda held: labels * len(held)
    truth = label_numbers([str(row.label) for row in examples], labels)
    own = [number for number, row in enumerate(examples) if AUGMENTED not in row.meta]
    texts = [row.text for row in examples]
    model = fit_linear([texts[number] for number in own], truth[own], labels, seed=seed)
    if len(own) == len(examples):
        return lambda held: [labels[number] for number in model.logits(held).argmax(axis=1)]
    return _refitted(vocabularies(texts, WIDEST)[LONGEST.index(model.longest)], model.strength, examples)


def linear_like(model: LinearModel) -> Fit:
    """The linear baseline with the settings and the n-grams of ``model``: quicker, for rows with the same texts."""
    return lambda examples, _seed: _refitted(model.vocabulary, model.strength, examples)


def _refitted(vocabulary: Vocabulary, strength: float, examples: Sequence[Example]) -> Told:
    labels = sorted({str(row.label) for row in examples})
    if len(labels) == 1:
        return lambda held: labels * len(held)
    truth = label_numbers([str(row.label) for row in examples], labels)
    with one_thread():
        fitted = regression(strength).fit(weights_of(vocabulary, [row.text for row in examples]), truth)
    return lambda held: [labels[number] for number in fitted.predict(weights_of(vocabulary, held))]


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

    def measured(rows: Sequence[Example], seed: int) -> Measured:
        return of_labels(metric, truth, label_numbers(fit(rows, seed)(texts), names), len(names))

    plain = [measured(base, seed) for seed in seeds]

    def effect(method: str, variant: Variant) -> Ablation:
        treated = []
        for seed in seeds:
            rows = variant(seed)
            treated.append(measured(rows, seed))
        gaps = tuple(a.value - b.value for a, b in zip(treated, plain, strict=True))
        shown = over_seeds(treated, plain)
        return Ablation(
            method=method,
            rows=len(rows),
            differences=gaps,
            difference=shown.difference,
            low=shown.low,
            high=shown.high,
            p=shown.p,
        )

    found = [effect(method, variant) for method, variant in variants.items()]
    return [replace(one, p=p) for one, p in zip(found, _holm([one.p for one in found]), strict=True)]


def _holm(found: Sequence[float]) -> list[float]:
    """The p-values, the k-th smallest of n times n - k + 1, and never below a smaller one's."""
    adjusted, worst = [0.0] * len(found), 0.0
    for rank, number in enumerate(sorted(range(len(found)), key=lambda number: found[number])):
        worst = max(worst, min(1.0, found[number] * (len(found) - rank)))
        adjusted[number] = worst
    return adjusted
