"""Items worth ranking for one history: several sources propose, and take turns; what may not be shown is left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Floats, Ints
from argosy.recommend.nearest import MANY
from argosy.recommend.ranking.standing import DAY, Proposal, Standing

Flags = NDArray[np.bool_]
POPULAR, EVER, FRESH, EXPLORING = "popular", "ever", "fresh", "exploring"
"""The sources beside the models: popular now, popular ever, newly added, and hardly ever met."""
_LATELY = 1  # the span of a standing that "now" is
_WIDER = 4
_SECOND = 1_000_000
_FEW = 10  # one in so many candidates may be fresh, and another one unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Items [candidates], each once, and which source proposed each first: a position in ``names``."""

    items: Ints
    source: NDArray[np.int8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """The number of items."""
        return len(self.items)


def best(scores: Floats, most: int, allowed: Flags) -> Proposal:
    """The best of all items by a score; of equal ones the first position. None below what a score of 0 or less says."""
    places = np.flatnonzero(allowed & (scores > 0))
    if len(places) > most:
        least = -np.partition(-scores[places], most - 1)[most - 1]
        above, equal = places[scores[places] > least], places[scores[places] == least]
        places = np.concatenate([above, equal[: most - len(above)]])
    places = places[np.argsort(-scores[places], kind="stable")]
    return places.astype(np.int32), scores[places]


def fresh(standing: Standing, now: int, days: float, most: int, allowed: Flags) -> Proposal:
    """Items that were added in the last days, the newest first, scored by the share of those days that is left."""
    places = np.flatnonzero(standing.added[: len(standing)] > now - days * DAY)
    places = places[allowed[places] & (standing.added[places] <= now)]
    if len(places) > most:
        newest = -np.partition(-standing.added[places], most)[most]
        places = places[standing.added[places] >= newest]
    places = places[np.argsort(-standing.added[places], kind="stable")][:most]
    return places.astype(np.int32), (1 - (now - standing.added[places]) / (days * DAY)).astype(np.float32)


def unknown(standing: Standing, most: int, allowed: Flags) -> Proposal:
    """The items that were met least often, the later ones of the catalogue first."""
    met = standing.events()
    score = np.where(allowed, 1 / (1 + met), 0).astype(np.float32)
    places, scores = best(score[::-1], most, allowed[::-1])
    return (len(met) - 1 - places).astype(np.int32), scores


def merge(proposals: Mapping[str, Proposal], most: int) -> Candidates:
    """Take turns: the first of every source, the second of every source, …; an item is that of who names it first."""
    names = tuple(proposals)
    items = np.concatenate([items for items, _ in proposals.values()] or [np.empty(0, np.int32)])
    turns = np.concatenate([np.arange(len(found)) for found, _ in proposals.values()] or [np.empty(0, np.int64)])
    source = np.concatenate(
        [np.full(len(found), place, np.int8) for place, (found, _) in enumerate(proposals.values())]
        or [np.empty(0, np.int8)]
    )
    order = np.lexsort((source, turns))
    _, first = np.unique(items[order], return_index=True)
    kept = order[np.sort(first)[:most]]
    return Candidates(items=items[kept].astype(np.int32), source=source[kept], names=names)


def collect(
    models: Mapping[str, Proposal], standing: Standing, allowed: Flags, *, most: int, days: float, now: int
) -> Candidates:
    """Candidates of what each model proposes, the popular, the fresh and the unknown ones.

    ``allowed`` [items] is False for what may not be shown: what was seen, what is gone, what a filter leaves out.
    """
    few = most // _FEW
    proposals = dict(models)
    proposals[POPULAR] = _common(standing, POPULAR, partial(_popular, standing, _LATELY), most, allowed, now)
    proposals[EVER] = _common(standing, EVER, partial(_popular, standing, -1), most, allowed, now)
    proposals[FRESH] = fresh(standing, now, days, few, allowed)
    proposals[EXPLORING] = _common(standing, EXPLORING, partial(unknown, standing), few, allowed, now)
    found = merge(proposals, most)
    if len(found) < most:  # nobody met the rest yet, as after a catalogue was replaced
        proposals[EXPLORING] = unknown(standing, most, allowed)
        found = merge(proposals, most)
    return found


def _popular(standing: Standing, span: int, most: int, allowed: Flags) -> Proposal:
    return best(standing.popular(span), most, allowed)


def _common(
    standing: Standing, name: str, propose: Callable[[int, Flags], Proposal], most: int, allowed: Flags, now: int
) -> Proposal:
    """What a source proposes that is the same for everybody: looked up anew when the standing has changed.

    More are kept than are asked for, because some are not allowed here; where too few are left, all are looked at. Of
    many items it is looked up once a second at most, unless one in a hundred changed.
    """
    wide = _WIDER * most
    kept = standing.common.get(name)
    if kept is None or kept[0][1] != wide or _old(standing, *kept[0], now):
        kept = ((standing.changes, wide, now), propose(wide, ~standing.gone[: len(standing)]))
        standing.common[name] = kept
    items, scores = kept[1]
    here = np.flatnonzero(allowed[items])[:most]
    return (items[here], scores[here]) if len(here) == most or len(items) < wide else propose(most, allowed)


def _old(standing: Standing, changes: int, _: int, moment: int, now: int) -> bool:
    """Whether something kept from a moment, after so many changes, is to be looked up again."""
    size, more = len(standing), standing.changes - changes
    return more > 0 if size <= MANY else more > size // 100 or (more > 0 and not 0 <= now - moment < _SECOND)


def only(standing: Standing, seen: Sequence[int] | Ints) -> Flags:
    """What may be shown, by position: all but the seen and the gone."""
    allowed = ~standing.gone[: len(standing)]
    allowed[np.asarray(seen, np.int64)] = False
    return allowed
