"""A recommender that runs: it follows the log, so that what one process hears all know, and keeps house."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argosy.project.recommending.hub import Hub, open_hub
from argosy.project.recommending.live import LiveRecommendations, open_live
from argosy.project.selling.shop import Shop
from argosy.project.watching.rounds import Job, running
from argosy.store.database import Database

_DAY = 86_400_000_000
error_log = logging.getLogger("argosy.error")


@contextmanager
def serving_recommendations(
    home: Shop, model: Path, database: Database, *, threads: int | None = None
) -> Iterator[LiveRecommendations]:
    """The recommender of a built ``model`` over the store of a project, at work while the block runs."""
    live = open_live(home, model, database, threads=threads)
    ended = threading.Event()
    with open_hub(home.project.recommend.hub, home.project.name) as hub:
        live.told = hub.tell
        follower = threading.Thread(target=_follow, args=(live, hub, ended), name="argosy-recommend", daemon=True)
        follower.start()
        try:
            with running(home, database, [_upkeep(live)], name="argosy-recommend", sends=False):
                yield live
        finally:
            ended.set()
            hub.wake()
            follower.join()


def _follow(live: LiveRecommendations, hub: Hub, ended: threading.Event) -> None:
    """Take what other processes heard, as soon as the hub says so, and several times a second without one."""
    failed = ""
    while not ended.is_set():
        hub.wait()
        try:
            live.caught_up()
            failed = ""
        except Exception as error:  # noqa: BLE001 - a store that is away comes back; it is told once, and tried again
            if failed != type(error).__name__:
                failed = type(error).__name__
                error_log.error("recommend: changes cannot be followed (%s)", failed)


def _upkeep(live: LiveRecommendations) -> Job:
    days = live.home.project.recommend.keep_days

    def done(_: int, __: threading.Event) -> None:
        live.log.keep(days).result()

    return Job(name=f"keep {live.home.project.name}", every=_DAY, work=done)
