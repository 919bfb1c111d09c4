"""Topics that emerge, found anew each hour among the stories that no trained topic holds, and kept beside the texts."""

import json
from collections.abc import Sequence
from typing import Any

from argosy.core.artifact import write_atomically
from argosy.core.opinion import HOUR, OTHER, Kept
from argosy.opinion.emerging.topics import Group, Text, emerging
from argosy.project.opining.figures import EMERGING
from argosy.project.opining.live import LiveOpinion

_DAYS = 14
_MOST, _USUAL = 10_000, 4_000  # stories that are read: of no topic, and of the known ones
_SHOWN = 10


def find_groups(live: LiveOpinion, at: int) -> list[Group]:
    """The groups as of now, written to where the pages read them; those found before go on under their ids."""
    start = at - _DAYS * 24 * HOUR
    place = live.texts / EMERGING
    before = [Group.from_json(one) for one in _read(place)["found"]] if place.is_file() else []
    loose = live.log.between(start, at + HOUR, topic=OTHER, first=True, most=_MOST)
    known = [one for one in live.log.between(start, at + HOUR, first=True, most=_USUAL) if one.opinion.topic != OTHER]
    found = emerging(_texts(loose), now=at, usual=_texts(known), earlier=before)
    told = {"at": at, "found": [one.to_json() for one in found], "groups": [_shown(one) for one in found[:_SHOWN]]}
    place.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(place, json.dumps(told, ensure_ascii=False))
    return found


def _read(place: Any) -> dict[str, Any]:
    return dict(json.loads(place.read_text(encoding="utf-8")))


def _texts(kept: Sequence[Kept]) -> list[Text]:
    return [
        Text(id=one.id, text=one.opinion.text, language=one.opinion.language, at=one.opinion.post.at) for one in kept
    ]


def _shown(group: Group) -> dict[str, Any]:
    """What the pages show of a group: its name, its words, how many stories, since when, and the likest texts."""
    return {
        "id": group.id,
        "name": group.name,
        "words": list(group.words),
        "language": group.language,
        "stories": len(group.members),
        "first": group.first,
        "last": group.last,
        "growth": group.growth,
        "examples": list(group.members[:3]),
    }
