"""``argosy opinion trends``, ``stories``, ``story`` and ``explain``: what was said, and why it is read so."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from argosy.report.numbers import count, interval, points, rounded, share
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.opining.opening import clock, opened

_ID = re.compile(r"[0-9a-f]{32}")
_SHOWN = 60  # characters of a text in a table
_WORDS = 5  # that are named for and against
_NOTHING = "–"


def trends(folder: Path, topic: str, entity: str, hours: int, *, as_json: bool) -> None:
    """Topics and entities in these hours, or with one of them named, its hours one by one."""
    with opened(folder) as live:
        found = live.trend(topic, entity, hours) if topic or entity else live.overview(hours)
        zone = live.zone
    if as_json:
        say_json(dict(found))
    elif topic or entity:
        _tell_hours(found["points"], zone)
    else:
        _tell_overview(found, zone)


def stories(folder: Path, about: Mapping[str, str], hours: int, most: int, *, as_json: bool) -> None:
    """Stories of these hours, of most reach first; ``about``: topic, entity and sentiment, empty for any."""
    with opened(folder) as live:
        found = live.stories(about["topic"], about["entity"], about["sentiment"], hours, most)
        zone = live.zone
    if as_json:
        say_json({"stories": [story.to_json() for story in found]})
        return
    heads = (t("story"), t("texts"), t("sources"), t("since"), t("topic"), t("sentiment"), t("title"))
    rows = [
        (
            one.id,
            count(one.reach),
            count(one.sources),
            clock(one.first, zone),
            one.topic,
            feeling(one.sentiment),
            _line(one.title or one.text),
        )
        for one in found
    ]
    show_table(heads, rows)


def story(folder: Path, name: str, *, as_json: bool) -> None:
    """A story with its texts, the first of them first."""
    with opened(folder) as live:
        found, texts = live.story(name)
        zone = live.zone
    if as_json:
        say_json({"story": found.to_json(), "texts": [_text(one.id, one.opinion) for one in texts]})
        return
    said = t("{reach} texts of {sources} sources from {first} to {last}")
    figures = {"reach": count(found.reach), "sources": count(found.sources)}
    say(said.format(first=clock(found.first, zone), last=clock(found.last, zone), **figures))
    heads = (t("text"), t("time"), t("source"), t("sentiment"), t("topic"), t("what it says"))
    rows = [
        (
            one.id,
            clock(one.opinion.post.at, zone),
            one.opinion.post.source,
            feeling(one.opinion.sentiment),
            one.opinion.topic,
            _line(one.opinion.text),
        )
        for one in texts
    ]
    show_table(heads, rows)


def explain(folder: Path, text: str, *, as_json: bool) -> None:
    """Why a text is read so: one of the log by its id, or any other."""
    with opened(folder) as live:
        found = live.explanation(text) if _ID.fullmatch(text) else live.explain(text)
    if as_json:
        say_json(dict(found))
        return
    say(" ".join(found["text"].split()))
    say(_chances(t("sentiment"), found["chances"]))
    say(t("topic      {topic}  {share}").format(topic=found["topic"], share=share(found["sure"])))
    for about in found["about"]:
        say(_chances(about["entity"], about["chances"]))
    for words, sign in ((t("for"), 1), (t("against"), -1)):
        named = _strongest(found["words"], sign)
        if named:
            say(f"  {words}  {named}")
    for name, model in found["models"].items():
        note(f"{name}: {model}")


def feeling(sentiment: str) -> str:
    """A sentiment in the reader's language."""
    return {"negative": t("negative"), "neutral": t("neutral"), "positive": t("positive")}.get(sentiment, sentiment)


def _tell_overview(found: Mapping[str, Any], zone: str) -> None:
    said = t("{texts} texts, {stories} stories, up to {through}")
    through = clock(found["through"], zone)
    say(said.format(texts=count(found["texts"]), stories=count(found["stories"]), through=through))
    heads = (t("texts"), t("stories"), t("share of negative"), t("change, points"))
    for name, rows in ((t("topic"), found["topics"]), (t("entity"), found["entities"])):
        if rows:
            say("")
            show_table((name, *heads), [_row(row) for row in rows])
    silent = [one for one in found["sources"] if one["silent"]]
    for one in silent:
        said = t("{source} is silent since {since}: what it would have said is not counted as calm.")
        note(said.format(source=one["name"], since=clock(one["since"], zone) if one["since"] else _NOTHING))
    if found["emerging"]:
        say("")
        heads = (t("new topic"), t("texts"), t("stories"), t("first"))
        rows = [
            (one["name"], count(one["texts"]), count(one["stories"]), clock(one["first"], zone))
            for one in found["emerging"]
        ]
        show_table(heads, rows)
    if found["alarms"]:
        note(t("{count} alarms are open: argosy opinion alarms list").format(count=len(found["alarms"])))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = row["name"] if row["validated"] else f"{row['name']} ({t('not validated')})"
    return (name, count(row["texts"]), count(row["stories"]), _negative(row), _change(row["change"]))


def _change(found: Mapping[str, Any]) -> str:
    """How the share moved against as many hours before; a dash where either had no texts."""
    if found["value"] is None:
        return _NOTHING
    return f"{points(found['value'])} [{points(found['low'])}, {points(found['high'])}]"


def _negative(row: Mapping[str, Any]) -> str:
    """The corrected share of negative ones with its interval; a dash where nothing was said."""
    if row["negative"] is None or row["low"] is None:
        return _NOTHING
    return interval({"value": row["negative"], "low": row["low"], "high": row["high"]})


def _tell_hours(hours: Sequence[Mapping[str, Any]], zone: str) -> None:
    heads = (t("hour"), t("texts"), t("stories"), t("share of negative"), t("negative ones expected"), t("usual up to"))
    rows = [
        (
            clock(one["start"], zone),
            t("not heard") if one["missing"] else count(one["texts"]),
            count(one["stories"]),
            _negative(one),
            _NOTHING if one["expected"] is None else rounded(one["expected"]),
            _NOTHING if one["upper"] is None else count(one["upper"]),
        )
        for one in hours
    ]
    show_table(heads, rows)


def _text(name: str, opinion: Any) -> dict[str, Any]:
    return {
        "id": name,
        "source": opinion.post.source,
        "at": opinion.post.at,
        "text": opinion.text,
        "language": opinion.language,
        "sentiment": opinion.sentiment,
        "topic": opinion.topic,
        "url": opinion.post.url,
    }


def _chances(name: str, chances: Mapping[str, float]) -> str:
    ranked = sorted(chances.items(), key=lambda item: -item[1])
    return f"{name}  " + "  ".join(f"{feeling(word)} {share(chance)}" for word, chance in ranked)


def _strongest(words: Sequence[Mapping[str, Any]], sign: int) -> str:
    """The words of one sign with their weights, the strongest first."""
    ranked = sorted((one for one in words if one["weight"] * sign > 0), key=lambda one: -abs(one["weight"]))
    return "  ".join(f"{one['word']} {one['weight']:+.2f}" for one in ranked[:_WORDS])


def _line(text: str) -> str:
    return " ".join(text.split())[:_SHOWN]
