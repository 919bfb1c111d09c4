"""The pages of a recommender: a list for somebody, what changes in it after a click, and what lists achieved."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from argosy.core.errors import MissingError
from argosy.core.recommend import Event, Item, Wish
from argosy.serve.gate.recommended import Recommended
from argosy.serve.pages.opinion import percent
from argosy.serve.pages.recommend import listed, title_of
from argosy.serve.pages.shown import translate
from argosy.web.charts import axis, plot
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.plot import Point, Series

Told = Mapping[str, Any]
DAYS = (7, 30, 90)
LISTED = 10
"""Items of the page's list."""
_LONG = 100  # items among which a new one is looked for
_RECENT = 20  # what a stranger clicked
_HISTORY, _PEOPLE, _FOUND = 20, 50, 10
_ID, _ASKED = 256, 200  # characters
_FEWEST, _POINTS = 2, 30  # points of a line; more of them are a line without points
_CONTEXT = {"surface": "demo"}
_KNOWN_KINDS = 3  # kinds of events with a button each


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Whom a page is about: a ``user``, or a stranger (empty) by what was clicked just now (``recent``).

    ``was`` is the list that was shown before (ids of items), ``clicked`` and ``added`` what was done since then, ``q``
    is searched for.
    """

    user: str = ""
    recent: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    clicked: str = ""
    added: str = ""
    forgot: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: QueryParams) -> Self:
        """What an address asks for."""
        return cls(
            user=query.get("user", "").strip()[:_ID],
            recent=tuple(one[:_ID] for one in query.getlist("recent") if one)[-_RECENT:],
            was=tuple(one[:_ID] for one in query.getlist("was"))[:LISTED],
            clicked=query.get("clicked", "")[:_ID],
            added=query.get("added", "")[:_ID],
            forgot=query.get("forgot", "")[:_ASKED],
            q=query.get("q", "").strip()[:_ASKED],
        )

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        one = {name: getattr(self, name) for name in ("user", "clicked", "added", "forgot", "q")}
        pairs = [(name, value) for name, value in one.items() if value]
        lists = [(name, value) for name in ("recent", "was") for value in getattr(self, name)]
        return f"?{urlencode([*pairs, *lists])}" if pairs or lists else ""

    def after(self, *, item: str = "", added: str = "", forgot: str = "") -> "Seen":
        """The same after a step."""
        recent = (*self.recent, item)[-_RECENT:] if item and not self.user else self.recent
        return replace(self, recent=recent, clicked=item, added=added, forgot=forgot, q="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item of the page's list; ``moved`` is how many places it went up (negative: down), None where it is new."""

    item: Item
    reason: str
    explored: bool
    moved: int | None = 0


def demo(recommended: Recommended, seen: Seen, language: str) -> Told:
    """The list for somebody, with what changed since the one before, and what is known of whom it is for."""
    t = translate(language)
    wish = Wish(user=seen.user, recent=seen.recent, n=LISTED, context=_CONTEXT)
    found = recommended.recommend(wish)
    shown = listed(recommended, found, t)
    moved = _moved([item.id for _, item, _ in shown], seen.was)
    lines = [
        Line(item=item, reason=why, explored=one.why == "exploring", moved=moved[item.id]) for one, item, why in shown
    ]
    now = tuple(line.item.id for line in lines)
    return {
        "whom": seen,
        "steps": replace(seen, was=now, clicked="", added="", forgot="").query,
        "list_id": found.id,
        "arm": found.arm,
        "version": found.version,
        "lines": lines,
        "left": [title_of(recommended, one) for one in seen.was if one not in now],
        "changed": _changed(lines, seen),
        "clicked": title_of(recommended, seen.clicked) if seen.clicked else "",
        "added": _added(recommended, seen) if seen.added else None,
        "people": recommended.people(_PEOPLE),
        "history": _history(recommended, seen),
        "kinds": tuple(recommended.kinds)[:_KNOWN_KINDS],
        "found": recommended.search(seen.q, _FOUND) if seen.q else (),
    }


def _moved(now: Sequence[str], was: Sequence[str]) -> Mapping[str, int | None]:
    """How many others each item overtook, of those that stand in both lists; None for one that is new.

    >>> _moved(["c", "a", "x"], ["a", "b", "c"])
    {'c': 1, 'a': -1, 'x': None}
    """
    before = [one for one in was if one in now]
    after = [one for one in now if one in was]
    return {one: (before.index(one) - after.index(one) if one in was else None) if was else 0 for one in now}


def _changed(lines: Sequence[Line], seen: Seen) -> Mapping[str, int] | None:
    """How many items are new, moved up and moved down; None where there was no list before."""
    if not seen.was:
        return None
    moved = [line.moved for line in lines]
    return {
        "new": sum(one is None for one in moved),
        "up": sum(one is not None and one > 0 for one in moved),
        "down": sum(one is not None and one < 0 for one in moved),
    }


def _added(recommended: Recommended, seen: Seen) -> Told | None:
    """Where an item stands that was just added, from 1, among the first ones; ``place`` is None behind them."""
    try:
        item = recommended.item(seen.added)
    except MissingError:
        return None
    wish = Wish(user=seen.user, recent=seen.recent, n=_LONG, context=_CONTEXT, explore=False)
    order = [one.item for one in recommended.recommend(wish).items]
    return {"item": item, "place": order.index(item.id) + 1 if item.id in order else None, "of": len(order)}


def _history(recommended: Recommended, seen: Seen) -> list[tuple[str, Event | None]]:
    """What is known of whom the page is for, the newest first: titles, with the events of a user."""
    if not seen.user:
        return [(title_of(recommended, one), None) for one in reversed(seen.recent)]
    try:
        events = recommended.history(seen.user, _HISTORY)
    except MissingError:
        events = ()
    return [(title_of(recommended, one.item), one) for one in events]


def numbers(recommended: Recommended, days: int, language: str) -> Told:
    """What the lists of the last ``days`` achieved, with the chart of the click rate by the day."""
    days = days if days in DAYS else DAYS[1]
    told = recommended.numbers(days)
    lists, clicked = (sum(one[name] for one in told["days"]) for name in ("lists", "clicked"))
    return {
        "numbers": told,
        "days": days,
        "choices": DAYS,
        "lists": lists,
        "clicked": clicked,
        "percent": percent,
        "chart": _chart(told["days"], translate(language)),
    }


def _chart(days: Sequence[Told], t: Callable[[str], str]) -> Chart | None:
    known = [(at, one) for at, one in enumerate(days) if one["lists"] and _is_number(one["rate"])]
    if len(known) < _FEWEST:
        return None
    points = tuple(Point(x=at, y=one["rate"], low=one["low"], high=one["high"], name=one["day"]) for at, one in known)
    each = max(1, math.ceil(len(days) / 4))
    x = axis.Axis(
        name=t("day"),
        low=0,
        high=len(days) - 1,
        ticks=tuple(float(at) for at in range(0, len(days), each)),
        words=lambda at: str(days[round(at)]["day"])[5:],
    )
    y = axis.even(t("click rate"), [0.0, *(point.high or point.y for point in points)], lambda share: f"{share:.3g}")
    caption = Caption(
        name="click-rate",
        title=t("Click rate by the day"),
        told=t("Lists of which at least one item was clicked, as a share of all; the 95 % intervals stand with it."),
    )
    forms = ("line", "dots") if len(days) <= _POINTS else ("band", "line")
    return replace(plot.plot(caption, x, y, [Series(points=points, forms=forms)]), rows=())  # they stand in a table


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
