"""An opinion monitor that runs: it listens, looks each hour, finds what emerges, makes briefs, and keeps house.

Every process that serves listens: streams share themselves out, and of files, feeds and pages each post counts once.
Other jobs are done by whose turn it is (see ``store.watching.turns``).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from argosy.core.opinion import HOUR
from argosy.project.opining.briefing import send_brief
from argosy.project.opining.groups import find_groups
from argosy.project.opining.live import LiveOpinion, open_opinion
from argosy.project.opining.upkeep import keep_house
from argosy.project.selling.shop import Shop
from argosy.project.watching.rounds import Job, running
from argosy.store.database import Database

_MINUTE = 60_000_000
_DAY = 24 * HOUR


@contextmanager
def serving_opinion(
    home: Shop, model: Path, database: Database, *, threads: int | None = None
) -> Iterator[LiveOpinion]:
    """The monitor of a built ``model`` over the store of a project, at work while the block runs."""
    live = open_opinion(home, model, database, threads=threads)
    with ExitStack() as stack:
        stack.enter_context(live.listening())
        stack.enter_context(
            running(home, database, jobs_of(live), name="argosy-opinion", sends=home.project.sell is None)
        )
        yield live


def jobs_of(live: LiveOpinion) -> list[Job]:
    """What is to be done, and how often."""
    name = live.looking.model

    def job(word: str, every: int, work: Callable[[int], object], *, late: int = 0) -> Job:
        def done(at: int, _: threading.Event) -> None:
            work(at)

        return Job(name=f"{word} {name}", every=every, work=done, late=late)

    return [
        job("look", _MINUTE, live.look),
        job("groups", HOUR, partial(find_groups, live), late=2 * _MINUTE),
        job("brief", HOUR // 4, partial(send_brief, live)),
        job("keep", HOUR, partial(keep_house, live)),
    ]
