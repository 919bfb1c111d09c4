"""What another model would have achieved with the lists that were shown, before anybody sees one of its own."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.config.places import find_model
from argosy.core.errors import DataError
from argosy.core.recommend import Event, Recommendation
from argosy.recommend.judging.logged import logged
from argosy.recommend.judging.offpolicy import estimate
from argosy.recommend.live.exploring import chances

if TYPE_CHECKING:
    from argosy.project.recommending.live import LiveRecommendations, Ranker

_DAY = 86_400_000_000
_PLACES = 1  # of each list: what stands further down hangs on more draws than a log can tell
_MOST = 5_000  # lists
_READ = 10_000  # changes at once


def judge(live: "LiveRecommendations", model: Path, days: int) -> Mapping[str, Any]:
    """The estimates, as JSON; raises DataError where nothing was shown in these days."""
    rival = live.opened(find_model(model).resolve())
    at = live.clock()
    shown = [(one, led) for one, led in live.log.lists(at - days * _DAY, at + 1) if one.items][-_MOST:]
    if not shown:
        raise DataError(
            "No list was shown in {days} days.",
            where=str(live.home.folder),
            mend="Serve the recommender first: argosy serve",
            days=days,
        )
    while (behind := rival.state.turn) < live.own.state.turn:
        rival.state.apply(live.log.after(behind, _READ))
    clicked = {(one.id, event.item) for one, led in shown for event in led}
    lists = [one for one, _ in shown]
    would = _Would(live, rival)
    found = estimate(logged(lists, clicked, would, places=_PLACES, describe=would.describe))
    return {"model": str(model), "version": rival.version, "days": days, **asdict(found)}


class _Would:
    """The chances of another model's lists, made of what each user had done before the list."""

    def __init__(self, live: "LiveRecommendations", rival: "Ranker") -> None:
        self._live, self._rival = live, rival
        self._histories: dict[str, list[Event]] = {}

    def __call__(self, shown: Recommendation, place: int) -> Mapping[str, float]:
        """By item, given what stands before the place."""
        state = self._rival.state
        history = state.seen([one for one in self._events(shown.user) if one.at < shown.at], shown.at)
        ranked = state.system.best(history, state.standing, len(shown.items), rules=state.rules)
        before = [state.places[one.item] for one in shown.items[:place] if one.item in state.places]
        told = chances(ranked.items.tolist(), ranked.pool.tolist(), before, self._rival.maker.explore)
        return {state.items[item].id: chance for item, chance in told.items()}

    def describe(self, shown: Recommendation, place: int, item: str) -> list[float]:
        """What a model of clicks may know of an item at a place: the place, how popular it is of late, how new."""
        state = self._rival.state
        at = state.places.get(item)
        if at is None:
            return [float(place), 0.0, 0.0]
        popular = float(state.standing.popular(1)[at])
        return [float(place), popular, float(state.standing.added[at] > shown.at - 30 * _DAY)]

    def _events(self, user: str) -> list[Event]:
        if user not in self._histories:
            self._histories[user] = list(self._live.log.history(user, 5_000)) if user else []
        return self._histories[user]
