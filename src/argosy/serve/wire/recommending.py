"""Bodies of ``/v1/recommend``, ``/v1/events`` and ``/v1/items``, and the records of the recommender that they say."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from argosy.core.recommend import Event, Heard, Item, Wish
from argosy.data.times import parse_time
from argosy.serve.errors import RequestError
from argosy.serve.wire.parse import AT_ONCE, STRICT, parse, parse_many, refuse_unknown

ASK_EXAMPLE = '{"user": "u1", "n": 10}'
EVENT_EXAMPLE = '{"user": "u1", "item": "i1", "type": "click"}'
ITEM_EXAMPLE = '{"id": "i1", "title": "a title"}'
_AN_ID = "a text of 1 to 256 characters"
SESSION = "session:"
"""What the id of a user begins with who is known as a session alone."""
_MOST = 1000  # events, or items, in one request
_NO_ZERO = r"^[^\x00]*$"  # PostgreSQL holds no text with it
Id = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_NO_ZERO)]
Label = Annotated[str, StringConstraints(max_length=200, pattern=_NO_ZERO)]
Ids = Annotated[list[Id], AT_ONCE, Field(max_length=1000)]
Labels = Annotated[list[Label], AT_ONCE, Field(max_length=100)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_SECONDS = 10**11  # a larger number is milliseconds, until the year 5138
_SECOND = 1_000_000  # microseconds
_LATEST = 4_102_444_800_000_000 * 2  # microseconds: what is later is no time


class RecommendFilters(BaseModel):
    """What may be in the list: items with any of the ``tags``, of these prices, and none of those to ``exclude``."""

    model_config = STRICT

    tags: Labels = Field(default_factory=list, description="a list of texts")
    min_price: Price | None = Field(default=None, description="a number from 0")
    max_price: Price | None = Field(default=None, description="a number from 0")
    exclude: Ids = Field(default_factory=list, description="a list of items' ids, 1,000 at most")


class RecommendRequest(BaseModel):
    """Who asks: a ``user``, an anonymous ``session``, or neither, by what was looked at just now (``recent``).

    ``context`` is what else is known, such as ``{"surface": "home"}``; with ``explore`` false nothing is shown to learn
    about it. ``lang`` is the language of the reasons; the header accept-language says it too.
    """

    model_config = STRICT

    user: Id | None = Field(default=None, description=_AN_ID, examples=["u1"])
    session: Id | None = Field(default=None, description=_AN_ID)
    recent: Annotated[list[Id], AT_ONCE, Field(max_length=200)] = Field(
        default_factory=list, description="a list of items' ids, 200 at most, the newest last"
    )
    n: int = Field(default=10, ge=1, le=100, description="a whole number from 1 to 100")
    filters: RecommendFilters = Field(
        default_factory=RecommendFilters, description="an object with tags, min_price, max_price, exclude"
    )
    context: Annotated[dict[Label, Label], Field(max_length=20)] = Field(
        default_factory=dict, description="an object of at most 20 texts by name"
    )
    explore: bool = Field(default=True, description="true or false")
    lang: Literal["en", "zh"] | None = Field(default=None, description='"en" or "zh"')

    def wish(self) -> Wish:
        """The same as the recommender is asked."""
        asked = self.filters
        if asked.min_price is not None and asked.max_price is not None and asked.min_price > asked.max_price:
            raise RequestError(
                "The least price is above the largest.",
                code="invalid_value",
                param="filters.min_price",
                mend="Swap min_price and max_price.",
            )
        return Wish(
            user=_who(self.user, self.session, needed=False),
            recent=tuple(self.recent),
            n=self.n,
            tags=tuple(asked.tags),
            without=tuple(asked.exclude),
            least=asked.min_price,
            most=asked.max_price,
            context=self.context,
            explore=self.explore,
        )


class RecommendedItem(BaseModel):
    """An item at its place; ``why`` it is there, ``about`` which item of the history, both in words: ``reason``."""

    id: str
    title: str
    price: float | None
    score: float
    why: Literal["similar", "together", "profile", "popular", "fresh", "exploring"]
    about: str | None
    reason: str


class RecommendAnswer(BaseModel):
    """A list; its ``id`` comes back with the events that it led to. ``arm`` is the ranker of an experiment, if any."""

    object: Literal["recommendation"] = "recommendation"
    id: str
    items: list[RecommendedItem]
    version: str
    arm: str | None


class RecommendEvent(BaseModel):
    """That a ``user`` (or an anonymous ``session``) did something with an item; or a list of up to 1,000, or NDJSON.

    ``recommendation`` is the id of the list that led to it. The same ``id`` of the same user counts once; without one,
    the same user, item, type and time do. Without a ``time`` it is of now.
    """

    model_config = STRICT

    user: Id | None = Field(default=None, description=_AN_ID, examples=["u1"])
    session: Id | None = Field(default=None, description=_AN_ID)
    item: Id = Field(description=_AN_ID, examples=["i1"])
    type: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_ZERO)] = Field(
        description="a text of 1 to 64 characters", examples=["click"]
    )
    time: str | int | float | None = Field(default=None, description="ISO 8601, or seconds or milliseconds since 1970")
    recommendation: Label = Field(default="", description="the id of a list, a text")
    id: Label = Field(default="", description="a text of 200 characters at most")

    def event(self, place: str, now: int) -> Event:
        """The same as it is kept; ``now`` in microseconds, ``place`` where it stands in the body."""
        return Event(
            user=_who(self.user, self.session, needed=True, place=place),
            item=self.item,
            kind=self.type,
            at=now if self.time is None else moment(self.time, f"{place}.time"),
            shown=self.recommendation,
            given=self.id,
        )


class RecommendHeard(BaseModel):
    """What became of events: new ones, ones that were there already, and refused ones by reason."""

    object: Literal["recommend.events"] = "recommend.events"
    new: int
    again: int
    refused: dict[str, int]

    @classmethod
    def of(cls, heard: Heard) -> "RecommendHeard":
        """The same as an answer."""
        return cls(new=heard.new, again=heard.again, refused=dict(heard.refused))


class RecommendItem(BaseModel):
    """An item, or a list of up to 1,000 such, or NDJSON; what is said replaces all that was known of it."""

    model_config = STRICT

    id: Id = Field(description=_AN_ID, examples=["i1"])
    title: Annotated[str, StringConstraints(max_length=1000, pattern=_NO_ZERO)] = Field(
        description="a text of 1,000 characters at most", examples=["A title"]
    )
    description: Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_ZERO)] = Field(
        default="", description="a text of 20,000 characters at most"
    )
    tags: Labels = Field(default_factory=list, description="a list of at most 100 texts")
    price: Price | None = Field(default=None, description="a number from 0")
    added: str | int | float | None = Field(default=None, description="ISO 8601, or seconds or milliseconds since 1970")

    def item(self, place: str) -> Item:
        """The same as it is kept."""
        return Item(
            id=self.id,
            title=self.title,
            text=self.description,
            tags=tuple(self.tags),
            price=self.price,
            added=None if self.added is None else moment(self.added, f"{place}.added"),
        )

    @classmethod
    def of(cls, item: Item) -> "RecommendItem":
        """The same as an answer."""
        added = None if item.added is None else datetime.fromtimestamp(item.added / _SECOND, UTC).isoformat()
        return cls.model_construct(
            id=item.id, title=item.title, description=item.text, tags=list(item.tags), price=item.price, added=added
        )


BODIES = (RecommendRequest, RecommendEvent, RecommendItem)


def parse_recommend(body: bytes) -> RecommendRequest:
    """The request in a JSON body."""
    asked = parse(body, RecommendRequest, example=ASK_EXAMPLE)
    refuse_unknown(asked.filters, "filters")
    return asked


def parse_events(body: bytes, *, lines: bool) -> list[Event]:
    """The events of a body, as JSON or in ``lines`` of it; raises RequestError where any of them is none."""
    now = time.time_ns() // 1000
    many = parse_many(_listed(body, EVENT_EXAMPLE, lines=lines), RecommendEvent, example=EVENT_EXAMPLE, most=_MOST)
    return [one.event(f"[{at}]", now) for at, one in enumerate(many)]


def parse_items(body: bytes, *, lines: bool) -> list[Item]:
    """The items of a body, as JSON or in ``lines`` of it; raises RequestError where any of them is none."""
    many = parse_many(_listed(body, ITEM_EXAMPLE, lines=lines), RecommendItem, example=ITEM_EXAMPLE, most=_MOST)
    return [one.item(f"[{at}]") for at, one in enumerate(many)]


def moment(told: str | float, param: str) -> int:
    """A time, ISO 8601 or seconds or milliseconds since 1970, in microseconds; raises RequestError for none."""
    at = _number(told) if isinstance(told, int | float) else _words(told)
    if at is None or not 0 <= at <= _LATEST:
        raise RequestError(
            "The time {found!r} cannot be read.",
            code="invalid_value",
            param=param,
            mend="Send ISO 8601 such as 2026-03-01T14:05:00Z, or seconds or milliseconds since 1970.",
            found=str(told)[:40],
        )
    return at


def _number(told: float) -> int | None:
    if told != told or abs(told) > _LATEST:  # noqa: PLR0124 - not a number is unlike itself
        return None
    return round(told * (_SECOND if abs(told) < _SECONDS else _SECOND // 1000))


def _words(told: str) -> int | None:
    found = parse_time(told)
    return round(datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp() * _SECOND) if found else None


def _who(user: str | None, session: str | None, *, needed: bool, place: str = "") -> str:
    """The one of the two that is given; raises RequestError for both, and for none where one is needed."""
    if user is not None and session is not None:
        raise RequestError(
            "There is both a user and a session.",
            code="invalid_value",
            param=f"{place}.session".lstrip("."),
            mend="Send the user where one is known, else the session.",
        )
    if needed and user is None and session is None:
        raise RequestError(
            "There is neither a user nor a session.",
            code="missing_field",
            param=f"{place}.user".lstrip("."),
            mend="Send the user where one is known, else the session.",
        )
    return user or (SESSION + session if session else "")


def _listed(body: bytes, example: str, *, lines: bool) -> bytes:
    """One object, a list or lines of objects as the object that is parsed."""
    whole = body.strip()
    if not whole:
        raise RequestError("The body is empty.", code="not_json", mend="Send JSON such as {example}.", example=example)
    if lines:
        whole = b"[" + b",".join(filter(None, map(bytes.strip, whole.splitlines()))) + b"]"
    elif not whole.startswith(b"["):
        whole = b"[" + whole + b"]"
    return whole


def told_of(item: Item, score: float, why: str, about: str, reason: str) -> Mapping[str, Any]:
    """An item of a list as JSON."""
    return {
        "id": item.id,
        "title": item.title,
        "price": item.price,
        "score": score,
        "why": why,
        "about": about or None,
        "reason": reason,
    }
