"""Label errors planted in real texts, found again: confident learning of our own beside cleanlab's.

    python -m benchmarks.data.label_errors [--quick]

Reviews (Chinese, 2 labels) and tweets (English, 3 labels) get 5, 10 and 20 % of wrong labels, uniform or by class (each
label with a rate of its own, always mistaken for the same other one). Probabilities come from five-fold TF-IDF +
linear, the same for both sides. The ranking is measured by the area under the precision-recall curve of "was planted",
with a bootstrap over the rows; the suspects by precision and recall. Labels that were wrong before count against both.
Then the treatments: what dropping or relabelling the suspects does on clean validation rows.
"""

import time
from collections.abc import Sequence
from statistics import mean
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.real_texts import SETS, draw
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

from argosy.core.records import Example
from argosy.data.labels.mislabelled import quality, suspects
from argosy.evaluate.ablation import label_numbers, linear_like
from argosy.evaluate.label_effect import label_effects
from argosy.evaluate.rivals.baselines import fit_linear
from argosy.evaluate.rivals.out_of_fold import out_of_fold, refit

RATES = (0.05, 0.1, 0.2)
KINDS = ("uniform", "by_class")
ROWS, VALIDATION = 3_000, 1_000
FIGURES = 4  # decimals
DRAWS = 200
PEERS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


def plant(truth: np.ndarray, labels: int, kind: str, rate: float, rng: np.random.Generator) -> np.ndarray:
    """The labels with errors in them."""
    given = truth.copy()
    if kind == "uniform":
        wrong = rng.random(len(truth)) < rate
        given[wrong] = (truth[wrong] + rng.integers(1, labels, wrong.sum())) % labels
    else:
        wrong = rng.random(len(truth)) < rate * np.linspace(1.5, 0.5, labels)[truth]
        given[wrong] = (truth[wrong] + 1) % labels
    return given


def areas(wrong: np.ndarray, scores: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The area of each ranking [1 + draws, rankings], the first line of the rows as they are."""
    rows = [np.arange(len(wrong)), *(rng.integers(0, len(wrong), len(wrong)) for _ in range(DRAWS))]
    return np.array([[average_precision_score(wrong[row], -score[row]) for score in scores] for row in rows])


def interval(figures: np.ndarray) -> dict[str, float]:
    """The mean over the seeds of a figure [seeds, 1 + draws], with the ends of its 95 % interval."""
    drawn = figures.mean(axis=0)
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    return {
        "value": round(float(drawn[0]), FIGURES),
        "low": round(float(low), FIGURES),
        "high": round(float(high), FIGURES),
    }


def found(wrong: np.ndarray, rows: np.ndarray) -> dict[str, float]:
    """Precision and recall of suspected rows."""
    hits = float(wrong[rows].sum())
    return {"rows": len(rows), "precision": hits / max(len(rows), 1), "recall": hits / float(wrong.sum())}


def one(name: str, kind: str, rate: float, seed: int, rows: int) -> dict[str, Any]:
    """One set with one kind of noise: areas, suspects, and the effect of each treatment."""
    examples = draw(name, rows + VALIDATION, seed)
    train, validation = examples[:rows], examples[rows:]
    labels = sorted({str(row.label) for row in examples})
    truth = label_numbers([str(row.label) for row in train], labels)
    rng = np.random.default_rng(seed)
    given = plant(truth, len(labels), kind, rate, rng)
    texts = [row.text for row in train]
    model = fit_linear(texts, given, labels, seed=seed)
    start = time.perf_counter()
    probabilities = out_of_fold(refit(model), texts, given, seed=seed)
    seconds = time.perf_counter() - start
    told = suspects(probabilities, given, labels)
    spoilt = [
        Example(id=row.id, text=row.text, label=labels[label]) for row, label in zip(train, given.tolist(), strict=True)
    ]
    effects = label_effects(linear_like(model), spoilt, told, validation, labels, metric="accuracy", seed=seed)
    wrong = given != truth
    ours = np.array([suspect.row for suspect in told], dtype=int)
    peer = np.flatnonzero(find_label_issues(given, probabilities))
    scores = [quality(probabilities, given)]
    scores += [get_label_quality_scores(given, probabilities, method=method) for method in PEERS]
    return {
        "areas": areas(wrong, scores, rng),
        "ours": found(wrong, ours),
        "peer": found(wrong, peer),
        "shared": len(np.intersect1d(ours, peer)) / max(len(np.union1d(ours, peer)), 1),
        "seconds": seconds,
        "effects": {
            effect.treatment: {"difference": effect.difference.difference, "helps": effect.helps}
            for effect in effects
            if effect.difference
        },
    }


def row(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of one setting over its seeds."""
    figures = np.stack([run["areas"] for run in runs])  # [seeds, 1 + draws, rankings]
    best = 1 + int(figures[:, 0, 1:].mean(axis=0).argmax())
    treatments = runs[0]["effects"]
    return {
        "auprc": interval(figures[:, :, 0]),
        "cleanlab": {method: interval(figures[:, :, 1 + number]) for number, method in enumerate(PEERS)},
        "less_best_of_cleanlab": {"method": PEERS[best - 1], **interval(figures[:, :, 0] - figures[:, :, best])},
        "less_default_of_cleanlab": interval(figures[:, :, 0] - figures[:, :, 1]),
        "suspects": {
            side: {key: round(mean(run[side][key] for run in runs), 3) for key in runs[0][side]}
            for side in ("ours", "peer")
        },
        "shared_suspects": round(mean(run["shared"] for run in runs), FIGURES),
        "effect_on_validation": {
            name: {
                "difference": round(mean(run["effects"][name]["difference"] for run in runs), FIGURES),
                "shown_to_help": sum(run["effects"][name]["helps"] for run in runs),
                "runs": len(runs),
            }
            for name in treatments
        },
    }


def main(*, quick: bool) -> None:
    """Every setting with every seed."""
    seeds, rows = ((1,), 1_000) if quick else ((1, 2, 3), ROWS)
    table, seconds = {}, 0.0
    for name in SETS:
        for kind in KINDS:
            for rate in RATES[1:2] if quick else RATES:
                runs = [one(name, kind, rate, seed, rows) for seed in seeds]
                seconds = max(seconds, *(run["seconds"] for run in runs))
                table[f"{name} {kind} {rate}"] = row(runs)
                note(f"{name} {kind} {rate}: {table[f'{name} {kind} {rate}']}")
    tell(
        "label_errors",
        {
            "quality": round(mean(one["auprc"]["value"] for one in table.values()), FIGURES),
            "peer_quality": {
                method: round(mean(one["cleanlab"][method]["value"] for one in table.values()), FIGURES)
                for method in PEERS
            },
            "settings_better_than_best": sum(one["less_best_of_cleanlab"]["low"] > 0 for one in table.values()),
            "settings_worse_than_best": sum(one["less_best_of_cleanlab"]["high"] < 0 for one in table.values()),
            "shared_suspects": min(one["shared_suspects"] for one in table.values()),
            "rows": rows,
            "seeds": len(seeds),
            "five_folds_s": round(seconds, 2),
            "settings": table,
        },
        packages=("cleanlab", "scikit-learn"),
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
