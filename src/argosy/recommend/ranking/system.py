"""The whole recommender behind one door: models propose, features are made, a ranker orders. One path for all uses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Catalogue, Floats, History, Interactions, Ints
from argosy.recommend.ranking import blend, candidates, features
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.candidates import Candidates
from argosy.recommend.ranking.learning import Lists, histories, moments
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.scorer import Load, Scorer

Make = Callable[[Interactions], Scorer]
"""Fits one model, settings and catalogue included, on what happened before a cut."""
FILE = "system.json"
"""Where the settings are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How lists are made and what the ranker learns from.

    The ranker's lists are cut at ``cuts`` moments, the first behind the share ``first`` of the events; what was chosen
    is looked up in the next ``horizon`` of them, behind the last cut in all that are left.
    """

    candidates: int = 300
    remember: int = 1_000
    fresh_days: float = 14.0
    repeat: bool = False
    cuts: int = 6
    first: float = 0.4
    horizon: float = 0.2
    penalty: float = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A list for one history, the best first: items [n], their scores [n], and where each came from first."""

    items: Ints
    scores: Floats
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Models by name and the ranker of what they propose; it knows no user and no count, which a standing holds."""

    scorers: Mapping[str, Scorer]
    ranker: Blend
    settings: Settings = field(default_factory=Settings)

    def list(self, history: History, standing: Standing, n: int, allowed: NDArray[np.bool_] | None = None) -> Ranked:
        """The best ``n``; ``allowed`` [items] leaves out more than what was seen and what is gone."""
        found, matrix = look(self.scorers, self.settings, history, standing, allowed)
        scores = self.ranker.order(matrix)
        order = np.argsort(-scores, kind="stable")[:n]
        return Ranked(
            items=found.items[order],
            scores=scores[order],
            source=tuple(found.names[place] for place in found.source[order]),
        )

    def save(self, folder: Path) -> None:
        """Write the ranker and the settings, and each model into a folder of its name."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, scorer in self.scorers.items():
            scorer.save(folder / name)
        self.ranker.save(folder)
        told = {"scorers": list(self.scorers), "settings": asdict(self.settings)}
        (folder / FILE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, loads: Mapping[str, Load]) -> Self:
        """What ``save`` wrote; ``loads`` opens each model by its name."""
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        scorers = {name: loads[name](folder / name) for name in told["scorers"]}
        return cls(scorers=scorers, ranker=Blend.load(folder), settings=Settings(**told["settings"]))


def fit(events: Interactions, catalogue: Catalogue, makes: Mapping[str, Make], settings: Settings) -> System:
    """The system of what happened: rankers learn at cuts inside of it, then all models see all of it."""
    lists = [
        past(events, catalogue, makes, settings, start, end)
        for start, end in moments(events, settings.cuts, settings.first, settings.horizon)
    ]
    names, linear = features.names(tuple(makes)), features.linear(tuple(makes))
    ranker = blend.fit(Lists.joined(lists), names, linear, settings.penalty)
    return System(scorers={name: make(events) for name, make in makes.items()}, ranker=ranker, settings=settings)


def past(
    events: Interactions, catalogue: Catalogue, makes: Mapping[str, Make], settings: Settings, start: int, end: int
) -> Lists:
    """What would have been ranked at ``start``, by models of what was before, and what was chosen until ``end``."""
    before, after = events.before(start), events.where((events.times >= start) & (events.times < end) & events.success)
    scorers = {name: make(before) for name, make in makes.items()}
    standing = Standing.of(before, catalogue)
    users = np.unique(after.users)
    matrices, successes, ideals = [], [], []
    for user, history in zip(users, histories(before, users, start, settings.remember), strict=True):
        chosen = np.unique(after.items[after.users == user])
        chosen = chosen if settings.repeat else np.setdiff1d(chosen, history.items)
        found, matrix = look(scorers, settings, history, standing)
        success = np.isin(found.items, chosen).astype(np.float32)
        if success.any():
            matrices.append(matrix)
            successes.append(success)
            ideals.append(len(chosen))
    columns = len(features.names(tuple(makes)))
    return Lists(
        matrix=np.concatenate([np.empty((0, columns), np.float32), *matrices]),
        success=np.concatenate([np.empty(0, np.float32), *successes]),
        sizes=np.array([len(one) for one in successes], np.int32),
        ideal=np.array(ideals, np.int32),
    )


def look(
    scorers: Mapping[str, Scorer],
    settings: Settings,
    history: History,
    standing: Standing,
    allowed: NDArray[np.bool_] | None = None,
) -> tuple[Candidates, Floats]:
    """The candidates for a history and what the ranker knows of them: the one path of training and serving."""
    may = candidates.only(standing, [] if settings.repeat else history.items)
    may = may if allowed is None else may & allowed
    scores = {name: _all(scorer.scores([history])[0], len(standing)) for name, scorer in scorers.items()}
    found = candidates.collect(
        scores, standing, may, most=settings.candidates, days=settings.fresh_days, now=history.now
    )
    theirs = {name: values[found.items] for name, values in scores.items()}
    return found, features.features(history, found.items, standing, theirs)


def _all(scores: Floats, size: int) -> Floats:
    """Scores of all items [size]: NaN for those that came after the model."""
    return scores if len(scores) >= size else np.pad(scores, (0, size - len(scores)), constant_values=np.nan)
