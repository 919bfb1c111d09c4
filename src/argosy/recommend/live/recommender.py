"""A list for a wish, out of the state: history, filters, the system, rules, and what is shown to learn."""

from dataclasses import dataclass

import numpy as np

from argosy.core.recommend import Event, Shown, Wish
from argosy.recommend.interactions import History
from argosy.recommend.live.exploring import explored
from argosy.recommend.live.state import State
from argosy.recommend.ranking.candidates import EXPLORING
from argosy.recommend.ranking.reasons import NOBODY
from argosy.recommend.ranking.system import Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommender:
    """Makes lists out of a state; ``explore`` is the chance of each place to show an item to learn about it."""

    state: State
    explore: float

    def lists(self, wish: Wish, now: int, rng: np.random.Generator) -> tuple[Shown, ...]:
        """The list for a wish at a moment; shorter than asked for where fewer items are left."""
        state = self.state
        history = self._history(wish, now)
        with state.lock:
            allowed = state.filtered(wish.tags, wish.without, wish.least, wish.most)
            ranked = state.system.best(history, state.standing, wish.n, rules=state.rules, allowed=allowed)
            explore = self.explore if wish.explore else 0.0
            told = explored(ranked.items.tolist(), ranked.pool.tolist(), explore, rng)
            return tuple(self._shown(place, chance, ranked, drawn=drawn) for place, chance, drawn in told)

    def _history(self, wish: Wish, now: int) -> History:
        """That of the user, with what a stranger says to have done."""
        told = [Event(user="", item=item, kind=self._kind, at=now) for item in wish.recent]
        if not wish.user:
            with self.state.lock:
                return self.state.seen(told, now)
        known = self.state.history(wish.user, now)
        if not told:
            return known
        with self.state.lock:
            more = self.state.seen(told, now)
        return History(
            items=np.concatenate([known.items, more.items]),
            times=np.concatenate([known.times, more.times]),
            strength=np.concatenate([known.strength, more.strength]),
            success=np.concatenate([known.success, more.success]),
            now=now,
        )

    @property
    def _kind(self) -> str:
        """What a stranger's own items count as: a success."""
        return min(self.state.meaning.wanted, default="")

    def _shown(self, place: int, chance: float, ranked: Ranked, *, drawn: bool) -> Shown:
        state, where = self.state, np.flatnonzero(ranked.items == place)
        if drawn or not len(where):
            return Shown(item=state.items[place].id, score=0.0, why="exploring", source=EXPLORING, chance=chance)
        at = int(where[0])
        reason = ranked.reasons[at]
        about = state.items[reason.about].id if reason.about != NOBODY else ""
        return Shown(
            item=state.items[place].id,
            score=float(ranked.scores[at]),
            why=reason.why,
            about=about,
            source=ranked.sources[at],
            chance=chance,
        )
