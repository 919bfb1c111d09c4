"""The whole recommender behind one door: models propose, features are made, a ranker orders, rules have their say."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, History, Ints
from argosy.recommend.ranking import ranker
from argosy.recommend.ranking.diversity import by_tags, choose
from argosy.recommend.ranking.examples import Learning, Past
from argosy.recommend.ranking.features import names
from argosy.recommend.ranking.looking import Looking, look
from argosy.recommend.ranking.ranker import Chosen, Ranker
from argosy.recommend.ranking.reasons import Reason, explain
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.scorer import Load, Scorer

FILE = "system.json"
"""Where is told how histories are looked at."""
POOL = 50
"""Items that are drawn from to learn: the fewer, the fewer lists tell how good another ranker is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A list for one history, the best first: items [n], the ranker's scores [n], what proposed each first, and why.

    ``pool`` are the POOL best that the ranker ordered, before rules and diversity had their say: what may be shown to
    learn about it.
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
    how: Looking = field(default_factory=Looking)

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
        found, matrix = look(self.scorers, self.how, history, standing, allowed)
        values = self.ranker.order(matrix)
        alike = by_tags(found.items, standing)
        chosen = choose(found.items, values, n, standing=standing, rules=rules or Rules(), alike=alike)
        sources = tuple(found.names[place] for place in found.source[chosen])
        columns = names(tuple(self.scorers))
        told = {name: matrix[chosen, columns.index(f"{name}_z")] for name in self.scorers}
        items = found.items[chosen]
        return Ranked(
            items=items,
            scores=values[chosen],
            sources=sources,
            reasons=tuple(explain(history, items, columns=told, sources=sources, scorers=self.scorers)),
            pool=found.items[np.argsort(-values, kind="stable")[:POOL]],
        )

    def scores(self, histories: Sequence[History], standing: Standing) -> Floats:
        """What its ranker says, without rules, float32 [histories, items]: NaN of those that are no candidates."""
        told = np.full((len(histories), len(standing)), np.nan, np.float32)
        for row, history in enumerate(histories):
            found, matrix = look(self.scorers, self.how, history, standing)
            told[row, found.items] = self.ranker.order(matrix)
        return told

    def save(self, folder: Path) -> None:
        """Write the ranker and the settings, and each model into a folder of its name."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, scorer in self.scorers.items():
            scorer.save(folder / name)
        self.ranker.save(folder)
        told = {"scorers": list(self.scorers), "how": asdict(self.how)}
        (folder / FILE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, loads: Mapping[str, Load]) -> Self:
        """What ``save`` wrote; ``loads`` opens each model by its name."""
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        scorers = {name: loads[name](folder / name) for name in told["scorers"]}
        return cls(scorers=scorers, ranker=ranker.load(folder), how=Looking(**told["how"]))


def fit(past: Past, learning: Learning) -> tuple[System, Chosen]:
    """The system of what happened, and how its ranker was chosen.

    Its lists are cut inside of the past, and made by models of what was before each; then all models see all of it.
    """
    scorers = tuple(past.makes)
    chosen = ranker.choose(past.lists(learning), names(scorers), scorers, seed=learning.seed)
    fitted = {name: make(past.events) for name, make in past.makes.items()}
    return System(scorers=fitted, ranker=chosen.ranker, how=past.how), chosen
