"""The simple models of a recommender, each tuned on the past alone, and what is the best of them, on ML-100K.

    python -m benchmarks.recommend.baselines [--quick]

Success is a rating of 4 or 5; other ratings are known to have been seen, and nothing that was seen is ranked again.
All other items are ranked: NDCG@10 by user, where items of equal score share their places.

*time*: everything before the moment of 80 % of the events is learnt from; ``warm`` are the users with likes on both
sides of it, ``all`` counts those without any before too. *last*: each user's last like is looked for, with the history
in front of it. Every setting of a grid is tried on the last fifth (the like before the last) of what is learnt from;
the best is fitted again to all of it, and the test is opened once. ``chosen`` is the best by that trial, ``over`` what
it has over the others by user. ``chance`` is a random order, ``content`` what
is nearest by TF-IDF of the texts.

``reference``: two figures that were known before, measured here again: EASE with ridge 500, which was picked on the
test, and iALS on last items. ``cosine``: the package ``implicit`` and Argosy fit the same cosines of all pairs, in
turns, and rank the same users.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from time import perf_counter
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.recommend.cold import films
from numpy.typing import NDArray

from argosy.core.recommend import Cut
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import mean
from argosy.evaluate.paired import difference
from argosy.recommend.baselines import pairs, plain
from argosy.recommend.baselines.content import content
from argosy.recommend.interactions import Catalogue, Floats, History, Interactions
from argosy.recommend.protocol.cutting import Case, Parts, cut
from argosy.recommend.protocol.ranking import Scores, evaluate
from argosy.recommend.tuning import FITS, GRIDS, METRIC, Tuned, tune

_SHARE, _SEED, _RIDGE = 0.2, 7, 500.0
_ROUNDS, _NEAREST = 3, 200.0
Figures = NDArray[np.float64]


def main(*, quick: bool) -> None:
    """Both cuts, the references, and the peer."""
    catalogue, events = films()
    names = [name for name in FITS if not (quick and name == "ials")]
    found: dict[str, Any] = {}
    cuts: tuple[Cut, ...] = ("time",) if quick else ("time", "last")
    for how in cuts:
        found[how] = _cut(how, catalogue, events, names)
    timed = cut(events, "time", _SHARE)
    ease = pairs.ease(timed.train, catalogue, {"ridge": _RIDGE})
    found["reference"] = {"ease": _told(_ndcg(ease.scores, _warm(timed.cases), events.size))}
    if not quick:
        found["reference"]["ials"] = found["last"]["warm"]["ials"]
    found["cosine"] = _peer(catalogue, timed)
    tell("baselines", found, packages=("implicit", "numpy", "scipy", "recbole"))


def _cut(how: Cut, catalogue: Catalogue, events: Interactions, names: Sequence[str]) -> dict[str, Any]:
    """Settings by the past, figures by the test, with the seconds of all."""
    parts = cut(events, how, _SHARE)
    inner = cut(parts.train, how, _SHARE)
    tuned: dict[str, Tuned] = {}
    seconds: dict[str, dict[str, float]] = {}
    scores: dict[str, Scores] = {}
    for name in names:
        begun = perf_counter()
        tuned[name] = tune(name, inner, catalogue, None, repeat=False)
        fitting = perf_counter()
        scores[name] = FITS[name](parts.train, catalogue, tuned[name].settings).scores
        seconds[name] = {"tuning": round(fitting - begun, 2), "fitting": round(perf_counter() - fitting, 3)}
        note(f"{how}: {name} {tuned[name].settings} {tuned[name].value}")
    read = _content(catalogue, parts, inner)
    scores["content"] = read.scores
    scores["chance"] = plain.chance(parts.train, catalogue, {"seed": _SEED}).scores
    chosen = max(names, key=lambda name: tuned[name].value or 0.0)
    everybody = {name: _ndcg(one, parts.cases, events.size) for name, one in scores.items()}
    known = np.array([bool(case.history.success.any()) for case in parts.cases])
    warm = {name: values[known] for name, values in everybody.items()}
    return {
        "chosen": chosen,
        "tuned": {name: one.to_json() for name, one in tuned.items()},
        "seconds": seconds,
        "content": {"half_life": read.half_life},
        "warm": {name: _told(values) for name, values in warm.items()},
        "all": {name: _told(values) for name, values in everybody.items()},
        "over": {name: _over(warm[chosen], values) for name, values in warm.items() if name != chosen},
        "users": {"warm": int(known.sum()), "all": len(known)},
    }


def _content(catalogue: Catalogue, parts: Parts, inner: Parts) -> pairs.Pairs:
    """Neighbours by text, which fade as validation says."""
    model = content(parts.train, catalogue, {"nearest": _NEAREST})
    tried = [replace(model, half_life=days) for days in GRIDS["neighbours"]["half_life"]]
    return max(tried, key=lambda one: float(_ndcg(one.scores, inner.cases, parts.train.size).mean()))


def _peer(catalogue: Catalogue, parts: Parts) -> dict[str, Any]:
    """The same cosines by ``implicit``: figures, how far scores are apart, and seconds, in turns."""
    nearest = import_module("implicit.nearest_neighbours")
    cases, size = _warm(parts.cases), parts.train.size
    successes = parts.train.matrix()
    successes.data[:] = 1
    seconds: dict[str, list[float]] = {"argosy": [], "implicit": []}
    theirs = nearest.CosineRecommender(K=size, num_threads=1)
    for _ in range(_ROUNDS):
        begun = perf_counter()
        ours = pairs.neighbours(parts.train, catalogue, {"shrink": 0.0, "nearest": float(size)})
        middle = perf_counter()
        theirs.fit(successes, show_progress=False)
        seconds["argosy"].append(middle - begun)
        seconds["implicit"].append(perf_counter() - middle)
    similar = theirs.similarity.tolil()
    similar.setdiag(0)  # what a user had is not ranked, so that of an item with itself tells nothing
    matrix = similar.tocsr()

    def by_implicit(histories: Sequence[History]) -> Floats:
        rows = np.zeros((len(histories), size), np.float32)
        for row, history in zip(rows, histories, strict=True):
            row[history.items[history.success]] = 1
        return np.asarray(rows @ matrix, np.float32)

    figures = {"argosy": _ndcg(ours.scores, cases, size), "implicit": _ndcg(by_implicit, cases, size)}
    return {
        "ndcg": {name: _told(values) for name, values in figures.items()},
        "apart": float(abs(ours.matrix - matrix).max()),
        "seconds": {name: round(min(one), 3) for name, one in seconds.items()},
    }


def _warm(cases: Sequence[Case]) -> list[Case]:
    """Those with a like in the history."""
    return [case for case in cases if case.history.success.any()]


def _ndcg(scores: Scores, cases: Sequence[Case], size: int) -> Figures:
    return evaluate(scores, cases, size).figures[METRIC]


def _told(values: Figures) -> Mapping[str, float]:
    return asdict(around(mean(values), seed=_SEED))


def _over(ours: Figures, others: Figures) -> Mapping[str, float]:
    return asdict(difference(mean(ours), mean(others), seed=_SEED))


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
