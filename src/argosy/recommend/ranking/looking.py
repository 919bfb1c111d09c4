"""What a ranker is shown of a history: candidates and their features, by the one path of training and of serving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History
from argosy.recommend.nearest import MANY, Near, Proposes
from argosy.recommend.ranking import candidates
from argosy.recommend.ranking.candidates import Candidates
from argosy.recommend.ranking.features import features
from argosy.recommend.ranking.learning import recent
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.scorer import Scorer

_LITTLE = 4  # of a catalogue, one item in so many is scored faster by itself than with all others
_LEAST = 2  # of what is asked for, one in so many has to be found


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How many candidates are ranked, and what of a history counts.

    All of a history is not shown again unless ``repeat``; its last ``remember`` events are what models look at. Items
    that were added within ``fresh_days`` are candidates for everybody.
    """

    candidates: int = 300
    remember: int = 200
    fresh_days: float = 14.0
    repeat: bool = False


def look(
    scorers: Mapping[str, Scorer],
    how: Looking,
    history: History,
    standing: Standing,
    allowed: NDArray[np.bool_] | None = None,
) -> tuple[Candidates, Floats]:
    """The candidates for a history and their features; ``allowed`` [items] leaves more out than what was seen."""
    may = candidates.only(standing, [] if how.repeat else history.items)
    may = may if allowed is None else may & allowed
    history = recent(history, how.remember)
    told = {name: _near(scorer, history, may, how.candidates) for name, scorer in scorers.items()}
    models = {name: (near.items, near.scores) for name, near in told.items()}
    found = candidates.collect(models, standing, may, most=how.candidates, days=how.fresh_days, now=history.now)
    theirs = {name: near.of(found.items) for name, near in told.items()}
    return found, features(history, found.items, standing, theirs)


def _near(scorer: Scorer, history: History, may: NDArray[np.bool_], most: int) -> Near:
    """What a model proposes that may be shown: the best of all, or of those that it finds where there are many.

    Where it finds too few that may be shown, because a filter leaves out most, all that are left are looked at.
    """
    if len(may) > MANY and isinstance(scorer, Proposes):
        near = scorer.near(history, most + len(history))
        here = np.flatnonzero(may[near.items])[:most]
        if near.whole or len(here) >= most // _LEAST:
            return replace(near, items=near.items[here], scores=near.scores[here])
        left = np.flatnonzero(may).astype(np.int32)
        if _LITTLE * len(left) <= len(may):
            items, scores = candidates.best(near.of(left), most, np.ones(len(left), bool))
            return replace(near, items=left[items], scores=scores, whole=True)
    values = _all(scorer.scores([history])[0], len(may))
    items, scores = candidates.best(values, most, may)
    return Near(items=items, scores=scores, of=values.__getitem__, whole=True)


def _all(scores: Floats, size: int) -> Floats:
    """Scores of all items [size]: NaN for those that came after the model."""
    return scores if len(scores) >= size else np.pad(scores, (0, size - len(scores)), constant_values=np.nan)
