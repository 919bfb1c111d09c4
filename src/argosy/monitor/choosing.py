"""Which texts are worth a person's label: those whose answer is in doubt, unlike each other, and a share at random.

The random ones are drawn first, so that what they show holds for all texts that were offered; doubt alone would choose
the hard ones and tell nothing of the rest. The others are drawn from the most doubtful, some times more than are
wanted, as k-means++ draws its seeds (Arthur and Vassilvitskii 2007): each by its doubt times its distance from the
nearest one that is taken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]

NEAR = 0.95
"""The cosine from which two texts are one for a person who labels."""
_WIDER = 4  # the most doubtful that are drawn from, for each one that is wanted …
_PART = 0.25  # … and as a share of all at most
_BLOCK = 1024  # rows compared at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A row to label; ``weight`` is how many of the rows offered it stands for where it was drawn at random, else 0.

    ``doubt`` is 1 less the distance of the two likeliest labels' probabilities.
    """

    row: int
    doubt: float
    weight: float = 0.0

    @property
    def random(self) -> bool:
        """Whether chance alone chose it."""
        return self.weight > 0


def choose(
    probabilities: Floats,
    vectors: Floats,
    count: int,
    *,
    taken: Floats | None = None,
    random: float = 0.0,
    seed: int = 0,
) -> list[Chosen]:
    """At most ``count`` rows of probabilities [rows, labels] and vectors [rows, width] of length one.

    Near-duplicates (a cosine of ``NEAR``) are one group, of which one row is chosen at most, and none where a vector of
    ``taken`` [others, width] is near. The share ``random`` is drawn first, each group as likely as any other: the sum
    over the random rows of weight · value estimates the sum of the value over all rows that are near none taken.
    """
    rng = np.random.default_rng(seed)
    doubts = doubt(probabilities)
    leader = groups(vectors, taken)
    heads = np.flatnonzero(leader == np.arange(len(leader)))
    sizes = np.bincount(leader[leader >= 0], minlength=len(leader))
    some = rng.permutation(heads)[: min(round(count * random), len(heads))]
    chosen = [
        Chosen(row=int(row), doubt=float(doubts[row]), weight=float(sizes[row]) * len(heads) / len(some))
        for row in some
    ]
    left = _doubtful(np.setdiff1d(heads, some), doubts, count - len(some))
    near = vectors[some] if taken is None else np.concatenate([taken, vectors[some]])
    picked = _spread(doubts[left], vectors[left], near, min(count - len(some), len(left)), rng)
    return chosen + [Chosen(row=int(left[at]), doubt=float(doubts[left[at]])) for at in picked]


def doubt(probabilities: Floats) -> NDArray[np.float64]:
    """1 less the margin between the two likeliest labels [rows]; of one label alone 0."""
    if probabilities.shape[1] < 2:  # noqa: PLR2004 - a margin is between two
        return np.zeros(len(probabilities))
    top = np.partition(probabilities.astype(np.float64), -2, axis=1)[:, -2:]
    return np.asarray(1 - (top[:, 1] - top[:, 0]))


def groups(vectors: Floats, taken: Floats | None = None) -> Integers:
    """For each row the first row that it is near, itself where it is near none before; -1 where it is near a taken one.

    A row joins the first of the rows that lead a group; vectors [rows, width] have length one.
    """
    leader = np.arange(len(vectors))
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        if taken is not None and len(taken):
            leader[start : start + len(block)][(block @ taken.T).max(axis=1) >= NEAR] = -1
        before = np.flatnonzero(leader[:start] == np.arange(start))
        like = block @ np.concatenate([vectors[before], block]).T >= NEAR
        known = np.concatenate([before, np.arange(start, start + len(block))])
        _lead(leader, known, like, start)
    return leader


def _lead(leader: Integers, known: Integers, like: NDArray[np.bool_], start: int) -> None:
    """Let each row of a block join the first leader that it is like: rows [block] against ``known`` rows."""
    for at in range(len(like)):
        row = start + at
        if leader[row] < 0:
            continue
        near = known[like[at]]
        near = near[(near < row) & (leader[near] == near)]
        if len(near):
            leader[row] = near[0]


def _doubtful(rows: Integers, doubts: Floats, count: int) -> Integers:
    """The rows to draw ``count`` from."""
    most = max(count, min(_WIDER * count, round(_PART * len(rows))))
    return rows[np.argsort(-doubts[rows], kind="stable")[:most]]


def _spread(doubts: Floats, vectors: Floats, near: Floats, count: int, rng: np.random.Generator) -> list[int]:
    """Rows drawn one after another by doubt times distance, 1 less the cosine, from the nearest one that is taken."""
    far = np.ones(len(vectors))
    if len(near):
        far = np.minimum(far, 1 - (vectors @ near.T).max(axis=1))
    picked: list[int] = []
    open_ = np.ones(len(vectors))
    for _ in range(count):
        odds = doubts * np.maximum(far, 0.0) * open_
        if not odds.any():  # certain of all that is left: any is as good
            odds = open_
        at = int(rng.choice(len(vectors), p=odds / odds.sum()))
        picked.append(at)
        open_[at] = 0.0
        far = np.minimum(far, 1 - vectors @ vectors[at])
    return picked
