"""The sides of a topic: answers that agree stand together, and of sides that contradict the newer one is kept."""

from collections import Counter
from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

from argosy.assist.mining.facts import difference
from argosy.assist.mining.mined import Difference, Pair
from argosy.assist.mining.wordings import Wording

_LATEST = 5  # of the times that answers which contradict were given in turns: most of these say which is in force
_CHANCE = 1000  # orders in time, of which two are apart: a change that chance shows once in 500 times
_SEVERAL = 3  # times that an answer was given while another was
_ALIKE = 0.85  # cosine of two answers in nearly the same words


def sides_of(
    topic: Sequence[int], wordings: Sequence[Wording], pairs: Sequence[Pair], answers: NDArray[np.float32]
) -> list[tuple[list[int], Difference | None]]:
    """Places of wordings by side, and in what each side but the first differs from one before it.

    ``answers`` are vectors by words [pairs, width]; the wordings given most often take their places first, each at the
    side that it has most figures in common with among those that it does not contradict.
    """
    found: list[tuple[list[int], Difference | None]] = []
    for place in sorted(topic, key=lambda at: (-len(wordings[at].rows), wordings[at].rows)):
        told = [_apart(place, side, wordings, pairs, answers) for side, _ in found]
        homes = [at for at, apart in enumerate(told) if apart is None]
        if homes:
            found[max(homes, key=lambda at: (_shared(place, found[at][0], wordings), -at))][0].append(place)
        else:
            found.append(([place], told[0] if told else None))
    return found


def both_hold(
    one: Sequence[int],
    other: Sequence[int],
    wordings: Sequence[Wording],
    pairs: Sequence[Pair],
    answers: NDArray[np.float32],
) -> bool:
    """Whether two sides (places of wordings) are rather answers to different questions than a change or a slip.

    They are worded differently, and each was given several times while the other was.
    """
    if any(_alike(wordings[at], wordings[to], answers) for at in one for to in other):
        return False
    ours, theirs = (_times([row for at in side for row in wordings[at].rows], pairs) for side in (one, other))
    if min(len(ours), len(theirs)) < _SEVERAL:
        return False
    return sum(at > min(theirs) for at in ours) >= _SEVERAL and sum(at > min(ours) for at in theirs) >= _SEVERAL


def in_force(sides: Sequence[Sequence[int]], pairs: Sequence[Pair]) -> int:
    """Which side (rows of pairs) holds: the one that began when the others had ended.

    Where they were given in turns, the one given most often of the last five times, the newer one of equals.
    """
    given = sorted(((*when(pairs[row]), at) for at, side in enumerate(sides) for row in side), reverse=True)
    newest = given[0][-1]
    rest = [told[-1] for told in given]
    if newest not in rest[len(sides[newest]) :]:
        return newest
    latest = Counter(rest[:_LATEST])
    return max(latest, key=lambda at: (latest[at], -rest.index(at)))


def when(pair: Pair) -> tuple[int, str, int]:
    """By which pairs are ordered in time; those without a time come first."""
    return (-1 if pair.at is None else pair.at, pair.dialogue, pair.index)


def _apart(
    place: int,
    side: Sequence[int],
    wordings: Sequence[Wording],
    pairs: Sequence[Pair],
    answers: NDArray[np.float32],
) -> Difference | None:
    one = wordings[place]
    for at in side:
        other = wordings[at]
        found = difference(one.facts, other.facts, alike=_alike(one, other, answers))
        if found is None and _changed(one, other, pairs):
            found = "different"
        if found is not None:
            return found
    return None


def _shared(place: int, side: Sequence[int], wordings: Sequence[Wording]) -> int:
    figures = wordings[place].facts.figures
    return max(len(figures & wordings[at].facts.figures) for at in side)


def _changed(one: Wording, other: Wording, pairs: Sequence[Pair]) -> bool:
    """Whether one was never given again once the other began, so often that it is no chance."""
    count, more = len(one.rows), len(other.rows)
    if comb(count + more, count) < _CHANCE:
        return False
    ours, theirs = _times(one.rows, pairs), _times(other.rows, pairs)
    return bool(ours and theirs) and (max(ours) < min(theirs) or max(theirs) < min(ours))


def _alike(one: Wording, other: Wording, answers: NDArray[np.float32]) -> bool:
    return one.near == other.near or float(answers[one.rows[0]] @ answers[other.rows[0]]) >= _ALIKE


def _times(rows: Sequence[int], pairs: Sequence[Pair]) -> list[int]:
    return [at for row in rows if (at := pairs[row].at) is not None]
