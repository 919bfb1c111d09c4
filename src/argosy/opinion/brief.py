"""The record behind the daily brief: what a day was like, in a few sentences, with its numbers and their doubts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

from argosy.core.language import translator
from argosy.core.opinion import OTHER, Story
from argosy.core.signals import slice_name
from argosy.core.watch import Alarm
from argosy.opinion.counting.shares import Change, Share
from argosy.opinion.counting.table import Line

Translate = Callable[[str], str]
PAST_DAYS = 7
"""Days before the one that is told of, which it is held against."""
_MOST = 8  # sentences
_SURGES, _CHANGES = 3, 2  # sentences about them
_SHOWN = 20  # topics and entities in the record
_GREW = 2.0  # times a usual day: an emerging topic that is worth a sentence
_MUCH = 1.25  # times a usual day's stories: more than usual, and its inverse is fewer
_SEVERITY: Mapping[str, int] = {"high": 3, "medium": 2, "low": 1, "": 0}
_LONG = 80  # characters of a title
_LEVEL = 0.05  # of quiet days that tell of a change
_FINE = 0.1  # shares below are told with a digit more


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is known of a day (``2026-11-23``), of which the brief is made.

    ``whole``, ``topics`` and ``entities`` are lines of its 24 hours whose time before are ``PAST_DAYS`` days.
    ``alarms`` are those that opened on the day or were open, ``stories`` its stories of most reach. ``emerging`` and
    ``sources`` are those of an overview: ``id name growth stories`` and more, ``name silent since`` and more.
    """

    day: str
    zone: str
    whole: Line
    topics: Sequence[Line]
    entities: Sequence[Line]
    alarms: Sequence[Alarm]
    stories: Sequence[Story]
    emerging: Sequence[Mapping[str, Any]]
    sources: Sequence[Mapping[str, Any]]


def brief(day: Day, language: str) -> dict[str, Any]:
    """What the day was like, as JSON; the same for the same day.

    ``day``, ``language``, ``zone``; ``headline`` (a sentence); ``sentences`` (at most 8, the weightiest first, each
    ``kind``, ``about`` (a topic, an entity or an id, or empty) and ``text``; kinds are ``outage surge whole topic
    entity emerging story``); ``notes`` (sentences about what the figures cannot tell). ``whole``, ``topics`` and
    ``entities`` are lines: ``name texts stories before validated negative low high raw doubt``, ``number`` (``value low
    high`` of negative stories), ``change`` (``value low high certain``) and ``usual`` (stories of a usual day).
    ``alarms`` are alarms as JSON with ``what`` (their subject in words), ``stories`` stories as JSON, ``emerging`` and
    ``sources`` as they were given.
    """
    t = translator(language)
    sentences = _sentences(day, t)
    return {
        "day": day.day,
        "language": language,
        "zone": day.zone,
        "headline": _headline(day, sentences, t),
        "sentences": sentences,
        "whole": _line(day.whole),
        "topics": [_line(one) for one in day.topics[:_SHOWN]],
        "entities": [_line(one) for one in day.entities[:_SHOWN]],
        "alarms": [{**one.to_json(), "what": slice_name(one.finding.slice, t)} for one in _surges(day)],
        "stories": [one.to_json() for one in day.stories],
        "emerging": [dict(one) for one in day.emerging],
        "sources": [dict(one) for one in day.sources],
        "notes": _notes(day, t),
    }


def _line(line: Line) -> dict[str, Any]:
    return {**line.to_json(), "usual": round(line.before / PAST_DAYS, 1)}


def _surges(day: Day) -> list[Alarm]:
    """The most severe first, then the largest; a size that is not known comes last."""
    return sorted(
        day.alarms,
        key=lambda one: (
            -_SEVERITY[one.finding.severity],
            -(one.finding.size if math.isfinite(one.finding.size) else 0.0),
            one.id,
        ),
    )


def _sentences(day: Day, t: Translate) -> list[dict[str, str]]:
    found = [
        *_outages(day, t),
        *(_said("surge", one.id, _surge(one, day.zone, t)) for one in _surges(day)[:_SURGES]),
        _said("whole", "", _whole(day.whole, t)),
        *_changed("topic", day.topics, t),
        *_changed("entity", day.entities, t),
        *_emerging(day, t),
        *_told_most(day, t),
    ]
    return found[:_MOST]


def _said(kind: str, about: str, text: str) -> dict[str, str]:
    return {"kind": kind, "about": about, "text": text}


def _headline(day: Day, sentences: Sequence[Mapping[str, str]], t: Translate) -> str:
    silent = [one for one in day.sources if one["silent"]]
    surges = _surges(day)
    if not day.whole.stories:
        if silent:
            return t("Nothing was heard, and sources are silent: this is no sign of calm.")
        return t("Nothing was said.")
    if surges:
        template = (
            t("Surge of negative stories: {what}") if len(surges) == 1 else t("Surges of negative stories: {what}")
        )
        return template.format(what=t(", ").join(_subject(one, t) for one in surges[:_SURGES]))
    if day.whole.change.certain:
        up = day.whole.change.value > 0
        return t("More of what is said is negative") if up else t("Less of what is said is negative")
    changed = next((one for one in sentences if one["kind"] in {"topic", "entity"}), None)
    if changed:
        return changed["text"]
    return t("As far as was heard, a day as usual") if silent else t("A day as usual")


def _outages(day: Day, t: Translate) -> list[dict[str, str]]:
    silent = [one for one in day.sources if one["silent"]]
    if not silent:
        return []
    names = t(", ").join(str(one["name"]) for one in silent)
    if len(silent) == len(day.sources):
        text = t("All sources are silent ({names}): low numbers mean that little was heard, not that little was said.")
    else:
        text = t("{silent} of {all} sources are silent ({names}): the numbers of the day are too low.")
    return [_said("outage", "", text.format(silent=len(silent), all=len(day.sources), names=names))]


def _subject(alarm: Alarm, t: Translate) -> str:
    return slice_name(alarm.finding.slice, t) or t("all topics")


def _surge(alarm: Alarm, zone: str, t: Translate) -> str:
    finding = alarm.finding
    if math.isfinite(finding.value) and math.isfinite(finding.usual):
        text = t("{what}: {value} negative stories an hour, usually {usual}, since {since}; {state}.")
    else:
        text = t("{what}: a surge of negative stories since {since}; {state}.")
    state = t("over by now") if alarm.closed is not None else t("still going on")
    return text.format(
        what=_subject(alarm, t),
        value=_rate(finding.value),
        usual=_rate(finding.usual),
        since=_clock(finding.since, zone),
        state=state,
    )


def _whole(line: Line, t: Translate) -> str:
    if not line.stories:
        return t("No story was heard; a usual day has {usual}.").format(usual=_count(line.before / PAST_DAYS))
    heard = _amount(line, t).format(
        stories=_count(line.stories), texts=_count(line.texts), usual=_count(line.before / PAST_DAYS)
    )
    return t("{heard} {negative}").format(heard=heard, negative=_negative(line, t))


def _amount(line: Line, t: Translate) -> str:
    usual = line.before / PAST_DAYS
    if not usual:
        return t("{stories} stories were heard ({texts} texts with reposts).")
    if line.stories > _MUCH * usual:
        return t("{stories} stories were heard ({texts} texts with reposts), more than the {usual} of a usual day.")
    if line.stories * _MUCH < usual:
        return t("{stories} stories were heard ({texts} texts with reposts), fewer than the {usual} of a usual day.")
    return t("{stories} stories were heard ({texts} texts with reposts), about as on a usual day ({usual}).")


def _negative(line: Line, t: Translate) -> str:
    if line.share.doubt == "unmeasured":
        return t("Read as negative: {raw} of them; how often that is right was never measured.").format(
            raw=_percent(line.share.raw)
        )
    if line.share.doubt:
        return t("How many of them are negative cannot be told.")
    told = t("Negative: {share} of them").format(share=_range(line.share))
    if not math.isfinite(line.change.value):
        return t("{sentence}.").format(sentence=told)
    way = t("{sentence}, no certain change against the week before.")
    if line.change.certain:
        way = t("{sentence}, {points} points against the week before.")
    return way.format(sentence=told, points=_points(line))


def _changed(kind: str, lines: Sequence[Line], t: Translate) -> list[dict[str, str]]:
    """What has certainly become worse or better, the largest number of stories first.

    Of many lines some change by chance: each has to be so much surer that on 19 of 20 quiet days none is told.
    """
    stretch = NormalDist().inv_cdf(1 - _LEVEL / 2 / max(1, len(lines))) / NormalDist().inv_cdf(1 - _LEVEL / 2)
    certain = [one for one in lines if _sure(one.change, stretch) and not one.share.doubt]
    ranked = sorted(certain, key=lambda one: (-abs(one.change.value) * one.stories, one.name))
    found = []
    for one in ranked[:_CHANGES]:
        up = t("{name}: {share} of {stories} stories are negative, up by {points} points on the week before.")
        down = t("{name}: {share} of {stories} stories are negative, down by {points} points on the week before.")
        text = (up if one.change.value > 0 else down).format(
            name=t("other topics") if kind == "topic" and one.name == OTHER else one.name,
            share=_range(one.share),
            stories=_count(one.stories),
            points=_points(one, sign=False),
        )
        found.append(_said(kind, one.name, text))
    return found


def _sure(change: Change, stretch: float) -> bool:
    """Whether an interval that is so many times as wide leaves out 0."""
    toward = change.value - change.low if change.value > 0 else change.high - change.value
    return change.certain and abs(change.value) > stretch * toward


def _emerging(day: Day, t: Translate) -> list[dict[str, str]]:
    grown = sorted(
        (one for one in day.emerging if one["growth"] >= _GREW), key=lambda one: (-one["stories"], str(one["name"]))
    )
    template = t("A topic that no model knows grows: {name} ({stories} stories).")
    return [
        _said("emerging", str(one["id"]), template.format(name=one["name"], stories=_count(one["stories"])))
        for one in grown[:1]
    ]


def _told_most(day: Day, t: Translate) -> list[dict[str, str]]:
    if not day.stories:
        return []
    top = max(day.stories, key=lambda one: (one.reach, one.id))
    title = " ".join((top.title or top.text).split())
    short = title if len(title) <= _LONG else f"{title[: _LONG - 1]}…"
    text = t("Most told: “{title}” ({reach} texts from {sources} sources).")
    return [_said("story", top.id, text.format(title=short, reach=_count(top.reach), sources=top.sources))]


def _notes(day: Day, t: Translate) -> list[str]:
    """What the figures cannot tell."""
    notes = [
        t("Shares are corrected for the known errors of the sentiment model; brackets are 95 % intervals."),
        t("Which topic a text has is not corrected; some texts stand under a wrong one."),
    ]
    for lines, template in (
        (day.topics, t("Too few labelled texts say how right the sentiment is in a language of: {names}.")),
        (day.entities, t("What is felt about these is not validated: {names}.")),
    ):
        names = [one.name for one in lines if one.stories and not one.validated]
        if names:
            notes.append(template.format(names=t(", ").join(names[:_SHOWN])))
    silent = [one for one in day.sources if one["silent"] and one.get("since") is not None]
    notes += [
        t("{name} is silent since {since}.").format(name=one["name"], since=_clock(int(one["since"]), day.zone))
        for one in silent
    ]
    return notes


def _rate(value: float) -> str:
    """Stories an hour: a digit behind the point, two that count below 1."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _clock(at: int, zone: str) -> str:
    local = datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:.{1 if value < _FINE else 0}f} %"


def _range(share: Share) -> str:
    digits = 1 if share.value < _FINE else 0
    return f"{_percent(share.value)} [{100 * share.low:.{digits}f}, {100 * share.high:.{digits}f}]"


def _points(line: Line, *, sign: bool = True) -> str:
    """Percentage points with their interval; without a sign those of a fall are turned."""
    change = line.change
    value, low, high = (100 * one for one in (change.value, change.low, change.high))
    if sign:
        return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]"
    if value < 0:
        value, low, high = -value, -high, -low
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
