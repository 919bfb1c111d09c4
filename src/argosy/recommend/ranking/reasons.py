"""Why an item is in a list: the model that spoke for it most, and the item of the history that it spoke of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from argosy.core.recommend import Why
from argosy.recommend.interactions import Floats, History, Ints
from argosy.recommend.ranking.candidates import EXPLORING, FRESH
from argosy.recommend.scorer import Scorer

_RECENT = 100  # events of a history that are looked at
_SPEAKS = 0.5  # standard deviations above the other candidates from which a model speaks for an item
_TEXT = "text"
NOBODY = -1
"""Where there is no item of the history to name."""


@runtime_checkable
class Relates(Protocol):
    """A model that can say what of a history speaks for an item."""

    def between(self, history: Ints, items: Ints) -> Floats:
        """What each item of a history adds to the score of each item, float32 [history, items]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """``about`` is the position of an item of the history, NOBODY where none is meant."""

    why: Why
    about: int = NOBODY


def explain(
    history: History,
    items: Ints,
    *,
    columns: Mapping[str, Floats],
    sources: Sequence[str],
    scorers: Mapping[str, Scorer],
) -> list[Reason]:
    """A reason for each item shown.

    ``columns`` [items] are each model's standardised scores of them, ``sources`` which one proposed each first. An item
    nobody of the models speaks for is there for what proposed it: fresh, to learn, or popular.
    """
    liked = np.unique(history.items[history.success][-_RECENT:])
    names = list(columns)
    spoken = (
        np.nan_to_num(np.stack([columns[name] for name in names]), nan=-np.inf) if names else np.empty((0, len(items)))
    )
    related = {name: _related(scorers[name], liked, items) for name in names}
    reasons = []
    for place, source in enumerate(sources):
        best = names[int(spoken[:, place].argmax())] if names and len(liked) else ""
        if source in (FRESH, EXPLORING):
            reasons.append(Reason(why="fresh" if source == FRESH else "exploring"))
        elif not best or spoken[:, place].max() < _SPEAKS:
            reasons.append(Reason(why="popular"))
        else:
            reasons.append(_because(best, related[best], liked, place))
    return reasons


def _related(scorer: Scorer, liked: Ints, items: Ints) -> Floats | None:
    return scorer.between(liked, items) if isinstance(scorer, Relates) and len(liked) else None


def _because(name: str, related: Floats | None, liked: Ints, place: int) -> Reason:
    """The item of the history that adds most to a score; the history as a whole where the model cannot tell."""
    if related is None or related[:, place].max() <= 0:
        return Reason(why="profile")
    return Reason(why="similar" if name == _TEXT else "together", about=int(liked[related[:, place].argmax()]))
