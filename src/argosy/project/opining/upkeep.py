"""What keeps a monitor's house: segments of past days are merged, texts older than they are kept are removed."""

from argosy.core.opinion import HOUR
from argosy.project.opining.live import LiveOpinion
from argosy.store.opinion.upkeep import SqlUpkeep


def keep_house(live: LiveOpinion, at: int) -> None:
    """Merge what can be, remove what is too old, and sweep what killed processes left."""
    wish = live.home.project.opinion
    upkeep = SqlUpkeep(live.database, live.texts, live.looking.name)
    upkeep.compact(at)
    upkeep.forget(at - wish.keep_days * 24 * HOUR, over=at - wish.story_days * 24 * HOUR)
    upkeep.sweep()
