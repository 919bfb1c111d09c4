"""How often the 95 % intervals hold the true figure, and how often equal models are told apart.

    python -m benchmarks.evaluation.intervals [--quick]

Populations with a known true figure are drawn again and again: n = 50, 200 and 2,000 units at rates .5, .9 and .98.
Every coverage outside of 94 to 96 % by more than its simulation error is listed as a miss. For null pairs two models
of equal true quality answer the same units; "better" is told when the interval of the difference leaves out 0.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from scipy.stats import norm

from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Measured, Ratios, Undefined, of_labels
from argosy.evaluate.paired import difference, over_seeds
from argosy.evaluate.selection import choose
from argosy.evaluate.tasks.measure import TASKS

Rng = np.random.Generator
Draw = Callable[[Rng, int, int], list[dict[str, Measured | Undefined]]]
"""Of a generator, units and models: the metrics of each model, all of the same true quality, on the same units."""

SIZES = (50, 200, 2_000)
RATES = (0.5, 0.9, 0.98)
LOW, HIGH = 0.94, 0.96
LEVEL = 0.05
_POOL = 10_000


def labels(rate: float, shares: tuple[float, ...]) -> Draw:
    """Label numbers right at ``rate``, else any other label; half of the errors are of hard rows, shared by models."""

    def draw(rng: Rng, units: int, models: int) -> list[dict[str, Measured | Undefined]]:
        count = len(shares)
        truth = rng.choice(count, size=units, p=shares)
        hard = rng.random(units) < (1 - rate) / 2
        found: list[dict[str, Measured | Undefined]] = []
        for _ in range(models):
            wrong = hard | (rng.random(units) < (1 - rate) / (1 + rate))
            said = np.where(wrong, (truth + rng.integers(1, count, size=units)) % count, truth)
            found.append({name: of_labels(name, truth, said, count) for name in ("accuracy", "macro_f1")})
        return found

    return draw


def scores(rate: float, positive: float) -> Draw:
    """Normal scores, so far apart that ROC-AUC is ``rate``; half of a score's variance is the row's own."""

    def draw(rng: Rng, units: int, models: int) -> list[dict[str, Measured | Undefined]]:
        truth = (rng.random(units) < positive).astype(np.int64)
        shared = rng.standard_normal(units)
        found = []
        for _ in range(models):
            score = math.sqrt(2) * norm.ppf(rate) * truth + (shared + rng.standard_normal(units)) / math.sqrt(2)
            told = TASKS["classify"].metrics(truth, np.stack([-score, score], axis=1))
            found.append({name: told[name] for name in ("roc_auc", "pr_auc")})
        return found

    return draw


def sentences(rate: float) -> Draw:
    """Sentences with 0 to 5 entities, each found at ``rate`` (more rarely in a hard sentence), some more made up."""
    rng = np.random.default_rng(3)
    ease = rng.beta(4 * rate, 4 * (1 - rate), size=_POOL)
    truth = [[(2 * place, 2 * place + 1, "PER") for place in range(rng.integers(0, 6))] for _ in range(_POOL)]

    def answers() -> list[list[tuple[int, int, str]]]:
        return [
            [span for span in spans if rng.random() < chance]
            + [(99 + place, 100 + place, "PER") for place in range(rng.binomial(len(spans), 1 - chance))]
            for spans, chance in zip(truth, ease, strict=True)
        ]

    return pooled("tagging", truth, answers(), answers())


def queries(spacing: float) -> Draw:
    """Twenty documents a query, two of them relevant, with scores ``spacing`` higher."""
    rng = np.random.default_rng(4)
    grades = np.tile([1.0, 1.0, *[0.0] * 18], (_POOL, 1))
    shared = rng.standard_normal(grades.shape)
    said = [(shared + rng.standard_normal(grades.shape)) / math.sqrt(2) + spacing * grades for _ in range(2)]
    return pooled("retrieval", list(grades), *map(list, said))


def pooled(task: str, truth: Any, *answers: Any) -> Draw:
    """Units drawn from a pool that stands for the world, each once with either model's answers first."""
    both = [TASKS[task].metrics(truth, said) for said in answers]
    pool = {
        name: [_stacked(both[side][name], both[1 - side][name]) for side in (0, 1)]
        for name in both[0]
        if isinstance(both[0][name], Ratios)
    }

    def draw(rng: Rng, units: int, models: int) -> list[dict[str, Measured | Undefined]]:
        picks = rng.integers(0, 2 * _POOL, size=units)
        return [
            {name: Ratios(over=side[model].over[picks], under=side[model].under[picks]) for name, side in pool.items()}
            for model in range(models)
        ]

    return draw


def _stacked(one: Measured | Undefined, other: Measured | Undefined) -> Ratios:
    if not isinstance(one, Ratios) or not isinstance(other, Ratios):
        raise TypeError
    return Ratios(over=np.concatenate([one.over, other.over]), under=np.concatenate([one.under, other.under]))


def figures(noise: str, strength: float) -> Draw:
    """Targets with variance 1 and errors (normal, or log-normal in size) that leave R² near ``strength``."""

    def draw(rng: Rng, units: int, models: int) -> list[dict[str, Measured | Undefined]]:
        truth, shared = rng.standard_normal(units), rng.standard_normal(units)
        found = []
        for _ in range(models):
            error = (shared + rng.standard_normal(units)) / math.sqrt(2)
            heavy = np.sign(error) * np.exp(0.75 * rng.standard_normal(units)) / math.exp(0.75**2)
            found.append(
                TASKS["regress"].metrics(
                    truth, truth + math.sqrt(1 - strength) * (heavy if noise == "heavy" else error)
                )
            )
        return found

    return draw


SETTINGS: Mapping[str, Draw] = {
    **{f"two labels, right {rate}": labels(rate, (0.5, 0.5)) for rate in RATES},
    **{f"labels 9:1, right {rate}": labels(rate, (0.9, 0.1)) for rate in RATES},
    **{f"five labels, one with 60 %, right {rate}": labels(rate, (0.6, 0.1, 0.1, 0.1, 0.1)) for rate in RATES},
    **{f"twenty labels, right {rate}": labels(rate, (0.05,) * 20) for rate in RATES},
    **{f"scores, ROC-AUC {rate}": scores(rate, 0.5) for rate in RATES},
    **{f"scores of a label with 10 %, ROC-AUC {rate}": scores(rate, 0.1) for rate in RATES},
    **{f"entities found {rate}": sentences(rate) for rate in RATES},
    **{f"documents {spacing} apart": queries(spacing) for spacing in (0.5, 1.5, 3.0)},
    **{f"figures, R² {rate}": figures("normal", rate) for rate in RATES[:2]},
    "figures, heavy errors": figures("heavy", 0.5),
}
_TRUTH_UNITS = 200_000


def main(*, rounds: int, settings: Mapping[str, Draw] = SETTINGS) -> None:
    """Every setting and size."""
    rows = []
    for name, draw in settings.items():
        note(name)
        true = truths(draw)
        for units in SIZES:
            rows += measured(name, draw, true, units, rounds=rounds // (units // 1_000 or 1), every=2)
    misses = [row for row in rows if missed(row["coverage"], row["error"])]
    false = [row for row in rows if row["better"] - 1.96 * row["better_error"] > LEVEL]
    contradictions = sum(row["contradictions"] for row in rows)
    tell(
        "intervals",
        {
            "settings": len(rows),
            "within": len(rows) - len(misses),
            "false_better_above_5": [_short(row, "better") for row in false],
            "interval_and_p_contradict": contradictions,
            "misses": [_short(row, "coverage") for row in misses],
            "selection_false_better": selection(rounds),
            "seeds": seeds(rounds),
            "table": rows,
        },
        packages=("numpy", "scipy"),
    )


def truths(draw: Draw) -> dict[str, float]:
    """The true figures, from a sample so large that its error does not matter."""
    rng = np.random.default_rng(99)
    samples = [draw(rng, 20_000, 1)[0] for _ in range(_TRUTH_UNITS // 20_000)]
    return {name: float(np.mean([sample[name].value for sample in samples])) for name in samples[0]}


def measured(
    name: str, draw: Draw, true: Mapping[str, float], units: int, *, rounds: int, every: int
) -> list[dict[str, Any]]:
    """Coverage of each metric's interval; in one of ``every`` rounds also whether the null pair was told apart."""
    rng = np.random.default_rng(units)
    counts = {metric: np.zeros(6) for metric in true}
    for seed in range(rounds):
        one, other = draw(rng, units, 2)
        for metric, count in counts.items():
            a, b = one[metric], other[metric]
            if isinstance(a, Undefined) or isinstance(b, Undefined):
                continue
            ends = around(a, seed=seed)
            count[:3] += (1, ends.low <= true[metric] <= ends.high, ends.high - ends.low)
            if seed % every == 0:
                gap = difference(a, b, seed=seed)
                told, significant = not gap.low <= 0 <= gap.high, gap.p <= LEVEL
                count[3:] += (1, told, told != significant)
    return [_row(name, metric, units, true[metric], count) for metric, count in counts.items()]


def missed(coverage: float, error: float) -> bool:
    """Whether a coverage lies outside of 94 to 96 % by more than the simulation's own error."""
    return coverage + 1.96 * error < LOW or coverage - 1.96 * error > HIGH


def selection(rounds: int) -> dict[str, float]:
    """How often the rule serves a more complex model that is no better, at a margin of 0 (its strictest test)."""
    told = {}
    for metric in ("accuracy", "macro_f1"):
        rng, count = np.random.default_rng(5), 0
        for seed in range(rounds):
            truth = rng.integers(0, 3, size=200)
            simple, other = (
                np.where(rng.random(200) < RATES[1], truth, (truth + rng.integers(1, 3, size=200)) % 3)
                for _ in range(2)
            )
            choice = choose({"simple": simple, "complex": other}, truth, 3, metric=metric, margin=0.0, seed=seed)
            count += choice.reason == "better"
        told[metric] = round(count / rounds, 4)
    return told


def seeds(rounds: int) -> dict[str, float]:
    """How often two methods that differ by the chance of training alone are told apart, with three seeds of each.

    Beside it the same by the rows of one training each, which is a claim about two models, not about the methods.
    """
    rng, told, by_rows = np.random.default_rng(6), 0, 0
    for seed in range(rounds):
        truth = rng.integers(0, 2, size=500)
        qualities = np.clip(0.85 + 0.02 * rng.standard_normal(6), 0.5, 1.0)
        runs = [of_labels("accuracy", truth, np.where(rng.random(500) < q, truth, 1 - truth), 2) for q in qualities]
        told += over_seeds(list(runs[:3]), list(runs[3:])).p <= LEVEL
        by_rows += difference(runs[0], runs[3], seed=seed).p <= LEVEL
    return {"false_better_of_methods": round(told / rounds, 4), "by_the_rows_of_one_seed": round(by_rows / rounds, 4)}


def _row(name: str, metric: str, units: int, true: float, count: np.ndarray) -> dict[str, Any]:
    rounds, held, width, pairs, told, contradictions = count
    coverage, better = held / rounds, told / pairs
    return {
        "setting": name,
        "metric": metric,
        "units": units,
        "true": round(true, 4),
        "coverage": round(coverage, 4),
        "error": round(math.sqrt(coverage * (1 - coverage) / rounds), 4),
        "width": round(width / rounds, 4),
        "better": round(better, 4),
        "better_error": round(math.sqrt(better * (1 - better) / pairs), 4),
        "contradictions": int(contradictions),
        "rounds": int(rounds),
        "pairs": int(pairs),
    }


def _short(row: Mapping[str, Any], figure: str) -> str:
    return f"{row['setting']}, {row['metric']}, n = {row['units']}: {row[figure]}"


if __name__ == "__main__":
    main(rounds=40 if arguments(__doc__).quick else 600)
