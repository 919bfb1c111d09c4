"""What goes into the log of a recommender out of files: the events and items of a build, and files by hand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.config.places import STORE
from argosy.core.artifact import write_atomically
from argosy.core.recommend import Event, Heard
from argosy.project.building.plan import read_lock
from argosy.recommend import reading
from argosy.stages.recommend import events as stage
from argosy.store.recommend.log import SqlRecommendLog

if TYPE_CHECKING:
    from argosy.project.recommending.live import LiveRecommendations

TAKEN = ".argosy/recommend-taken.json"
_SOME = 2_000  # events of a transaction


def take_build(folder: Path, log: SqlRecommendLog) -> None:
    """Take what the last build read, once: each event counts once, also where this was cut off."""
    entry = read_lock(folder).get("events")
    place = folder / STORE / entry.artifact if entry else None
    if entry is None or place is None or not place.is_dir():
        return
    taken = folder / TAKEN
    known = json.loads(taken.read_text(encoding="utf-8")) if taken.is_file() else {}
    if known.get("artifact") == entry.artifact and log.turn():
        return
    log.put(stage.items(place)).result()
    _sum(log, _events_of(place))
    write_atomically(taken, json.dumps({"artifact": entry.artifact}) + "\n")


def take_events(live: "LiveRecommendations", files: Sequence[Path]) -> Heard:
    """Take events out of files with the columns of the project file."""
    columns = live.home.project.recommend.columns.model_dump()
    events, lost = reading.events_of(reading.read_events(files, columns))
    heard = _sum(live.log, iter(events))
    live.follow()
    refused = {**heard.refused, **({"unreadable": lost} if lost else {})}
    return Heard(new=heard.new, again=heard.again, refused=refused)


def take_items(live: "LiveRecommendations", files: Sequence[Path], *, whole: bool) -> tuple[int, int]:
    """Take items out of files; with ``whole``, those that are missing are removed. How many of both."""
    columns = live.home.project.recommend.columns.model_dump()
    items = reading.items_of(reading.read_items(files, columns))
    changed = live.put(items)
    state = live.own.state
    missing = [id_ for id_, place in state.places.items() if not state.standing.gone[place]] if whole else []
    return changed, live.remove(sorted(set(missing) - {item.id for item in items})) if missing else 0


def _sum(log: SqlRecommendLog, events: Iterator[Event]) -> Heard:
    new = again = 0
    refused: dict[str, int] = {}
    while some := list(islice(events, _SOME)):
        heard = log.hear(some).result()
        new, again = new + heard.new, again + heard.again
        for reason, count in heard.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    return Heard(new=new, again=again, refused=refused)


def _events_of(place: Path) -> Iterator[Event]:
    """The events that a build kept, by their ids."""
    catalogue, happened = stage.load(place)
    columns: Mapping[str, Sequence[int]] = {
        name: getattr(happened, name).tolist() for name in ("users", "items", "kind", "times")
    }
    for user, item, kind, at in zip(*columns.values(), strict=True):
        yield Event(user=happened.people[user], item=catalogue.ids[item], kind=happened.kinds[kind], at=at)
