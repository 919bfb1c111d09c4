"""An opinion monitor in memory, with made-up data: for the tests of its pages and of its JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from argosy.core.errors import DataError, MissingError
from argosy.core.opinion import HOUR, SENTIMENTS, About, Kept, Opinion, Post, Story
from argosy.core.watch import Alarm, Finding, Message

NOW = 1_780_000_000_000_000 // HOUR * HOUR
ANGRY = "Luma raised its prices again. Shame on them, but Nova stays cheap."
CHINESE = "露玛又涨价了，太过分了。"
BRIEF: dict[str, Any] = {
    "headline": "Surge of negative stories: topic price",
    "sentences": [{"kind": "surge", "about": "alm_1", "text": "Price: 14.0 negative stories an hour, usually 3.1."}],
    "notes": ["Shares are corrected for the known errors of the sentiment model; brackets are 95 % intervals."],
}


def _line(name: str, stories: int, negative: float | None, *, validated: bool = True, certain: bool = False) -> Any:
    """A line as ``Opined.overview`` tells it."""
    low, high = (None, None) if negative is None else (max(0.0, negative - 0.06), min(1.0, negative + 0.07))
    change = {"value": 0.11, "low": 0.04, "high": 0.18} if certain else {"value": -0.01, "low": -0.06, "high": 0.04}
    return {
        "name": name,
        "texts": stories * 3,
        "stories": stories,
        "before": stories,
        "negative": negative,
        "low": low,
        "high": high,
        "raw": negative,
        "doubt": "" if negative is not None else "open",
        "validated": validated,
        "usual": float(stories),
        "change": {**change, "certain": certain},
    }


def _chances(sentiment: str) -> dict[str, float]:
    return {one: 0.82 if one == sentiment else 0.09 for one in SENTIMENTS}


def kept(number: int, text: str = ANGRY, *, sentiment: str = "negative", language: str = "en") -> Kept:
    """A text of the story ``st_1``; the first one, number 0, began it."""
    at = NOW - 5 * HOUR + number * 90_000_000
    post = Post(
        source="feed" if number % 2 else "board", key=str(number), text=text, at=at, received=at, title="Prices"
    )
    places = {name: text.find(name) for name in ("Luma", "Nova")}
    about = tuple(
        About(entity=name, chances=_chances("negative" if name == "Luma" else "positive"), spans=((at, at + 4),))
        for name, at in places.items()
        if at >= 0
    )
    opinion = Opinion(
        post=post,
        text=text,
        language=language,
        chances=_chances(sentiment),
        topic="price",
        sure=0.91,
        about=about,
        version="1",
    )
    return Kept(id=f"tx_{number}", opinion=opinion, story="st_1", first=number == 0)


def story(number: int, title: str) -> Story:
    """A story; those of small numbers have most reach."""
    return Story(
        id=f"st_{number}",
        first=NOW - 5 * HOUR,
        last=NOW - HOUR,
        reach=max(1, 900 - 40 * number),
        sources=2 + number % 3,
        topic="price" if number % 2 else "other",
        sentiment=SENTIMENTS[(number + 2) % 3],
        language="en",
        title=title,
        text=title,
        entities=("Luma",) if number % 2 else (),
    )


def surge() -> Alarm:
    """An open surge of the topic price."""
    finding = Finding(
        model="market",
        signal="surge",
        slice="topic=price",
        direction="up",
        since=NOW - 4 * HOUR,
        at=NOW - 2 * HOUR,
        value=14.0,
        usual=3.1,
        size=5.2,
        examples=(("", "tx_0", 0),),
        severity="high",
        stories=("st_1",),
    )
    return Alarm(id="alm_1", finding=finding, opened=NOW - 2 * HOUR)


@dataclass(slots=True)
class InMemoryOpined:
    """An Opined of made-up data; ``title`` is that of its first story, ``turn`` changes with what is done."""

    title: str = "Luma raises its prices"
    texts: list[Kept] = field(default_factory=lambda: [kept(0), kept(1), kept(2, CHINESE, language="zh")])
    found: dict[str, Alarm] = field(default_factory=dict)
    corrected: list[tuple[str, ...]] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)
    stories_heard: int = 380
    turn: int = 0
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        before = surge()
        over = replace(before, id="alm_0", finding=replace(before.finding, slice="entity=Luma", value=math.nan))
        self.found = {"alm_1": before, "alm_0": replace(over, closed=NOW - 3 * HOUR, acknowledged=NOW - 4 * HOUR)}

    def state(self) -> str:
        """How often something was done."""
        return str(self.turn)

    def overview(self, hours: int) -> Mapping[str, Any]:
        """The same for any time."""
        return {
            "hours": hours,
            "through": NOW,
            **_line("", self.stories_heard, 0.34),
            "topics": [_line("price", 200, 0.51, certain=True), _line("other", 90, 0.034), _line("app", 1, None)],
            "entities": [
                {**_line("Luma", 120, 0.62, validated=False), "shown": "Luma Group"},
                {**_line("Nova", 40, 0.12), "shown": "Nova"},
            ],
            "sources": [
                {"name": "feed", "heard": 300, "last": NOW, "silent": False, "since": None},
                {"name": "board", "heard": 0, "last": None, "silent": True, "since": NOW - 9 * HOUR},
            ],
            "emerging": [
                {"id": "em_1", "name": "battery · recall", "words": ["battery", "recall", "fire"], "stories": 17}
                | {"first": NOW - 8 * HOUR, "growth": 3.4, "language": "en", "examples": []}
            ],
            "alarms": [one.id for one in self.alarms(still=True)],
        }

    def trend(self, topic: str, entity: str, hours: int) -> Mapping[str, Any]:
        """A surge in the last hours, one hour of silence, two that were not heard."""
        points = []
        for back in range(hours, 0, -1):
            missing, spoken = back in (9, 10), back != 5
            said = 14 if back < 4 else 2 + back % 3
            share = None if not spoken or missing else 0.3 + 0.02 * (back % 5)
            points.append(
                {
                    "start": NOW - (back - 1) * HOUR,
                    "texts": 0 if share is None else said * 6,
                    "stories": 0 if share is None else said * 3,
                    "said": 0 if missing else said,
                    "negative": share,
                    "low": None if share is None else share - 0.1,
                    "high": None if share is None else share + 0.12,
                    "missing": missing,
                    "expected": None if back > 700 else 3.1,
                    "upper": None if back > 700 else 8.0,
                }
            )
        return {"topic": topic, "entity": entity, "hours": hours, "points": points}

    def stories(self, topic: str, entity: str, sentiment: str, hours: int, most: int = 50) -> Sequence[Story]:
        """Those of sixty that fit."""
        every = [story(number, self.title if number == 1 else f"Story {number}") for number in range(1, 61)]
        return [
            one
            for one in every
            if topic in ("", one.topic)
            and sentiment in ("", one.sentiment)
            and (not entity or entity in one.entities)
            and hours
        ][:most]

    def story(self, story: str) -> tuple[Story, Sequence[Kept]]:
        """A story; each has the same texts."""
        known = {one.id: one for one in self.stories("", "", "", 24, 500)}
        if story not in known:
            raise MissingError("There is no story {id!r}.", id=story)
        return known[story], self.texts

    def text(self, text: str) -> Mapping[str, Any]:
        """One of them."""
        one = next((one for one in self.texts if one.id == text), None)
        if one is None:
            raise MissingError("There is no text {id!r}.", id=text)
        opinion, post = one.opinion, one.opinion.post
        return {
            "id": one.id,
            "story": one.story,
            "first": one.first,
            "text": opinion.text,
            "title": post.title,
            "source": post.source,
            "author": "",
            "url": post.url,
            "at": post.at,
            "received": post.received,
            "language": opinion.language,
            "sentiment": opinion.sentiment,
            "chances": dict(opinion.chances),
            "topic": opinion.topic,
            "sure": opinion.sure,
            "about": [
                {"entity": a.entity, "chances": a.chances, "spans": a.spans, "sentiment": a.sentiment}
                for a in opinion.about
            ],
            "weight": opinion.weight,
            "version": opinion.version,
        }

    def explanation(self, text: str) -> Mapping[str, Any]:
        """Words for and against."""
        told = self.text(text)
        weights = {"Shame": 0.31, "raised": 0.12, "cheap": -0.2, "on": 0.001}
        words = [
            {"word": word, "begin": at, "end": at + len(word), "weight": weight}
            for word, weight in weights.items()
            if (at := told["text"].find(word)) >= 0
        ]
        return {**told, "words": words, "models": {"version": "1"}}

    def alarms(self, *, still: bool = False, most: int = 200) -> Sequence[Alarm]:
        """One that is open, one that is over."""
        return [one for one in self.found.values() if not still or one.closed is None][:most]

    def alarm(self, alarm: str) -> Mapping[str, Any]:
        """One with all that belongs to it."""
        found = self._alarm(alarm)
        return {
            "alarm": found.to_json(),
            "stories": [self.story("st_1")[0].to_json()],
            "texts": [self.text(one.id) for one in self.texts],
            "messages": [
                {"alarm": alarm, "kind": "opened", "target": "8d1f", "due": NOW, "tries": 1, "sent": NOW, "error": ""}
            ],
        }

    def messages(self, alarm: str) -> Sequence[Message]:
        """One that nobody has taken."""
        return [Message(alarm=self._alarm(alarm), kind="opened", target="8d1f", due=NOW)]

    def acknowledge(self, alarm: str, by: str, *, usual: bool = False) -> Alarm:
        """Noted."""
        return self._change(alarm, acknowledged=NOW, by=by, **({"usual": True, "closed": NOW} if usual else {}))

    def assign(self, alarm: str, owner: str, by: str) -> Alarm:
        """Noted."""
        assert by
        return self._change(alarm, owner=owner)

    def close(self, alarm: str, by: str) -> Alarm:
        """Noted."""
        return self._change(alarm, closed=NOW, by=by)

    def correct(self, text: str, by: str, *, sentiment: str = "", topic: str = "", entity: str = "") -> None:
        """Noted."""
        self.text(text)
        self.corrected.append((text, sentiment, topic, entity))
        assert by
        self.turn += 1

    def topics(self) -> Sequence[str]:
        """Three."""
        return ("price", "app", "other")

    def entities(self) -> Sequence[str]:
        """Two."""
        return ("Luma", "Nova")

    def brief(self, day: str, language: str) -> Mapping[str, Any]:
        """The same for any day."""
        told = self.overview(24)
        return {
            **BRIEF,
            **{name: told[name] for name in ("topics", "entities", "sources", "emerging")},
            "day": day,
            "language": language,
            "zone": self.zone,
            "whole": _line("", 380, 0.34),
            "alarms": [{**surge().to_json(), "what": "topic price"}],
            "stories": [one.to_json() for one in self.stories("", "", "", 24, 10)],
        }

    def hear_body(self, body: bytes, source: str) -> int:
        """A body is new once."""
        if source not in {"", "posted"}:
            raise MissingError("There is no webhook {name!r}.", name=source)
        if not body.startswith((b"{", b"[")):
            raise DataError("The body is not JSON.", mend='Send {{"text": "…"}}.')
        new = body not in self.bodies
        self.bodies.add(body)
        return int(new)

    def _alarm(self, alarm: str) -> Alarm:
        if alarm not in self.found:
            raise MissingError("There is no alarm {id!r}.", id=alarm)
        return self.found[alarm]

    def _change(self, alarm: str, **changed: Any) -> Alarm:
        self.turn += 1
        self.found[alarm] = replace(self._alarm(alarm), **changed)
        return self.found[alarm]
