"""``argosy opinion alarms``: surges with their evidence, who has seen them, and who deals with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.core.signals import slice_name
from argosy.core.watch import Alarm, Finding
from argosy.report.numbers import count, rounded
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.opining.opening import clock, opened

_SHOWN = 70  # characters of a text in a table
_STORIES = 3  # of which more is told


def list_alarms(folder: Path, *, every: bool, as_json: bool) -> None:
    """The open surges, or all of them, the newest first."""
    with opened(folder) as live:
        alarms, zone = live.alarms(still=not every), live.zone
    if as_json:
        say_json({"alarms": [alarm.to_json() for alarm in alarms]})
        return
    heads = (t("alarm"), t("state"), t("severity"), t("since"), t("what"), t("owner"))
    rows = [
        (one.id, state(one), severity(one), clock(one.finding.since, zone), surge(one), one.owner) for one in alarms
    ]
    show_table(heads, rows)


def show(folder: Path, alarm: str, *, as_json: bool) -> None:
    """A surge with the stories that are its likely cause, texts that show it, and who was told."""
    with opened(folder) as live:
        found, zone = live.alarm(alarm), live.zone
    if as_json:
        say_json(dict(found))
        return
    one = Alarm(**{**found["alarm"], "finding": Finding.from_json(found["alarm"]["finding"])})
    say(f"{surge(one)}    {severity(one)}    {state(one)}")
    since, at = clock(one.finding.since, zone), clock(one.finding.at, zone)
    say(t("since {since}, noticed {at} ({zone})").format(since=since, at=at, zone=zone))
    if one.owner:
        say(t("{owner} deals with it.").format(owner=one.owner))
    _tell(found, zone)


def acknowledge(folder: Path, alarm: str, *, usual: bool, as_json: bool) -> None:
    """Put on record that somebody has seen it; with ``usual`` the level since it began is the usual one."""
    with opened(folder) as live:
        noted = live.acknowledge(alarm, actor(), usual=usual)
    done = t("Closed: this level is the usual one.") if usual else t("Acknowledged; it stays open while it lasts.")
    _done(noted, done, as_json=as_json)


def assign(folder: Path, alarm: str, owner: str, *, as_json: bool) -> None:
    """Say who deals with it."""
    with opened(folder) as live:
        noted = live.assign(alarm, owner, actor())
    _done(noted, t("{owner} deals with it.").format(owner=owner), as_json=as_json)


def close(folder: Path, alarm: str, *, as_json: bool) -> None:
    """Close it by hand."""
    with opened(folder) as live:
        noted = live.close(alarm, actor())
    _done(noted, t("Closed; it may open again."), as_json=as_json)


def surge(alarm: Alarm) -> str:
    """What surges, and by how much."""
    finding = alarm.finding
    said = t("{slice}: {value} negative stories an hour, usually {usual}")
    return said.format(slice=slice_name(finding.slice, t), value=rounded(finding.value), usual=rounded(finding.usual))


def state(alarm: Alarm) -> str:
    """Whether it is open, seen or closed."""
    if alarm.closed is not None:
        return t("closed")
    return t("seen by {by}").format(by=alarm.by) if alarm.acknowledged is not None else t("open")


def severity(alarm: Alarm) -> str:
    """How grave it is, in a word."""
    return {"": "", "low": t("low"), "medium": t("medium"), "high": t("high")}[alarm.finding.severity]


def _tell(found: Mapping[str, Any], zone: str) -> None:
    if found["stories"]:
        say(t("likely cause"))
    for story in found["stories"][:_STORIES]:
        told = t("{reach} texts of {sources} sources since {first}: {title}    {id}")
        title = " ".join((story["title"] or story["text"]).split())[:_SHOWN]
        first = clock(story["first"], zone)
        figures = {"reach": count(story["reach"]), "sources": count(story["sources"])}
        say("  " + told.format(title=title, first=first, id=story["id"], **figures))
    if found["texts"]:
        say(t("texts that show it"))
    for text in found["texts"]:
        say(f"  · {' '.join(text['text'].split())}")
    rows = [
        (one["kind"], one["target"], str(one["tries"]), clock(one["sent"], zone) if one["sent"] else one["error"])
        for one in found["messages"]
    ]
    if rows:
        show_table((t("message"), t("target"), t("tries"), t("state")), rows)


def _done(alarm: Alarm, told: str, *, as_json: bool) -> None:
    if as_json:
        say_json({"alarm": alarm.to_json()})
        return
    say(told)
