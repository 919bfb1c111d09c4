"""From texts to what is liked together, in closed form: no gradient, seconds for a large catalogue.

Each item asks for the texts of what its users also liked: its query is the ridge regression of its co-visits on the
texts' vectors, so that query · vector says how often people like both, for items that nobody liked yet too. Its own
text counts as much.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from argosy.recommend.interactions import Floats, Interactions
from argosy.recommend.interest.model import Head, Interest, middle
from argosy.recommend.interest.pooling import Pooling

WIDTH = 64
"""Of the vectors: the directions in which the texts of the catalogue differ most."""
_RIDGE = 3.0
_DOUBT = 10.0  # users that an item is taken to have had beside its own, with other things
_MOST = 200  # last successes of a user that are counted together: nobody's history counts more
_SLOPE = 30.0  # ridge of how popular texts are


def principal(raw: Floats, width: int = WIDTH) -> Floats:
    """The directions in which texts differ most, float32 [dimensions, width at most]."""
    there = raw[raw.any(axis=1)] - middle(raw)
    if not len(there):
        return np.eye(raw.shape[1], min(width, raw.shape[1]), dtype=np.float32)
    _, turned = np.linalg.eigh(there.T @ there)
    return np.ascontiguousarray(turned[:, ::-1][:, :width], np.float32)


def turned(raw: Floats, turn: Floats, pooling: Pooling | None = None) -> Interest:
    """Texts' vectors [items, dimensions] turned by [dimensions, width]; what was had is what is asked for."""
    head = Head(centre=middle(raw), turn=turn, lean=np.zeros(turn.shape[1], np.float32))
    vectors = head.vectors(raw)
    return Interest(vectors=vectors, queries=vectors, head=head, pooling=pooling or Pooling())


def bridged(model: Interest, train: Interactions) -> Interest:
    """The same where an item asks not only for texts like its own, but as much for those of what is liked with it."""
    vectors, liked = model.vectors, _together(train)
    had = np.flatnonzero(np.asarray(liked.sum(axis=0)).ravel() > 0)
    asked = _asked(liked[:, had], vectors[had])
    size = float(np.sqrt((asked**2).sum(axis=1).mean())) if len(had) else 0.0
    if not size:
        return model
    ask = np.eye(vectors.shape[1], dtype=np.float32) + _ridge(vectors[had], asked / size, _RIDGE)
    queries = np.asarray(vectors @ ask, np.float32)
    queries[had] = vectors[had] + asked / size
    return replace(model, queries=queries, head=replace(model.head, ask=ask))


def leaning(model: Interest, train: Interactions, weight: float) -> Interest:
    """The same with ``weight`` times how popular each text is by that of others.

    Popularity is the root of the count in standard deviations; where texts tell nothing of it, little is added.
    """
    counts = np.bincount(train.items[train.success], minlength=train.size).astype(np.float32)
    met = np.flatnonzero((np.bincount(train.items, minlength=train.size) > 0) & model.vectors.any(axis=1))
    if not len(met):
        return model
    roots = np.sqrt(counts[met])
    slope = _ridge(model.vectors[met], (roots - roots.mean())[:, None], _SLOPE)[:, 0]
    spread = float(roots.std())
    lean = slope * (weight / spread) if spread > 0 else np.zeros_like(slope)
    return replace(model, head=replace(model.head, lean=np.asarray(lean, np.float32)))


def refitted(model: Interest, raw: Floats, train: Interactions, weight: float) -> Interest:
    """The same form over the texts' vectors [items, dimensions], learnt from other events, with ``weight`` to lean."""
    again = turned(raw, model.head.turn, model.pooling)
    if model.head.ask is not None:
        again = bridged(again, train)
    leant = leaning(again, train, weight)
    return replace(leant, head=replace(leant.head, prefix=model.head.prefix))


def _together(train: Interactions) -> sparse.csr_matrix:
    """People × items, 1 for each of a person's last successes."""
    rows = np.flatnonzero(train.success)[::-1]
    people, items = train.users[rows], train.items[rows]
    order = np.argsort(people, kind="stable")
    starts = np.searchsorted(people[order], people[order])
    kept = order[np.arange(len(order)) - starts < _MOST]
    shape = (len(train.people), train.size)
    made = sparse.csr_matrix((np.ones(len(kept), np.float32), (people[kept], items[kept])), shape=shape)
    made.data[:] = 1  # what stands twice is one
    return made


def _asked(liked: sparse.csr_matrix, vectors: Floats) -> Floats:
    """Co-visits, less each item's mean and over the roots of both counts, regressed on the vectors."""
    counts = np.asarray(liked.sum(axis=0)).ravel()
    scale = (1 / np.sqrt(counts + _DOUBT)).astype(np.float32)
    centred = vectors - vectors.mean(axis=0)
    told = liked.T @ (liked @ (scale[:, None] * centred))  # without ever holding items × items
    told -= (counts * scale)[:, None] * centred  # an item is not its own company
    gram = centred.T @ centred + _RIDGE * np.eye(centred.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(gram, (scale[:, None] * told).T).T, np.float32)


def _ridge(known: Floats, wanted: Floats, penalty: float) -> Floats:
    """The matrix that makes ``wanted`` of ``known``, float32 [width, columns]."""
    gram = known.T @ known + penalty * np.eye(known.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(gram, known.T @ wanted), np.float32)
