"""What the ranker knows of each candidate, by one function for training, evaluating and serving.

A missing value is NaN. Scores of models stand three times: as they are, against the candidates' mean in standard
deviations, and as a place (0 the best, 1 the last), because their sizes differ from history to history.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from argosy.recommend.interactions import Floats, History, Ints
from argosy.recommend.ranking.standing import DAY, HALF_LIVES, Standing

HISTORY = "history_events"
"""The column of how many events of a history there are: 0 in all rows of a stranger's list."""
_RECENT = 50  # events of a history whose prices and tags count
_LEVEL = 0.1  # of the mean count: below that, items are equally unpopular
_SPANS = tuple("ever" if life == float("inf") else f"{life:.0f}d" for life in HALF_LIVES)
_MET = tuple(f"{what}_{span}" for what in ("wanted", "met") for span in _SPANS)
_TREND = ("trend_short", "trend_long")
_ITEM = ("success_rate", "middle_days", "age_days", "price")
_MATCH = ("price_gap", "tag_overlap", "tag_best")
_MOMENT = (HISTORY, "history_successes", "idle_days", "today_events")


def names(scorers: Sequence[str]) -> tuple[str, ...]:
    """What the columns are called, by the names of the models."""
    told = [f"{name}_{form}" for name in scorers for form in ("raw", "z", "rank")]
    return (*told, *_MET, *(f"{name}_z" for name in _MET), *_TREND, *_ITEM, *_MATCH, *_MOMENT)


def linear(scorers: Sequence[str]) -> tuple[str, ...]:
    """The columns that a weighted sum can use: those whose size means the same in every list."""
    return (*(f"{name}_z" for name in scorers), *_MET)


def popular() -> tuple[str, ...]:
    """The columns for a list of a stranger, of whom no model knows anything."""
    return (*_MET[: len(_SPANS)], *(f"{name}_z" for name in _MET[: len(_SPANS)]))


def features(history: History, items: Ints, standing: Standing, scores: Mapping[str, Floats]) -> Floats:
    """Float32 [candidates, columns]; ``scores`` holds those of the candidates by model, in the order of ``names``."""
    columns = [column for name in scores for column in _three(scores[name])]
    met = np.log(standing.met(items) + _LEVEL)
    columns += list(met.T)
    columns += [_standard(column) for column in met.T]
    columns += [met[:, 1] - met[:, 2], met[:, 2] - met[:, 3]]
    prices = standing.prices[items]
    columns += [standing.wanted(items), standing.middle(items, history.now), standing.age(items, history.now), prices]
    columns += _match(history, items, prices, standing)
    columns += [np.full(len(items), value, np.float32) for value in _moment(history)]
    return np.stack(columns, axis=1).astype(np.float32)


def _three(values: Floats) -> list[Floats]:
    """As it is, in standard deviations, and as a place."""
    place = np.empty(len(values), np.float32)
    place[np.argsort(-values, kind="stable")] = np.arange(len(values)) / max(len(values), 1)
    return [values, _standard(values), place]


def _standard(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    spread = known.std() if len(known) else 0.0
    return (values - known.mean()) / spread if spread > 0 else np.zeros_like(values)


def _match(history: History, items: Ints, prices: Floats, standing: Standing) -> list[Floats]:
    """The price against the median of the history's, and the share of its tags' weight that a candidate has."""
    recent = slice(-_RECENT, None)
    paid = standing.prices[history.items[recent]]
    paid = paid[(paid > 0) & (history.strength[recent] > 0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(np.where(prices > 0, prices, np.nan)) - np.float32(
            np.log(np.median(paid)) if len(paid) else np.nan
        )
    theirs, ours = standing.tags[history.items[recent]], standing.tags[items]
    profile = np.zeros(max(int(theirs.max(initial=0)), int(ours.max(initial=0))) + 2, np.float32)
    np.add.at(profile, theirs, np.broadcast_to(history.strength[recent, None], theirs.shape))
    profile[-1] = 0  # where there is no tag
    total = float(history.strength[recent].sum())
    found = profile[ours] / total if total > 0 else np.zeros(ours.shape, np.float32)
    known = (ours >= 0).sum(axis=1)
    mean = np.where(known > 0, found.sum(axis=1) / np.maximum(known, 1), np.nan)
    return [gap, mean, np.where(known > 0, found.max(axis=1, initial=0), np.nan)]


def _moment(history: History) -> tuple[float, ...]:
    """How much is known of whom: events, successes, days since the last, and events in the day before it."""
    if not len(history):
        return (0.0, 0.0, float("nan"), 0.0)
    last = int(history.times[-1])
    session = int((history.times > last - DAY).sum())
    return (float(len(history)), float(history.success.sum()), max(history.now - last, 0) / DAY, float(session))
