"""The daily brief: the record of a day, made each morning, and sent to whom alarms are sent."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from argosy.core.artifact import write_atomically
from argosy.core.language import translator
from argosy.core.opinion import HOUR
from argosy.opinion.brief import PAST_DAYS, Day, brief
from argosy.opinion.counting.table import entity_lines, topic_lines, whole_line
from argosy.project.opining import figures
from argosy.project.opining.days import bounds_of, day_of, parsed
from argosy.project.watching.addresses import Address, addresses_of
from argosy.project.watching.letters import Letter
from argosy.project.watching.sending import send

if TYPE_CHECKING:
    from argosy.project.opining.live import LiveOpinion

FOLDER = "briefs"
_STORIES = 10
_log = logging.getLogger(__name__)


def brief_of(live: "LiveOpinion", day: str, language: str) -> dict[str, Any]:
    """What a day was like, as ``opinion.brief`` tells it; raises ProjectError for a word that is no day."""
    start, end = bounds_of(parsed(day), live.zone)
    hours = (end - start) // HOUR
    cells, errors = live.log.cells(start - PAST_DAYS * 24 * HOUR, end), live.models.errors
    past = PAST_DAYS * 24
    alarms = [one for one in live.alarms() if one.finding.since < end and (one.closed is None or one.closed >= start)]
    known = Day(
        day=day,
        zone=live.zone,
        whole=whole_line(cells, errors, end, hours, past),
        topics=topic_lines(cells, errors, end, hours, past),
        entities=live.unvalidated(entity_lines(cells, errors, end, hours, past)),
        alarms=alarms,
        stories=live.log.stories(start, end, most=_STORIES),
        emerging=figures.emerging(live),
        sources=figures.sources(live, start, end),
    )
    return brief(known, language)


def send_brief(live: "LiveOpinion", at: int) -> list[str]:
    """Make yesterday's brief once it is time, and send it to the addresses that did not take it yet; these."""
    wish = live.home.project.opinion
    here = datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(ZoneInfo(live.zone))
    if f"{here:%H:%M}" < wish.brief:
        return []
    day = (day_of(at, live.zone) - timedelta(days=1)).isoformat()
    place = live.texts / FOLDER / f"{day}.json"
    kept = _read(place) or {"record": brief_of(live, day, wish.language), "sent": []}
    addresses = [one for one in addresses_of(live.home.project.watch.send) if one.target not in kept["sent"]]
    taken = [one.target for one in addresses if _took(one, kept["record"])]
    if taken or not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        told = {**kept, "sent": [*kept["sent"], *taken]}
        write_atomically(place, json.dumps(told, ensure_ascii=False, indent=1))
    return taken


def letter(record: Mapping[str, Any]) -> Letter:
    """A brief as a message: its headline, its sentences, what they cannot tell."""
    t = translator(str(record["language"]))
    title = t("{day}: {headline}").format(day=record["day"], headline=record["headline"])
    lines = [f"· {one['text']}" for one in record["sentences"]]
    return Letter(title=title, body="\n".join([*lines, "", *record["notes"]]))


def _took(address: Address, record: Mapping[str, Any]) -> bool:
    error = send(address, letter(record))
    if error:
        _log.warning("the brief could not be sent to %s and is tried again: %s", address.target, error)
    return not error


def _read(place: Path) -> dict[str, Any] | None:
    return dict(json.loads(place.read_text(encoding="utf-8"))) if place.is_file() else None
