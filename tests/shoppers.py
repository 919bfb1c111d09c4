"""A small world of a recommender: texts of six words, and users who take what belongs together."""

from collections.abc import Sequence

import numpy as np

from argosy.recommend.interactions import Floats, Interactions

DAY = 86_400_000_000
TEXTS = ("red boat", "red ship", "", "blue bird", "blue bird song")
WORDS = ("red", "boat", "ship", "blue", "bird", "song")


def embed(texts: Sequence[str]) -> Floats:
    """A vector of the words of each text, at length 1."""
    counts = np.array([[text.split().count(word) for word in WORDS] for text in texts], np.float32)
    return np.asarray(counts.reshape(-1, len(WORDS)) / np.linalg.norm(counts.reshape(-1, len(WORDS)), axis=1)[:, None])


def taken(pairs: Sequence[tuple[int, int]], *, users: int, size: int) -> Interactions:
    """(user, item) as events, one a day, all of them successes."""
    told = np.array(pairs, np.int32)
    return Interactions(
        users=told[:, 0],
        items=told[:, 1],
        times=np.arange(len(told), dtype=np.int64) * DAY,
        kind=np.zeros(len(told), np.int8),
        kinds=("buy",),
        weights={},
        wanted=frozenset({"buy"}),
        people=tuple(map(str, range(users))),
        size=size,
    )


WORLD = 40  # items: boats and ships are liked together though no word of theirs is the same
HULLS = [("boat", "ship")[item % 2] if item < WORLD // 2 else ("bird", "song")[item % 2] for item in range(WORLD)]


def world(seed: int = 3) -> Interactions:
    """Each of 60 users takes ten of one half."""
    rng = np.random.default_rng(seed)
    taken_by = [rng.permutation(WORLD // 2)[:10] + (user % 2) * WORLD // 2 for user in range(60)]
    rows = [(user, int(item)) for place in range(10) for user in range(60) for item in [taken_by[user][place]]]
    return taken(rows, users=60, size=WORLD)
