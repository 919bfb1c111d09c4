"""Models that do not look at the history: what is popular lately, and chance."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from argosy.recommend.baselines.weights import DAY
from argosy.recommend.interactions import Catalogue, Floats, History, Interactions
from argosy.recommend.scorer import Settings

_FILE, _FACTS = "plain.npy", "plain.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One score an item, for everybody."""

    name: str
    items: Floats

    def scores(self, histories: Sequence[History]) -> Floats:
        """Shape (histories, items)."""
        return np.tile(self.items, (len(histories), 1))

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _FILE, self.items)
        (folder / _FACTS).write_text(json.dumps({"name": self.name}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote."""
        told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return cls(items=np.load(folder / _FILE), name=str(told["name"]))


def popularity(events: Interactions, catalogue: Catalogue, settings: Settings) -> Plain:
    """Successes, each half as much after ``half_life`` days before the last event; 0: all alike."""
    taken = events.where(events.success)
    worth = np.ones(len(taken))
    if settings["half_life"] > 0 and len(events):
        worth = np.exp2((taken.times - events.times[-1]) / (settings["half_life"] * DAY))
    return Plain(name="popularity", items=np.bincount(taken.items, worth, events.size).astype(np.float32))


def chance(events: Interactions, catalogue: Catalogue, settings: Settings) -> Plain:
    """A seeded order of the items."""
    drawn = np.random.default_rng(int(settings["seed"])).random(events.size)
    return Plain(name="chance", items=drawn.astype(np.float32))
