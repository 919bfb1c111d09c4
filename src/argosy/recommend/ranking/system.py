"""The whole recommender behind one door: models propose, features are made, a ranker orders. One path for all uses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Catalogue, Floats, History, Interactions, Ints
from argosy.recommend.ranking import candidates, features, ranker
from argosy.recommend.ranking.candidates import Candidates
from argosy.recommend.ranking.diversity import by_tags, choose
from argosy.recommend.ranking.learning import Lists, histories, moments, recent
from argosy.recommend.ranking.ranker import Chosen, Ranker
from argosy.recommend.ranking.reasons import Reason, explain
from argosy.recommend.ranking.rules import Rules
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
    is looked up in the next share ``horizon`` of them. All of a history is not shown again, and its last
    ``remember`` events are what models look at.
    """

    candidates: int = 300
    remember: int = 200
    fresh_days: float = 14.0
    repeat: bool = False
    cuts: int = 8
    first: float = 0.3
    horizon: float = 0.2
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A list for one history, the best first: items [n], the ranker's scores [n], what proposed each first, and why.

    ``pool`` are all items that the ranker ordered, the best first, before rules and diversity had their say.
    """

    items: Ints
    scores: Floats
    sources: tuple[str, ...]
    reasons: tuple[Reason, ...]
    pool: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Models by name and the ranker of what they propose; it knows no user and no count, which a standing holds."""

    scorers: Mapping[str, Scorer]
    ranker: Ranker
    settings: Settings = field(default_factory=Settings)

    def best(
        self,
        history: History,
        standing: Standing,
        n: int,
        *,
        rules: Rules | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Ranked:
        """The best ``n``; ``allowed`` [items] leaves out more than what was seen, what is gone and what rules exclude.

        ``rules`` are those by which the standing was made.
        """
        found, scores, matrix = look(self.scorers, self.settings, history, standing, allowed)
        values = self.ranker.order(matrix)
        alike = by_tags(found.items, standing)
        chosen = choose(found.items, values, n, standing=standing, rules=rules or Rules(), alike=alike)
        sources = tuple(found.names[place] for place in found.source[chosen])
        columns = features.names(tuple(scores))
        told = {name: matrix[chosen, columns.index(f"{name}_z")] for name in scores}
        items = found.items[chosen]
        return Ranked(
            items=items,
            scores=values[chosen],
            sources=sources,
            reasons=tuple(explain(history, items, columns=told, sources=sources, scorers=self.scorers)),
            pool=found.items[np.argsort(-values, kind="stable")],
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
        return cls(scorers=scorers, ranker=ranker.load(folder), settings=Settings(**told["settings"]))


def fit(
    events: Interactions, catalogue: Catalogue, makes: Mapping[str, Make], settings: Settings
) -> tuple[System, Chosen]:
    """The system of what happened, and how its ranker was chosen.

    Lists are cut at moments inside of it, by models of what was before each; then all models see all of it.
    """
    lists = [
        past(events, catalogue, makes, settings, start, end)
        for start, end in moments(events, settings.cuts, settings.first, settings.horizon)
    ]
    chosen = ranker.choose(lists, features.names(tuple(makes)), tuple(makes), seed=settings.seed)
    scorers = {name: make(events) for name, make in makes.items()}
    return System(scorers=scorers, ranker=chosen.ranker, settings=settings), chosen


def past(
    events: Interactions, catalogue: Catalogue, makes: Mapping[str, Make], settings: Settings, start: int, end: int
) -> Lists:
    """What would have been ranked at ``start``, by models of what was before, and what was chosen until ``end``."""
    before, after = events.before(start), events.where((events.times >= start) & (events.times < end) & events.success)
    scorers = {name: make(before) for name, make in makes.items()}
    standing = Standing.of(before, catalogue)
    users = np.unique(after.users)
    matrices, successes, ideals, whose = [], [], [], []
    for user, history in zip(users, histories(before, users, start), strict=True):
        chosen = np.unique(after.items[after.users == user])
        chosen = chosen if settings.repeat else np.setdiff1d(chosen, history.items)
        found, _, matrix = look(scorers, settings, history, standing)
        success = np.isin(found.items, chosen).astype(np.float32)
        if success.any():
            matrices.append(matrix)
            successes.append(success)
            ideals.append(len(chosen))
            whose.append(user)
    columns = len(features.names(tuple(makes)))
    return Lists(
        matrix=np.concatenate([np.empty((0, columns), np.float32), *matrices]),
        success=np.concatenate([np.empty(0, np.float32), *successes]),
        sizes=np.array([len(one) for one in successes], np.int32),
        ideal=np.array(ideals, np.int32),
        users=np.array(whose, np.int32),
        start=start,
        end=end,
    )


def look(
    scorers: Mapping[str, Scorer],
    settings: Settings,
    history: History,
    standing: Standing,
    allowed: NDArray[np.bool_] | None = None,
) -> tuple[Candidates, dict[str, Floats], Floats]:
    """The candidates for a history, their scores by model, and their features: the one path of training and serving."""
    may = candidates.only(standing, [] if settings.repeat else history.items)
    may = may if allowed is None else may & allowed
    history = recent(history, settings.remember)
    scores = {name: _all(scorer.scores([history])[0], len(standing)) for name, scorer in scorers.items()}
    found = candidates.collect(
        scores, standing, may, most=settings.candidates, days=settings.fresh_days, now=history.now
    )
    theirs = {name: values[found.items] for name, values in scores.items()}
    return found, theirs, features.features(history, found.items, standing, theirs)


def _all(scores: Floats, size: int) -> Floats:
    """Scores of all items [size]: NaN for those that came after the model."""
    return scores if len(scores) >= size else np.pad(scores, (0, size - len(scores)), constant_values=np.nan)
