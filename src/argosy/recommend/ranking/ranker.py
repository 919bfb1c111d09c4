"""Which ranker is served: the weighted sum, unless trees order the past's last lists clearly better."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.evaluate.metrics import Ratios
from argosy.recommend.interactions import Floats
from argosy.recommend.ranking import blend, trees
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.learning import Lists
from argosy.recommend.ranking.trees import Trees

PENALTIES = (0.3, 1.0, 3.0)
"""Of the blend's squared weights."""
GROWN = ((4, 50), (7, 50), (7, 150))
"""Leaves and numbers of trees."""


class Ranker(Protocol):
    """What orders candidates by their features."""

    @property
    def name(self) -> str:
        """``blend`` or ``trees``."""
        ...

    def order(self, matrix: Floats) -> Floats:
        """A score for each row of a matrix of ``features``, larger is better; float32 [rows]."""
        ...

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A ranker; ``blend`` and ``trees`` are the NDCG@10 of both kinds on lists of later moments than they learnt from.

    ``ahead`` is the trees' lead there; all three are None where the past is too short to tell, and the blend is taken.
    """

    ranker: Ranker
    penalty: float
    blend: float | None = None
    trees: float | None = None
    ahead: Interval | None = None


def choose(past: Sequence[Lists], names: Sequence[str], scorers: Sequence[str], *, seed: int) -> Chosen:
    """The ranker of lists at cuts in the order of time.

    Each cut is measured with what was learnt from those that had ended by then. The settings of the best mean are
    taken, and the trees if the 95 % interval of their lead over the blend leaves out 0; all lists are learnt from.
    """
    from argosy.evaluate.paired import difference  # loads scipy.stats, which nobody who serves needs

    some, every = [one for one in past if len(one)], Lists.joined(past)
    folds = [
        (Lists.joined(ended), one) for one in some if (ended := [other for other in some if other.end <= one.start])
    ]
    if not folds:
        middle = PENALTIES[len(PENALTIES) // 2]
        return Chosen(ranker=blend.fit(every, names, scorers, middle), penalty=middle)
    later = [one for _, one in folds]
    blends = {penalty: [blend.fit(ended, names, scorers, penalty) for ended, _ in folds] for penalty in PENALTIES}
    measured = {penalty: _measured(fitted, later) for penalty, fitted in blends.items()}
    penalty = max(PENALTIES, key=lambda one: measured[one].value)
    bases = blends[penalty]
    longest = {leaves: max(rounds for other, rounds in GROWN if other == leaves) for leaves, _ in GROWN}
    whole = {
        leaves: [trees.grow(ended, base, leaves, rounds) for (ended, _), base in zip(folds, bases, strict=True)]
        for leaves, rounds in longest.items()
    }
    grown = {how: _measured([one.first(how[1]) for one in whole[how[0]]], later) for how in GROWN}
    how = max(GROWN, key=lambda one: grown[one].value)
    lead = difference(grown[how], measured[penalty], seed=seed)
    final = blend.fit(every, names, scorers, penalty)
    return Chosen(
        ranker=trees.grow(every, final, *how) if lead.low > 0 else final,
        penalty=penalty,
        blend=measured[penalty].value,
        trees=grown[how].value,
        ahead=Interval(value=lead.difference, low=lead.low, high=lead.high),
    )


def load(folder: Path) -> Ranker:
    """What either kind wrote."""
    return Trees.load(folder) if (folder / trees.FILE).is_file() else Blend.load(folder)


def _measured(rankers: Sequence[Ranker], later: Sequence[Lists]) -> Ratios:
    """NDCG@10 of all lists; a user, who may have several, is one unit."""
    figures = [lists.ndcg(ranker.order(lists.matrix)) for ranker, lists in zip(rankers, later, strict=True)]
    _, unit = np.unique(np.concatenate([lists.users for lists in later]), return_inverse=True)
    over = np.zeros((int(unit.max()) + 1, 1))
    np.add.at(over[:, 0], unit, np.concatenate(figures))
    return Ratios(over=over, under=np.bincount(unit).astype(np.float64)[:, None])
