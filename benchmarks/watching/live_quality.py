"""Does live quality hold the truth where feedback is not random, and where a tenth of it lies? By simulation.

    python -m benchmarks.watching.live_quality [--quick]

Answers of tenants that report more or less often; wrong ones are reported three times as often as right ones, or as
often. The model is as sure as it should be, or surer and worse than it was. Counted: how often the 95 % interval holds
the true accuracy of the period, beside that of the plain share of the reports. Then a tenth of the reports are false,
of random tenants or of one that floods: the same with and without judging the sources, and how many of the labels that
are kept to learn from are wrong.
"""

from typing import Any, NamedTuple

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval, share
from argosy.monitor.quality import Answers, Quality, quality
from argosy.monitor.trust import Reports, trust

CLASSES = 4
LIARS = 0.1
Floats = NDArray[np.float64]


class World(NamedTuple):
    """Answers, what was said of them, and the truth."""

    whose: NDArray[np.int64]
    sure: Floats
    truth: NDArray[np.int64]
    labels: NDArray[np.int64]
    said: NDArray[np.bool_]
    told: NDArray[np.int64]


def main() -> None:
    """Both simulations."""
    rounds = 30 if arguments(__doc__).quick else 300
    partial = {
        f"{count} answers, {tenants} tenants, {rate:.0%} reported, wrong {odds:g} times, {name}": covered(
            rounds, count=count, tenants=tenants, rate=rate, odds=odds, drop=drop
        )
        for count in (2_000, 10_000)
        for tenants in (1, 8, 40)
        for rate, odds in ((0.02, 3.0), (0.08, 3.0), (0.08, 1.0))
        for name, drop in (("calibrated", 0.0), ("too sure", 1.0))
    }
    lying = {
        name: lied(rounds, flood=flood, noise=noise, tenants=tenants)
        for name, flood, noise, tenants in (
            ("random tenants", False, 0.0, 40),
            ("many tenants of few words", False, 0.0, 200),
            ("honest ones err too, 2 %", False, 0.02, 40),
            ("one floods", True, 0.0, 40),
        )
    }
    complain = [one for name, one in partial.items() if "wrong 3" in name]
    tell(
        "live_quality",
        {
            "rounds": rounds,
            "partial": partial,
            "lying": lying,
            "held": round(float(np.mean([one["held"] for one in complain])), 4),
            "held_least": min(one["held"] for one in complain),
            "plain_held": round(float(np.mean([one["plain_held"] for one in complain])), 4),
            "held_among_liars": min(one["held"] for one in lying.values()),
            "kept_wrong": max(one["kept_wrong"] for one in lying.values()),
        },
        packages=("numpy", "scipy"),
    )


def world(seed: int, *, count: int, tenants: int, rate: float, odds: float, drop: float) -> World:
    """A period; the model's chances are lower by ``drop`` on the logit than it says."""
    rng = np.random.default_rng(seed)
    whose = rng.choice(tenants, count, p=rng.dirichlet(np.full(tenants, 3.0)))
    logits = rng.normal(2.6, 1.5, count) + rng.normal(0, 0.3, tenants)[whose]
    right = rng.random(count) < 1 / (1 + np.exp(drop - logits))
    often = rate * np.exp(rng.normal(0, 0.5, tenants))[whose] * np.where(right, 1.0, odds)
    truth = rng.integers(0, CLASSES, count)
    return World(
        whose=whose,
        sure=1 / (1 + np.exp(-logits)),
        truth=truth,
        labels=np.where(right, truth, other(rng, truth)),
        said=rng.random(count) < np.minimum(often, 0.95),
        told=truth,
    )


def other(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Any other label than these."""
    return (labels + rng.integers(1, CLASSES, len(labels))) % CLASSES


def covered(rounds: int, **setting: Any) -> dict[str, float]:
    """How often the intervals hold the true accuracy, and how wide they are."""
    told = []
    for seed in range(rounds):
        one = world(seed, **setting)
        found = quality(answers(one, np.ones(len(one.whose))))
        if found is not None:
            told.append(judged(one, found))
    note(f"{setting}: {np.mean(told, axis=0)}")
    return summary(np.array(told))


def judged(one: World, found: Quality) -> tuple[float, ...]:
    """Whether both intervals hold the truth, how wide the first is, how far off, and on how many reports it stands."""
    true = float(np.mean(one.labels == one.truth))
    plain = share(found.naive, found.reports)
    return (
        holds(found.accuracy, true),
        holds(plain, true),
        found.accuracy.high - found.accuracy.low,
        found.accuracy.value - true,
        found.naive - true,
        found.reports,
    )


def holds(interval: Interval, true: float) -> bool:
    """Whether the interval holds the figure."""
    return interval.low <= true <= interval.high


def summary(told: Floats) -> dict[str, float]:
    """The means over the rounds."""
    names = ("held", "plain_held", "width", "off", "plain_off", "reports")
    return {name: round(float(value), 4) for name, value in zip(names, told.mean(axis=0), strict=True)}


def lied(rounds: int, *, flood: bool, noise: float, tenants: int) -> dict[str, float]:
    """The same where a tenth of what is said is false; ``noise`` is how often honest people err."""
    told, unjudged, wrong, weigh = [], [], [], []
    for seed in range(rounds):
        one, liars = with_liars(seed, flood=flood, noise=noise, tenants=tenants)
        places = np.flatnonzero(one.said)
        found = trust(
            Reports(
                texts=places,
                sources=[str(name) for name in one.whose[places]],
                labels=one.told[places],
                predicted=one.labels,
                confidence=one.sure,
                gold=np.full(len(one.whose), -1),
                classes=CLASSES,
            )
        )
        weights = np.zeros(len(one.whose))
        weights[places] = found.weights
        for kept, trusted, lies in ((told, weights, found.lies), (unjudged, np.ones(len(weights)), 0.0)):
            live = quality(answers(one, trusted), lies=lies)
            if live is not None:
                kept.append(judged(one, live))
        wrong.append(np.mean(one.told[places][found.kept] != one.truth[places][found.kept]))
        weigh.append(found.weights[liars[places]].sum() / found.weights.sum())
    note(f"liars, flood {flood}: {np.mean(told, axis=0)} {np.mean(wrong)}")
    return {
        **summary(np.array(told)),
        "held_unjudged": summary(np.array(unjudged))["held"],
        "kept_wrong": round(float(np.mean(wrong)), 4),
        "weight_of_liars": round(float(np.mean(weigh)), 4),
    }


def with_liars(seed: int, *, flood: bool, noise: float, tenants: int) -> tuple[World, NDArray[np.bool_]]:
    """A period in which a tenth of the reports are of liars, who call right answers wrong and wrong ones right."""
    one = world(seed, count=6_000, tenants=tenants, rate=0.08, odds=3.0, drop=0.0)
    rng = np.random.default_rng(1_000_000 + seed)
    sizes = np.bincount(one.whose, minlength=tenants) / len(one.whose)
    order = rng.permutation(tenants)
    bad = order[:1] if flood else order[np.cumsum(sizes[order]) - sizes[order] < LIARS]
    liars = np.isin(one.whose, bad)
    honest = int(np.sum(one.said & ~liars))
    often = min(honest * LIARS / (1 - LIARS) * (2 if flood else 1) / max(int(liars.sum()), 1), 0.95)
    said = np.where(liars, rng.random(len(liars)) < often, one.said)
    errs = rng.random(len(liars)) < noise
    honestly = np.where(errs, other(rng, one.truth), one.truth)
    falsely = np.where(one.labels == one.truth, other(rng, one.truth), one.labels)
    return one._replace(said=said, told=np.where(liars, falsely, honestly)), liars


def answers(one: World, trusted: Floats) -> Answers:
    """As they are handed in."""
    count = len(one.whose)
    return Answers(
        labels=one.labels,
        confidence=one.sure,
        tenants=[str(name) for name in one.whose],
        languages=["en"] * count,
        weights=np.ones(count),
        right=np.where(one.said, one.told == one.labels, np.nan),
        truth=np.where(one.said, one.told, -1),
        ratings=np.zeros(count, dtype=np.int64),
        trust=trusted,
    )


if __name__ == "__main__":
    main()
