"""Models that say of pairs of items how much one speaks for the other: EASE, ItemKNN, what is taken together.

EASE: Steck 2019, "Embarrassingly shallow autoencoders". ItemKNN: cosine of the users' columns, shrunk (Sarwar et al.
2001). Taken together: successes of one user that follow each other closely, the later one for the earlier one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from scipy import sparse

from argosy.recommend.baselines.products import cosines, largest, latest
from argosy.recommend.baselines.weights import DAY, tastes
from argosy.recommend.interactions import Catalogue, Floats, History, Interactions, Ints
from argosy.recommend.nearest import Near
from argosy.recommend.scorer import Settings

MOST = 20_000  # items up to which EASE's matrix has room: 1.6 GB
KEPT = 200  # others of each item that are kept, where there are more items than that many times ten
_FILE, _FACTS = "pairs.npz", "pairs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """``matrix`` [items, items]: how much a success with the row's item speaks for the column's."""

    name: str
    matrix: sparse.csr_matrix
    half_life: float = 0.0
    hint: float = 0.0

    def scores(self, histories: Sequence[History]) -> Floats:
        """Shape (histories, items)."""
        told = [tastes(history, self.matrix.shape[0], self.half_life, self.hint) for history in histories]
        ends = np.cumsum([0, *(len(items) for items, _ in told)])
        columns = np.concatenate([np.empty(0, np.int32), *(items for items, _ in told)])
        values = np.concatenate([np.empty(0, np.float32), *(worth for _, worth in told)])
        rows = sparse.csr_matrix((values, columns, ends), shape=(len(histories), self.matrix.shape[0]))
        return np.asarray((rows @ self.matrix).todense(), np.float32)

    def near(self, history: History, most: int) -> Near:
        """The ``most`` items that a history speaks for most, without a look at those that it does not speak for."""
        items, worth = tastes(history, self.matrix.shape[0], self.half_life, self.hint)
        told = sparse.csr_matrix((worth, items, [0, len(items)]), shape=(1, self.matrix.shape[0])) @ self.matrix
        told.sort_indices()
        places, totals = told.indices, told.data

        def of(asked: Ints) -> Floats:
            if not len(places):
                values = np.zeros(len(asked), np.float32)
            else:
                at = np.minimum(np.searchsorted(places, asked), len(places) - 1)
                values = np.where(places[at] == asked, totals[at], 0).astype(np.float32)
            values[asked >= self.matrix.shape[0]] = np.nan
            return values

        found = np.flatnonzero(totals > 0)
        order = found[np.lexsort((places[found], -totals[found]))][:most]
        items, scores = places[order].astype(np.int32), totals[order].astype(np.float32)
        return Near(items=items, scores=scores, of=of, whole=len(order) == len(found))

    def between(self, history: Ints, items: Ints) -> Floats:
        """How much each item of a history speaks for each item: float32 [history, items]; 0 of what came later."""
        last = self.matrix.shape[0] - 1
        told = np.asarray(self.matrix[np.minimum(history, last)][:, np.minimum(items, last)].todense(), np.float32)
        return np.asarray(told * (history <= last)[:, None] * (items <= last), np.float32)

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        sparse.save_npz(folder / _FILE, self.matrix)
        told = {"name": self.name, "half_life": self.half_life, "hint": self.hint}
        (folder / _FACTS).write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote."""
        told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return cls(matrix=sparse.load_npz(folder / _FILE).tocsr(), **told)


def ease(events: Interactions, catalogue: Catalogue, settings: Settings) -> Pairs:
    """EASE with ``ridge``; raises ValueError above MOST items, whose matrix has no room."""
    if events.size > MOST:
        raise ValueError(events.size)
    successes = _ones(events)
    gram = (successes.T @ successes).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += settings["ridge"]
    inverse = np.linalg.inv(gram)
    matrix = -inverse / np.diag(inverse)
    np.fill_diagonal(matrix, 0)
    return _pairs("ease", sparse.csr_matrix(matrix.astype(np.float32)), settings)


def neighbours(events: Interactions, catalogue: Catalogue, settings: Settings) -> Pairs:
    """ItemKNN: cosines of successes, ``shrink`` added to each product of lengths, the ``nearest`` ones kept."""
    successes = _ones(latest(events.where(events.success)))
    return _pairs("neighbours", cosines(successes, int(settings["nearest"]), settings["shrink"]), settings)


def covisits(events: Interactions, catalogue: Catalogue, settings: Settings) -> Pairs:
    """What is taken ``steps`` events or fewer after another one by the same user, and within ``hours``.

    Each pair counts less the farther apart it stands, and over the root of how often the later one is taken at all.
    """
    taken = latest(events.where(events.success))
    order = np.lexsort((taken.times, taken.users))
    users, items, times = taken.users[order], taken.items[order], taken.times[order]
    rows, columns, values = [], [], []
    for step in range(1, int(settings["steps"]) + 1):
        near = (users[step:] == users[:-step]) & (times[step:] - times[:-step] <= settings["hours"] * DAY / 24)
        near &= items[step:] != items[:-step]
        rows.append(items[:-step][near])
        columns.append(items[step:][near])
        values.append(np.full(int(near.sum()), 1 / step, np.float32))
    taken_at_all = np.sqrt(np.bincount(items, minlength=events.size) + 1.0)
    row, column = np.concatenate(rows), np.concatenate(columns)
    weighed = np.concatenate(values) / taken_at_all[column]
    matrix = sparse.csr_matrix((weighed.astype(np.float32), (row, column)), shape=(events.size, events.size))
    matrix.sum_duplicates()
    return _pairs("covisits", largest(matrix, KEPT), settings)


def _pairs(name: str, matrix: sparse.csr_matrix, settings: Settings) -> Pairs:
    return Pairs(name=name, matrix=matrix, half_life=settings.get("half_life", 0.0), hint=settings.get("hint", 0.0))


def _ones(events: Interactions) -> sparse.csr_matrix:
    found = events.matrix()
    found.data[:] = 1
    return found
