"""Showing an item now and then to learn about it, with a chance that is known exactly.

At each place, with the chance ``explore``, one of the other candidates is drawn, each as likely; else the best that is
left stands there. So the chance of what stands at a place, given what stands before it, is known without a simulation.
"""

from collections.abc import Mapping, Sequence

import numpy as np

Places = list[tuple[int, float, bool]]


def explored(best: Sequence[int], pool: Sequence[int], explore: float, rng: np.random.Generator) -> Places:
    """The items of a list, each with its chance at its place and whether it was drawn.

    ``best`` are the items in the order they would stand in, ``pool`` all candidates, which hold them; a list is as long
    as ``best``. Where there is nothing else to draw the best one stands for sure.
    """
    left, told = list(best), []
    others = [item for item in pool if item not in set(best)]
    for _ in best:
        rivals = [*left[1:], *others]
        if rivals and rng.random() < explore:
            item, drawn = rivals[int(rng.integers(len(rivals)))], True
            chance = explore / len(rivals)
        else:
            item, drawn, chance = left[0], False, 1 - explore if rivals else 1.0
        told.append((item, chance, drawn))
        (left if item in left else others).remove(item)
    return told


def chances(best: Sequence[int], pool: Sequence[int], before: Sequence[int], explore: float) -> Mapping[int, float]:
    """The chance of each candidate to stand behind ``before``; they sum to 1, where any candidate is left."""
    gone = set(before)
    left = [item for item in best if item not in gone]
    rest = [item for item in pool if item not in gone and item not in set(best)]
    if not left:
        return {}
    rivals = [*left[1:], *rest]
    share = explore / len(rivals) if rivals else 0.0
    return {left[0]: 1 - explore if rivals else 1.0, **dict.fromkeys(rivals, share)}
