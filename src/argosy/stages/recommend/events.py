"""Stage *events* of a recommender: its items and what users did, read, tidied and kept as columns; nothing learns."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from argosy.config.schema import Project
from argosy.core.errors import DataError
from argosy.core.recommend import Cut, Item
from argosy.core.records import Dropped, Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.files.read import expand
from argosy.recommend import reading
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.protocol import cutting
from argosy.recommend.tidy import Meaning, Tidied, catalogue_of, tidy
from argosy.stages.data import erased as absent
from argosy.stages.data.erased import Erased
from argosy.stages.site import Site

ITEMS, EVENTS, PEOPLE, FACTS = "items.jsonl", "events.npz", "people.json", "facts.json"
_COLUMNS = ("users", "items", "times", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What columns and kinds mean, from how many events in an hour a user is a machine, and how the test is cut off.

    Files count by their digests, as does the list of erased persons, whom ``erased`` knows.
    """

    columns: Mapping[str, str]
    kinds: Mapping[str, float]
    wanted: tuple[str, ...]
    bots: int
    how: Cut
    share: float
    items: Sequence[Path] = field(metadata=UNKEYED)
    events: Sequence[Path] = field(metadata=UNKEYED)
    erased: Erased = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; raises MissingError where a file is not there."""
    wish = project.recommend
    items, events = expand(wish.items, site.folder), expand(wish.events, site.folder)
    params = Params(
        columns=wish.columns.model_dump(),
        kinds=dict(wish.kinds),
        wanted=tuple(wish.wanted),
        bots=wish.bots,
        how=wish.protocol,
        share=wish.test,
        items=items,
        events=events,
        erased=absent.open_erased(
            site.folder, lambda: site.row_secret(site.folder / project.privacy.key_file), grouped=True
        ),
    )
    files = {f"items/{number}/{path.name}": path for number, path in enumerate(items)}
    files |= {f"events/{number}/{path.name}": path for number, path in enumerate(events)}
    files |= {absent.FILE: site.folder / absent.FILE} if (site.folder / absent.FILE).is_file() else {}
    return Stage(
        name="events", params=params, run=run, files=files, code=("argosy.recommend.tidy", "argosy.recommend.reading")
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Read both files, leave out who is erased and what says nothing, and keep the rest."""
    frame = reading.read_items(params.items, params.columns)
    items = reading.items_of(frame)
    tell(0.2, "items")
    rows = reading.read_events(params.events, params.columns)
    read = rows.height
    rows = _without_erased(rows, params.erased)
    meaning = Meaning(weights=params.kinds, wanted=params.wanted, bots=params.bots)
    tidied = tidy(items, _reused(frame), rows, meaning, time.time_ns() // 1_000)
    tell(0.9, "events")
    if not len(tidied.events):
        raise DataError(
            "No event is left: {reasons}.",
            where=params.events[0].name,
            mend="The ids of items must be those of {items}, times must be over.",
            reasons=", ".join(f"{reason} {count}" for reason, count in tidied.left_out.items()) or "0",
            items=params.items[0].name,
        )
    _keep(out, items, tidied)
    splits = _splits(tidied.events, params)
    _note(out, tidied, splits, read=read, erased=read - rows.height, items=frame.height)


def items(folder: Path) -> list[Item]:
    """The items that ``run`` kept."""
    return [Item.from_json(json.loads(line)) for line in (folder / ITEMS).read_text(encoding="utf-8").splitlines()]


def load(folder: Path) -> tuple[Catalogue, Interactions]:
    """The items by position, and the events that ``run`` kept."""
    kept = np.load(folder / EVENTS)
    told = json.loads((folder / PEOPLE).read_text(encoding="utf-8"))
    catalogue = catalogue_of(items(folder))
    events = Interactions(
        **{name: kept[name] for name in _COLUMNS},
        kinds=tuple(told["kinds"]),
        weights=told["weights"],
        wanted=frozenset(told["wanted"]),
        people=tuple(told["people"]),
        size=len(catalogue),
    )
    return catalogue, events


def facts(folder: Path) -> dict[str, Any]:
    """What was read and kept."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _keep(out: Path, items: Sequence[Item], tidied: Tidied) -> None:
    lines = (json.dumps(item.to_json(), ensure_ascii=False) + "\n" for item in items)
    (out / ITEMS).write_text("".join(lines), encoding="utf-8")
    events = tidied.events
    np.savez(out / EVENTS, **{name: getattr(events, name) for name in _COLUMNS})
    told = {
        "kinds": events.kinds,
        "weights": dict(events.weights),
        "wanted": sorted(events.wanted),
        "people": events.people,
    }
    (out / PEOPLE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _note(out: Path, tidied: Tidied, splits: Mapping[str, int], *, read: int, erased: int, items: int) -> None:
    events = tidied.events
    told = {
        "read": read,
        "kept": len(events),
        "dropped": {**({"erased": erased} if erased else {}), **tidied.left_out},
        "examples": tidied.examples,
        "redacted": None,
        "splits": splits,
        "labels": {},
        "users": len(events.people),
        "catalogue": len(tidied.catalogue),
        "item_rows": items,
        "touched": len(np.unique(events.items)),
        "kinds": {name: int((events.kind == place).sum()) for place, name in enumerate(events.kinds)},
        "wanted": sorted(events.wanted),
        "priced": int(np.isfinite(tidied.catalogue.prices).sum()),
        "untitled": sum(not title.strip() for title in tidied.catalogue.titles),
        "first": _iso(int(events.times[0])),
        "last": _iso(int(events.times[-1])),
    }
    (out / FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _splits(happened: Interactions, params: Params) -> dict[str, int]:
    """Events by part; the validation part is cut from what is learnt from, in the same way."""
    whole = cutting.cut(happened, params.how, params.share).train
    inner = cutting.cut(whole, params.how, params.share).train
    return {"train": len(inner), "validation": len(whole) - len(inner), "test": len(happened) - len(whole)}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="seconds")


def _reused(frame: pl.DataFrame) -> set[str]:
    """Ids that stand for items of several titles: the last one has it now."""
    several = frame.group_by("item").agg(pl.col("title").n_unique()).filter(pl.col("title") > 1)
    return set(several.get_column("item").drop_nulls().to_list())


def _without_erased(rows: pl.DataFrame, erased: Erased) -> pl.DataFrame:
    if not erased.groups:
        return rows
    users = rows.get_column("user").drop_nulls().unique().to_list()
    gone = [user for user in users if isinstance(erased(Example(id="", text="", meta={"group": user})), Dropped)]
    return rows.filter(~pl.col("user").is_in(gone))
