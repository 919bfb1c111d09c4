"""The whole recommender against the best single models, on ML-100K.

    python -m benchmarks.recommend.movielens_system [--quick]

Success is a rating of 4 or 5; other ratings are known to have been seen, and nothing that was seen is ranked again.
All other items are ranked, NDCG@10 by user, where items of equal score share their places.

*time*: everything before the moment of 80 % of the events is learnt from. ``warm`` are the users with likes on both
sides of it, ``strangers`` those without any event before. *last*: each user's last like is looked for, with the
history in front of it. Settings of ItemKNN, EASE, iALS and of what is taken together are tried on the last fifth of
what is learnt from; that of the time cut serves the last items too. The system proposes by all of these, fitted to
likes and to all ratings, and orders by counts that fade and by their scores; its ranker learns from eleven cuts inside
of what is learnt from (of the last items: from three likes of each user before the last). The test is opened once,
and differences are those of users, in pairs. ``peer`` is the single model that is best on the test itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from time import perf_counter
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.recommend.cold import films
from numpy.typing import NDArray

from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Ratios
from argosy.evaluate.paired import difference
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.protocol.cutting import Case, Parts, cut
from argosy.recommend.protocol.ranking import evaluate
from argosy.recommend.ranking import system
from argosy.recommend.ranking.examples import Learning, Make, Past
from argosy.recommend.ranking.looking import Looking
from argosy.recommend.ranking.ranker import Chosen
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System
from argosy.recommend.ranking.views import Lately, alike
from argosy.recommend.scorer import Scorer
from argosy.recommend.tuning import FITS, tune

PEERS = ("neighbours", "ease", "ials")
_SHARE, _SEED = 0.2, 1
_ALL, _FEW = 10_000, 20  # events that "all" and "lately" mean
_HOW = Looking(remember=_ALL)
Settings = Mapping[str, Mapping[str, float]]
Figures = NDArray[np.float64]


def main(*, quick: bool) -> None:
    """Both cuts."""
    catalogue, events = films()
    timed = cut(events, "time", _SHARE)
    note("settings")
    inner = cut(timed.train, "time", _SHARE)
    tuned = {name: tune(name, inner, catalogue, 0.0, repeat=False) for name in (*PEERS, "covisits", "popularity")}
    settings = {name: one.settings for name, one in tuned.items()}
    found = {"settings": {name: dict(one) for name, one in settings.items()}}
    cuts = 4 if quick else Learning().cuts
    found["time"] = _time(timed, catalogue, settings, Learning(cuts=cuts))
    found["last"] = _last(events, catalogue, settings, Learning(cut="last", lists=200 if quick else 2_000))
    tell("movielens_system", found, packages=("recbole", "implicit", "lightgbm", "numpy", "scipy"))


def makes(catalogue: Catalogue, settings: Settings) -> dict[str, Make]:
    """The models of the system: of likes, of all ratings, and of the last ratings alone."""

    def plain(name: str) -> Make:
        return lambda events: FITS[name](events, catalogue, settings[name])

    fits: list[tuple[Interactions, str, Scorer]] = []

    def of_all(events: Interactions, kind: str) -> Scorer:
        """The model of all ratings, which is fitted once for those who look at it."""
        fits[:] = [one for one in fits if one[0] is events]
        for _, name, scorer in fits:
            if name == kind:
                return scorer
        fits.append((events, kind, FITS[kind](alike(events), catalogue, settings[kind])))
        return fits[-1][2]

    def lately(name: str, kind: str, last: int) -> Make:
        return lambda events: Lately(scorer=of_all(events, kind), last=last, name=name)

    return {
        **{name: plain(name) for name in PEERS},
        "met": lately("met", "ease", _ALL),
        "lately": lately("lately", "ease", _FEW),
        "next": lately("next", "covisits", _FEW // 2),
    }


def fitted(train: Interactions, catalogue: Catalogue, settings: Settings, learning: Learning) -> tuple[System, Chosen]:
    """The system of what happened before the test."""
    return system.fit(Past(events=train, catalogue=catalogue, makes=makes(catalogue, settings), how=_HOW), learning)


def _time(parts: Parts, catalogue: Catalogue, settings: Settings, learning: Learning) -> dict[str, Any]:
    note("the system, cut by time")
    made, chosen = fitted(parts.train, catalogue, settings, learning)
    standing = Standing.of(parts.train, catalogue)
    figures = {"system": _of(parts.cases, made, standing), **_peers(parts, catalogue, settings)}
    warm = np.array([case.history.success.any() for case in parts.cases])
    strangers = np.array([not len(case.history) for case in parts.cases])
    return {
        "warm": _compared(figures, warm),
        "strangers": _compared(figures, strangers),
        "all": _compared(figures, warm | ~warm),
        "chosen": _told(chosen),
        "list_ms": _clocked(parts.cases, made, standing),
    }


def _last(events: Interactions, catalogue: Catalogue, settings: Settings, learning: Learning) -> dict[str, Any]:
    note("the system, last items")
    parts = cut(events, "last", _SHARE)
    made, chosen = fitted(parts.train, catalogue, settings, learning)
    standing = Standing.of(parts.train.before(int(parts.train.times[0])), catalogue)
    order = sorted(range(len(parts.cases)), key=lambda place: parts.cases[place].history.now)
    figure, heard, success = np.zeros(len(order)), 0, parts.train.success
    for place in order:
        case = parts.cases[place]
        while heard < len(parts.train) and parts.train.times[heard] < case.history.now:
            standing.hear(int(parts.train.items[heard]), int(parts.train.times[heard]), success=bool(success[heard]))
            heard += 1
        figure[place] = _of([case], made, standing)[0]
    figures = {"system": figure, **_peers(parts, catalogue, settings)}
    return {**_compared(figures, np.ones(len(order), bool)), "chosen": _told(chosen)}


def _of(cases: Sequence[Case], made: System, standing: Standing) -> Figures:
    return evaluate(lambda histories: made.scores(histories, standing), cases, len(standing)).figures["ndcg@10"]


def _peers(parts: Parts, catalogue: Catalogue, settings: Settings) -> dict[str, Figures]:
    models = {name: FITS[name](parts.train, catalogue, settings[name]) for name in (*PEERS, "covisits", "popularity")}
    size = parts.train.size
    return {name: evaluate(model.scores, parts.cases, size).figures["ndcg@10"] for name, model in models.items()}


def _compared(figures: Mapping[str, Figures], kept: NDArray[np.bool_]) -> dict[str, Any]:
    """NDCG@10 of each with its interval, and what the system has over each, by the same users."""
    measured = {name: _ratios(figure[kept]) for name, figure in figures.items()}
    peer = max(PEERS, key=lambda name: measured[name].value)
    ahead = {name: asdict(difference(measured["system"], measured[name], seed=_SEED)) for name in figures}
    del ahead["system"]
    return {
        "users": int(kept.sum()),
        "ndcg": {name: asdict(around(one, seed=_SEED)) for name, one in measured.items()},
        "over": ahead,
        "peer": peer,
        "over_peer": ahead[peer],
        "gain": measured["system"].value / measured[peer].value - 1,
    }


def _ratios(figure: Figures) -> Ratios:
    return Ratios(over=figure[:, None], under=np.ones((len(figure), 1)))


def _told(chosen: Chosen) -> dict[str, Any]:
    ahead = asdict(chosen.ahead) if chosen.ahead else None
    return {
        "ranker": chosen.ranker.name,
        "penalty": chosen.penalty,
        "blend": chosen.blend,
        "trees": chosen.trees,
        "trees_ahead": ahead,
    }


def _clocked(cases: Sequence[Case], made: System, standing: Standing) -> dict[str, float]:
    """Milliseconds of a list with its reasons."""
    took = []
    for case in cases:
        begun = perf_counter()
        made.best(case.history, standing, 10)
        took.append((perf_counter() - begun) * 1e3)
    return {"p50": float(np.quantile(took, 0.5)), "p99": float(np.quantile(took, 0.99))}


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
