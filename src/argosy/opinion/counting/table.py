"""Tables of an opinion monitor: hour by hour for one topic or entity, and a line for each of them.

What is counted are stories: reposts stand beside them as ``texts``. The sentiments are corrected for the classifier's
errors; topics are not. A text that was put under a wrong topic counts there as it is, so that a line's numbers are
those of the texts that were said to be of the topic, and a line's share is right of these.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.opinion import HOUR, SENTIMENTS, Cell
from argosy.opinion.counting.errors import Errors
from argosy.opinion.counting.shares import Change, Said, Share, changes, combined, numbers

_PLACE: Mapping[str, int] = {name: place for place, name in enumerate(SENTIMENTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An hour: its texts with reposts, its stories, and the share of negative among these."""

    start: int
    texts: int
    stories: int
    share: Share

    def to_json(self) -> dict[str, Any]:
        """Plain values: ``start texts stories negative low high raw doubt``."""
        return {"start": self.start, "texts": self.texts, "stories": self.stories, **_share(self.share)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A topic or entity over some hours: the share of negative stories, their number, and the change of the share.

    ``before`` counts the stories of the time before, which ``change`` is held against: as long a one, or as many hours
    as the line was asked for. ``validated``: every language in it has test rows enough.
    """

    name: str
    texts: int
    stories: int
    before: int
    share: Share
    number: Share
    change: Change
    validated: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values: the fields, and those of the share as ``negative low high raw doubt``."""
        return {
            **{name: getattr(self, name) for name in ("name", "texts", "stories", "before", "validated")},
            **_share(self.share),
            "number": self.number.to_json(),
            "change": self.change.to_json(),
        }


def trend(
    cells: Iterable[Cell], errors: Errors, start: int, end: int, *, topic: str = "", entity: str = ""
) -> list[Point]:
    """Every hour from ``start`` on and before ``end``, those without a text too; an empty topic or entity means all.

    ``errors`` are those of what the cells hold: of whole texts, or of what is felt about an entity.
    """
    first = start - start % HOUR
    hours = range(first, end, HOUR)
    mine = [one for one in cells if first <= one.start < end and one.entity == entity and topic in ("", one.topic)]
    counted = _counted(mine, len(hours), lambda one: (one.start - first) // HOUR)
    shares = combined(counted.said, errors)
    return [
        Point(start=hour, texts=int(counted.texts[at]), stories=share.n, share=share)
        for at, (hour, share) in enumerate(zip(hours, shares, strict=True))
    ]


def topic_lines(cells: Iterable[Cell], errors: Errors, end: int, hours: int, past: int = 0) -> list[Line]:
    """A line for each topic spoken of in the hours before ``end`` or the time before; most stories first.

    The time before are ``past`` hours, or as many as ``hours``.
    """
    return _lines([one for one in cells if not one.entity], errors, (end, hours, past), lambda one: one.topic)


def entity_lines(cells: Iterable[Cell], errors: Errors, end: int, hours: int, past: int = 0) -> list[Line]:
    """The same for each entity; ``errors`` are those of what is felt about entities."""
    return _lines([one for one in cells if one.entity], errors, (end, hours, past), lambda one: one.entity)


def whole_line(cells: Iterable[Cell], errors: Errors, end: int, hours: int, past: int = 0) -> Line:
    """All texts together, as one line without a name."""
    found = _lines([one for one in cells if not one.entity], errors, (end, hours, past), lambda _: "", ("",))
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """By language, stories by sentiment [groups, 3]; and texts with their reposts [groups]."""

    said: Said
    texts: NDArray[np.int64]


def _counted(cells: Iterable[Cell], groups: int, group: Callable[[Cell], int]) -> _Counted:
    said: dict[str, NDArray[np.float64]] = {"": np.zeros((groups, len(SENTIMENTS)))}
    texts = np.zeros(groups, np.int64)
    for one in cells:
        at = group(one)
        table = said.setdefault(one.language, np.zeros((groups, len(SENTIMENTS))))
        table[at, _PLACE[one.sentiment]] += one.stories
        texts[at] += one.reach
    return _Counted(said=said, texts=texts)


def _lines(
    cells: Sequence[Cell],
    errors: Errors,
    time: tuple[int, int, int],
    name: Callable[[Cell], str],
    names: tuple[str, ...] = (),
) -> list[Line]:
    end, hours, past = time
    middle = end - hours * HOUR
    start = middle - (past or hours) * HOUR
    late = [one for one in cells if middle <= one.start < end]
    early = [one for one in cells if start <= one.start < middle]
    known = list(dict.fromkeys([*names, *sorted({name(one) for one in (*late, *early)})]))
    place: Mapping[str, int] = {one: at for at, one in enumerate(known)}
    now, before = (_counted(some, len(known), lambda one: place[name(one)]) for some in (late, early))
    figures = zip(
        combined(now.said, errors), numbers(now.said, errors), changes(now.said, before.said, errors), strict=True
    )
    earlier = sum(table.sum(axis=1) for table in before.said.values())
    found = [
        Line(
            name=known[at],
            texts=int(now.texts[at]),
            stories=share.n,
            before=int(earlier[at]),
            share=share,
            number=number,
            change=change,
            validated=all(errors.validated(language) for language, table in now.said.items() if table[at].any()),
        )
        for at, (share, number, change) in enumerate(figures)
    ]
    return sorted(found, key=lambda line: (-line.stories, -line.before, line.name))


def _share(share: Share) -> dict[str, Any]:
    told = share.to_json()
    return {"negative": told["value"], **{name: told[name] for name in ("low", "high", "raw", "doubt")}}
