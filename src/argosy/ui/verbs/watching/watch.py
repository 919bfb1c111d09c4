"""``argosy watch``: how the models that a project serves are doing, and what left its usual course."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from argosy.config import file
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.look import Look, look
from argosy.project.watching.rounds import LATE, now
from argosy.ui.speech import note, out, say, t
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.watching.screen import Screen

_MINUTE, _SECOND = 60_000_000, 1_000_000  # microseconds


def watch(folder: Path, *, days: int, follow: bool, as_json: bool) -> None:
    """Look once, or with ``follow`` after each period until ctrl-C."""
    shop = Shop(project=file.load(folder), folder=folder)
    _show(shop, _looked(shop, days), as_json=as_json)
    if follow:
        note(t("It looks again after each period; ctrl-C ends."))
        with suppress(KeyboardInterrupt):
            _repeat(shop, lambda: _show(shop, _looked(shop, days), as_json=as_json))


def _repeat(shop: Shop, show: Callable[[], None]) -> None:
    every = shop.project.watch.every_minutes * _MINUTE
    while True:
        at = now()
        due = (at - LATE) // every * every + every + LATE
        time.sleep((due - at) / _SECOND)  # until the next period is whole; ctrl-C ends it
        show()


def _looked(shop: Shop, days: int) -> list[Look]:
    with open_store(shop.sell, shop.folder) as database:
        return look(shop, database, now(), days=days)


def _show(shop: Shop, looks: list[Look], *, as_json: bool) -> None:
    if as_json:
        say_json({"models": [{"at": one.at, "through": one.through, **one.found} for one in looks]})
        return
    if not looks:
        say(t("No model is served here yet. Build one: argosy run; serve it: argosy serve"))
    for one in looks:
        out.print(Screen(found=one.found, at=one.through, t=t, zone=ZoneInfo(shop.sell.time_zone)))
