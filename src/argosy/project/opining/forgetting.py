"""What somebody wants to have removed from an opinion monitor, for good; counts stay, for they hold no text."""

from argosy.project.opining.live import LiveOpinion
from argosy.project.opining.teaching import teach
from argosy.store.opinion.upkeep import SqlUpkeep


def forget(live: LiveOpinion, *, text: str = "", author: str = "") -> int:
    """Remove a text by its id, or all of an author by the name that the source tells; how many there were.

    What was said of them teaches no longer; a model that has learnt from it is built anew by the next run.
    """
    home = live.home
    upkeep = SqlUpkeep(live.database, live.texts, live.looking.name)
    removed = upkeep.erase([text] if text else (), author=live.models.reader.pseudonym(author) if author else "")
    if author:  # what waits in the inbox has its author's own name
        removed += upkeep.erase(author=author)
    teach(home.project, home.folder, live.log.corrections())
    return removed
