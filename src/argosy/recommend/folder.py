"""The folder of a recommender: written by the build, opened by whoever serves it; no user is in it.

``items.jsonl`` are the items by position, ``system/`` the models and the ranker (the text model among them), and
``probes.json`` histories of nobody with the lists that the build made of them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from argosy.core.errors import GateError
from argosy.core.recommend import Item
from argosy.recommend.baselines.ials import Factors
from argosy.recommend.baselines.pairs import Pairs
from argosy.recommend.interactions import Catalogue, History
from argosy.recommend.interest import model as interest
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.features import names, popular
from argosy.recommend.ranking.looking import Looking
from argosy.recommend.ranking.standing import HALF_LIVES, Standing
from argosy.recommend.ranking.system import System
from argosy.recommend.scorer import Load, Scorer, Settings
from argosy.recommend.tidy import catalogue_of

ITEMS, SYSTEM, PROBES = "items.jsonl", "system", "probes.json"
TEXT = "text"
_LOADS: Mapping[str, Load] = MappingProxyType(
    {
        "neighbours": Pairs.load,
        "covisits": Pairs.load,
        "ease": Pairs.load,
        "ials": Factors.load,
        TEXT: interest.load,
    }
)
_PROBES, _PLACES, _TOLERANCE = 5, 10, 1e-3
_MOMENT = 1_700_000_000_000_000  # of the probes: nobody's


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a folder holds."""

    items: Sequence[Item]
    catalogue: Catalogue
    system: System


def write(out: Path, items: Sequence[Item], system: System) -> None:
    """Write the items, the models and the probes."""
    lines = (json.dumps(item.to_json(), ensure_ascii=False) + "\n" for item in items)
    (out / ITEMS).write_text("".join(lines), encoding="utf-8")
    system.save(out / SYSTEM)
    (out / PROBES).write_text(json.dumps(_probed(system, catalogue_of(items)), indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> Kept:
    """What ``write`` wrote; raises GateError where the models rank the probes in another way than when it was built."""
    lines = (folder / ITEMS).read_text(encoding="utf-8").splitlines()
    items = [Item.from_json(json.loads(line)) for line in lines]
    catalogue, system = catalogue_of(items), System.load(folder / SYSTEM, _LOADS)
    known = json.loads((folder / PROBES).read_text(encoding="utf-8"))
    for there, here in zip(known, _probed(system, catalogue), strict=True):
        if not np.allclose(there["scores"], here["scores"], atol=_TOLERANCE, rtol=_TOLERANCE):
            raise GateError(
                "The recommender ranks in another way here than where it was built.",
                where=str(folder),
                mend="Build it on this machine: argosy run",
            )
    return Kept(items=items, catalogue=catalogue, system=system)


def alone(name: str, settings: Settings, scorers: Mapping[str, Scorer], how: Looking) -> System:
    """A system in which one model orders, or where the name is none of theirs, what is popular of late.

    Popular is then the count whose half-life is nearest to that of the ``settings``.
    """
    life = settings.get("half_life") or math.inf
    span = min(range(len(HALF_LIVES)), key=lambda place: abs(math.log(min(HALF_LIVES[place], 1e4) / min(life, 1e4))))
    lately = {popular()[span]: 1.0}
    known = {f"{name}_z": 1.0} if name in scorers else lately
    return System(scorers=scorers, ranker=Blend(names=names(tuple(scorers)), known=known, strangers=lately), how=how)


def _probed(system: System, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Histories of a few items each, spread over the catalogue, with the scores of their lists."""
    standing = Standing(0)
    for place in range(len(catalogue)):
        standing.place(place)
    told = []
    for number in range(min(_PROBES, len(catalogue))):
        items = np.unique(np.linspace(number, len(catalogue) - 1, 3).astype(np.int32))
        history = History(
            items=items,
            times=np.full(len(items), _MOMENT, np.int64),
            strength=np.ones(len(items), np.float32),
            success=np.ones(len(items), bool),
            now=_MOMENT,
        )
        found = system.best(history, standing, _PLACES)
        told.append({"history": items.tolist(), "scores": [round(float(one), 6) for one in found.scores]})
    return told
