"""A model of what people meet next, whatever they think of it, and of the last events of a history alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from argosy.recommend.interactions import Floats, History, Interactions, Ints
from argosy.recommend.ranking.learning import recent
from argosy.recommend.ranking.reasons import Relates
from argosy.recommend.scorer import Scorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """A model that was fitted on ``alike`` events, of the last ``last`` events of each history."""

    scorer: Scorer
    last: int
    name: str

    def scores(self, histories: Sequence[History]) -> Floats:
        """Those of the model, of the last events, each of which counts as a success."""
        return self.scorer.scores([_plain(recent(history, self.last)) for history in histories])

    def between(self, history: Ints, items: Ints) -> Floats:
        """What the model says of them; 0 where it says nothing."""
        if isinstance(self.scorer, Relates):
            return self.scorer.between(history, items)
        return np.zeros((len(history), len(items)), np.float32)

    def save(self, folder: Path) -> None:
        """Write the model; what looks at it is known to whoever loads it."""
        self.scorer.save(folder)


def alike(events: Interactions) -> Interactions:
    """The same where every event counts as a success, each as much."""
    return replace(events, wanted=frozenset(events.kinds), weights=dict.fromkeys(events.kinds, 1.0))


def _plain(history: History) -> History:
    one = np.ones(len(history), np.float32)
    return replace(history, strength=one, success=one > 0)
