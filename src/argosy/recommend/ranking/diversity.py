"""Which of the ranked items to show: one after the other, each the best of what is left and least like those before it.

Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), with the caps of the rules at each step.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, Ints
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.ranking.standing import Standing


def choose(items: Ints, scores: Floats, n: int, *, standing: Standing, rules: Rules, alike: Floats) -> list[int]:
    """Places [at most n] of the candidates to show, in order; of equal ones the first candidate.

    ``scores`` [candidates] are those of the ranker; boosts are added in standard deviations. ``alike``
    [candidates, width] are vectors of length 1 or 0, whose product says how alike two items are.
    """
    relevance = _scaled(scores) + standing.lift[items]
    if not rules.diversity and not rules.caps:
        return [int(place) for place in np.argsort(-relevance, kind="stable")[:n]]
    room = _Room(rules, standing, items)
    chosen: list[int] = []
    left, nearest = np.ones(len(items), bool), np.zeros(len(items), np.float32)
    while len(chosen) < n and (free := left & room.free).any():
        worth = np.where(free, (1 - rules.diversity) * relevance - rules.diversity * nearest, -np.inf)
        place = int(worth.argmax())
        chosen.append(place)
        left[place] = False
        room.take(place)
        if rules.diversity:
            nearest = np.maximum(nearest, alike @ alike[place])
    return chosen


def by_tags(items: Ints, standing: Standing) -> Floats:
    """Vectors [candidates, tags] of length 1 from the items' tags; 0 of an item without."""
    tags = standing.tags[items]
    known, place = np.unique(tags, return_inverse=True)
    made = np.zeros((len(items), len(known)), np.float32)
    np.put_along_axis(made, place.reshape(tags.shape), 1, axis=1)
    made[:, known < 0] = 0
    length = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / np.maximum(length, 1), np.float32)


class _Room:
    """Which candidates the caps still let in."""

    def __init__(self, rules: Rules, standing: Standing, items: Ints) -> None:
        self._who = [(standing.caps[items] >> bit & 1 > 0, most) for bit, most in enumerate(rules.limits.values())]
        self._first, self._each = standing.tags[items, 0], rules.each
        self._shown = [0] * len(self._who)
        self._shown_of: dict[int, int] = {}
        self.free: NDArray[np.bool_] = np.ones(len(items), bool)
        for who, most in self._who:
            self.free &= ~who if most == 0 else True
        if self._each == 0:
            self.free &= self._first < 0

    def take(self, place: int) -> None:
        """Count one that was chosen."""
        for number, (who, most) in enumerate(self._who):
            self._shown[number] += int(who[place])
            if self._shown[number] >= most:
                self.free &= ~who
        first = int(self._first[place])
        self._shown_of[first] = self._shown_of.get(first, 0) + 1
        if self._each is not None and first >= 0 and self._shown_of[first] >= self._each:
            self.free &= self._first != first


def _scaled(scores: Floats) -> Floats:
    """Scores in standard deviations, so that boosts and diversity mean the same with every ranker."""
    spread = float(scores.std()) if len(scores) else 0.0
    return np.asarray((scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores), np.float32)
