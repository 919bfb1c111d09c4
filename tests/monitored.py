"""An opinion monitor in memory, as the verbs of the terminal use it: four texts, two sources, a surge."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from argosy.core.errors import MissingError, ProjectError
from argosy.core.opinion import HOUR, SENTIMENTS, About, Correction, Kept, Opinion, Post, Story
from argosy.core.watch import Alarm, Finding

NOW = 1_795_000_000_000_000
TEXTS = ("Acme is awful.", "=1+1 is fine", "Prices rose again", "The weather")
SURE = (0.95, 0.4, 0.6, 0.7)


def kept(number: int) -> Kept:
    """A text; the first speaks of an entity, and some are surer than others."""
    sure = SURE[number]
    post = Post(source="news", key=str(number), text=TEXTS[number], at=NOW - number * HOUR, received=NOW)
    chances = {"negative": sure, "neutral": (1 - sure) / 2, "positive": (1 - sure) / 2}
    about = (About(entity="Acme Corp", chances=chances, spans=((0, 4),)),) if number == 0 else ()
    opinion = Opinion(
        post=post, text=TEXTS[number], language="en", chances=chances, topic="prices", sure=0.9, about=about
    )
    return Kept(id=post.id, opinion=opinion, story=post.id, first=True)


class Log:
    """What the verbs ask of a log."""

    def __init__(self) -> None:
        self.texts = [kept(number) for number in range(len(TEXTS))]
        self.said: list[Correction] = []

    def between(self, start: int, end: int, *, topic: str = "", first: bool = False, most: int = 10_000) -> list[Kept]:
        """All of them."""
        assert first
        return self.texts[:most]

    def text(self, id_: str) -> Kept | None:
        """One."""
        return next((one for one in self.texts if one.id == id_), None)

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep it."""
        self.said.append(correction)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def corrections(self, since: int = 0) -> list[Correction]:
        """All."""
        return self.said


class Monitor:
    """A monitor that knows four texts, two sources and a surge."""

    zone = "Asia/Shanghai"

    def __init__(self) -> None:
        self.log = Log()
        finding = Finding(
            model="market",
            signal="negative",
            slice="topic=prices",
            direction="up",
            since=NOW - 3 * HOUR,
            at=NOW,
            value=18.0,
            usual=6.0,
            size=4.0,
            severity="high",
        )
        self.surges = {"alm_1": Alarm(id="alm_1", finding=finding, opened=NOW)}
        self.quiet = False
        self.looked = 0

    def drain(self, tell: Callable[[str, Mapping[str, int]], object]) -> Mapping[str, Mapping[str, int]]:
        """The same each time."""
        counts = {"read": 40, "new": 30, "reposts": 20, "refused": 2}
        tell("news", counts)
        return {"news": counts, "blog": dict.fromkeys(counts, 0)}

    def look(self, now: int) -> Sequence[Alarm]:
        """The surge."""
        self.looked += 1
        return list(self.surges.values())

    def check(self) -> list[Mapping[str, Any]]:
        """One that answers, and one that does not where it is not quiet."""
        usual = {"kind": "feed", "reason": "", "posts": 5, "more": True, "refused": {"no_time": 2}, "sample": "Acme"}
        bad = {"reachable": False, "reason": "refused", "posts": 0, "more": False, "refused": {}, "sample": ""}
        good = {"name": "news", "reachable": True, **usual}
        return [good] if self.quiet else [good, {**good, **bad, "name": "blog"}]

    def overview(self, hours: int) -> Mapping[str, Any]:
        """A topic that is validated, an entity that is not."""
        row: dict[str, Any] = {"texts": 40, "stories": 12, "negative": 0.4, "low": 0.3, "high": 0.5, "raw": 0.35}
        row["change"] = {"value": 0.1, "low": 0.02, "high": 0.18, "certain": True}
        nothing = dict.fromkeys(row) | {"texts": 0, "stories": 0, "change": dict.fromkeys(row["change"])}
        return {
            "topics": [{"name": "prices", "validated": True, **row}, {"name": "other", "validated": True, **nothing}],
            "entities": [{"name": "Acme Corp", "validated": False, **row}],
            "sources": [{"name": "blog", "heard": 0, "last": None, "silent": True, "since": NOW - 9 * HOUR}],
            "emerging": [
                {
                    "id": "e",
                    "name": "recall, brakes",
                    "words": [],
                    "texts": 9,
                    "stories": 4,
                    "first": NOW,
                    "growth": 3.0,
                }
            ],
            "alarms": ["alm_1"],
            "texts": 40,
            "stories": 12,
            "through": NOW,
        }

    def trend(self, topic: str, entity: str, hours: int) -> Mapping[str, Any]:
        """An hour that was heard, and one that was not."""
        point = {"start": NOW, "texts": 9, "stories": 4, "negative": 0.5, "low": 0.2, "high": 0.8, "missing": False}
        gap = {**point, "negative": None, "low": None, "high": None, "expected": None, "upper": None, "missing": True}
        return {"points": [{**point, "expected": 2.0, "upper": 5}, gap]}

    def stories(self, topic: str, entity: str, sentiment: str, hours: int, most: int = 50) -> Sequence[Story]:
        """One for each text, of a sentiment only where it is that."""
        return [self.story(one.id)[0] for one in self.log.texts if sentiment in {"", one.opinion.sentiment}][:most]

    def story(self, story: str) -> tuple[Story, Sequence[Kept]]:
        """A story of one text."""
        found = self.log.text(story)
        if found is None:
            raise MissingError("There is no story {id!r}.", id=story)
        opinion, at = found.opinion, found.opinion.post.at
        told = Story(
            id=story,
            first=at,
            last=at,
            reach=7,
            sources=2,
            topic=opinion.topic,
            sentiment=opinion.sentiment,
            language="en",
            title="",
            text=opinion.text,
        )
        return told, [found]

    def explanation(self, text: str) -> Mapping[str, Any]:
        """That of its words."""
        found = self.log.text(text)
        if found is None:
            raise MissingError("There is no text {id!r}.", id=text)
        return self.explain(found.opinion.text)

    def explain(self, text: str) -> Mapping[str, Any]:
        """Its first word speaks for what is said, its last against it."""
        words = text.split()
        chances = dict(zip(SENTIMENTS, (0.7, 0.2, 0.1), strict=True))
        return {
            "text": text,
            "language": "en",
            "chances": chances,
            "topic": "prices",
            "sure": 0.9,
            "about": [{"entity": "Acme Corp", "chances": chances, "spans": [[0, 4]]}],
            "words": [
                {"word": words[0], "begin": 0, "end": len(words[0]), "weight": 0.5},
                {"word": words[-1], "begin": 0, "end": 0, "weight": -0.2},
            ],
            "models": {"sentiment": "abc"},
        }

    def alarms(self, *, still: bool = False, most: int = 200) -> Sequence[Alarm]:
        """Those that are open, or all."""
        return [one for one in self.surges.values() if not still or one.closed is None]

    def alarm(self, alarm: str) -> Mapping[str, Any]:
        """With the story of the first text as its cause."""
        if alarm not in self.surges:
            raise MissingError("There is no alarm {id!r}.", id=alarm)
        story, texts = self.story(self.log.texts[0].id)
        return {
            "alarm": self.surges[alarm].to_json(),
            "stories": [story.to_json()],
            "texts": [{"id": one.id, "text": one.opinion.text, "at": one.opinion.post.at} for one in texts],
            "messages": [{"kind": "opened", "target": "json#1", "tries": 1, "due": NOW, "sent": NOW, "error": ""}],
        }

    def acknowledge(self, alarm: str, by: str, *, usual: bool = False) -> Alarm:
        """Seen."""
        return self._changed(alarm, acknowledged=NOW, by=by, usual=usual, closed=NOW if usual else None)

    def assign(self, alarm: str, owner: str, by: str) -> Alarm:
        """Given to somebody."""
        return self._changed(alarm, owner=owner)

    def close(self, alarm: str, by: str) -> Alarm:
        """Closed."""
        return self._changed(alarm, closed=NOW)

    def correct(self, text: str, by: str, *, sentiment: str = "", topic: str = "", entity: str = "") -> None:
        """As the protocol says."""
        found = self.log.text(text)
        if found is None:
            raise MissingError("There is no text {id!r}.", id=text)
        if topic and topic not in self.topics():
            raise ProjectError("There is no topic {topic!r}.", topic=topic)
        told = {"sentiment": sentiment, "topic": topic, "entity": entity, "by": by}
        self.log.correct(Correction(id=text, text=found.opinion.text, language="en", **told))

    def topics(self) -> Sequence[str]:
        """Two."""
        return ["prices", "other"]

    def entities(self) -> Sequence[str]:
        """One."""
        return ["Acme Corp"]

    def brief(self, day: str, language: str) -> Mapping[str, Any]:
        """A headline with the day."""
        said = {"kind": "whole", "about": "", "text": "40 stories were heard."}
        return {"day": day, "language": language, "headline": "As usual", "sentences": [said], "notes": ["A note."]}

    def _changed(self, alarm: str, **values: Any) -> Alarm:
        if alarm not in self.surges:
            raise MissingError("There is no alarm {id!r}.", id=alarm)
        self.surges[alarm] = replace(self.surges[alarm], **values)
        return self.surges[alarm]
