"""What is left of a figure when the texts are spoilt in the ways that people and machines spoil them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import MissingError
from argosy.data.perturb import RATE, Perturbation
from argosy.evaluate.intervals import LEVEL, Interval, interval, wilson
from argosy.evaluate.metrics import Integers
from argosy.evaluate.paired import Difference, compare

Engine = Callable[[Sequence[str]], NDArray[np.floating]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A text, how it was spoilt, and what each is answered."""

    text: str
    perturbed: str
    label: str
    becomes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbed:
    """The figure on the perturbed ``rows``, its difference to the same rows unperturbed, and the share of flips."""

    name: str
    rows: int
    figure: Interval
    versus: Difference
    flips: Interval
    example: Flip | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """Every perturbation that some row allows, in the order given; ``skipped`` names the others.

    ``worst`` is the one that costs most among those whose loss is beyond chance, p times their number (Bonferroni)
    being below .05; None when there is none.
    """

    metric: str
    rate: float
    perturbations: tuple[Perturbed, ...]
    skipped: tuple[str, ...]
    worst: str | None

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How much is asked: the metric, the rows of each perturbation, the share of places that change, the seed."""

    metric: str = "accuracy"
    rows: int = 200
    rate: float = RATE
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows to draw from: raw texts, label numbers, and the language of each."""

    texts: Sequence[str]
    truth: Integers
    languages: Sequence[str]
    labels: Sequence[str]


DEFAULT_TRIAL = Trial()


def measure(
    logits: Engine, rows: Rows, perturbations: Mapping[str, Perturbation], trial: Trial = DEFAULT_TRIAL
) -> Robustness:
    """The metric under each perturbation, on rows of its languages that it can change, drawn by the seed.

    A perturbation is skipped when no row allows it or its package is not installed. Each costs ``trial.rows`` texts at
    most, and the rows unperturbed are asked once for all.
    """
    order = np.random.default_rng(trial.seed).permutation(len(rows.texts)).tolist()
    spoilt = {name: _spoil(name, one, rows, order, trial) for name, one in perturbations.items()}
    numbers = sorted({number for texts in spoilt.values() for number in texts})
    said = _answer(logits, [rows.texts[number] for number in numbers])
    plain = dict(zip(numbers, said.tolist(), strict=True))
    found = [_measure(logits, name, rows, texts, plain, trial) for name, texts in spoilt.items() if texts]
    lost = [one for one in found if one.versus.high < 0 and one.versus.p * len(found) < 1 - LEVEL]
    return Robustness(
        metric=trial.metric,
        rate=trial.rate,
        perturbations=tuple(found),
        skipped=tuple(name for name, texts in spoilt.items() if not texts),
        worst=min(lost, key=lambda one: one.versus.difference).name if lost else None,
    )


def _spoil(name: str, one: Perturbation, rows: Rows, order: Sequence[int], trial: Trial) -> dict[int, str]:
    """The perturbed text of each row drawn; none where the perturbation's package is missing."""
    found: dict[int, str] = {}
    try:
        for number in order:
            text = rows.texts[number]
            if len(found) == trial.rows:
                break
            if rows.languages[number].split("-")[0].lower() in one.languages and one.applies(text):
                found[number] = one.function(text, Random(f"{trial.seed}\n{name}\n{text}"), trial.rate)
    except MissingError:  # told as skipped
        return {}
    return found


def _measure(
    logits: Engine, name: str, rows: Rows, spoilt: Mapping[int, str], plain: Mapping[int, int], trial: Trial
) -> Perturbed:
    numbers, texts = list(spoilt), list(spoilt.values())
    truth, before = rows.truth[numbers], np.array([plain[number] for number in numbers])
    after, classes = _answer(logits, texts), len(rows.labels)
    flipped = np.flatnonzero(after != before)
    # the first answer that turned wrong shows best what happened
    telling = next((place for place in flipped.tolist() if before[place] == truth[place]), None)
    return Perturbed(
        name=name,
        rows=len(texts),
        figure=interval(trial.metric, truth, after, classes, seed=trial.seed),
        versus=compare(trial.metric, truth, after, before, classes, seed=trial.seed),
        flips=wilson(len(flipped), len(texts)),
        example=None
        if telling is None
        else Flip(
            text=rows.texts[numbers[telling]],
            perturbed=texts[telling],
            label=rows.labels[int(before[telling])],
            becomes=rows.labels[int(after[telling])],
        ),
    )


def _answer(logits: Engine, texts: Sequence[str]) -> Integers:
    """The label number of each text; no text, no question."""
    return logits(texts).argmax(axis=1) if texts else np.empty(0, dtype=np.int64)
