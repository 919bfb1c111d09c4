"""Posts that another program sends by HTTP: one object, or a list of them."""

import json
from collections.abc import Mapping
from typing import Any

from argosy.core.errors import DataError
from argosy.core.opinion import Post
from argosy.opinion.sources.clock import published
from argosy.opinion.sources.fields import MOST_CHARACTERS, Fields, key_of, microseconds, now, sound

_MOST = 1000  # posts of a body
_FIELDS = Fields()
_OTHERS = ("url", "language")


_FORMS = 'Send {{"text": "…"}}, or a list of such: [{{"text": "…"}}, …]'


def posted(source: str, body: bytes, *, fields: Fields = _FIELDS, received: int | None = None) -> list[Post]:
    """The posts of a JSON body; all of them or none.

    A post without an id is known by the digest of its text and time: sent twice, it counts once.
    Raises DataError that names the first field that cannot be taken, and its place.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DataError("The body is not JSON.", mend='Send {{"text": "…", "id": "…", "time": "…"}}.') from error
    records = told if isinstance(told, list) else [told]
    if len(records) > _MOST:
        raise DataError("The body holds {count:,} posts; {most:,} are taken at once.", count=len(records), most=_MOST)
    heard = now() if received is None else received
    return [
        _post(source, record, f"[{number}]" if isinstance(told, list) else "", fields, heard)
        for number, record in enumerate(records)
    ]


def _post(source: str, record: Any, place: str, fields: Fields, received: int) -> Post:
    if not isinstance(record, Mapping):
        raise DataError("An object with the field {field!r} is expected.", where=place, mend=_FORMS, field=fields.text)
    text = _said(record, fields.text, place)
    if not text.strip():
        raise DataError(
            "The field {field!r} is missing or empty.", where=_at(place, fields.text), mend=_FORMS, field=fields.text
        )
    if len(text) > MOST_CHARACTERS:
        raise DataError(
            "The text has {count:,} characters; {most:,} are taken.",
            where=_at(place, fields.text),
            count=len(text),
            most=MOST_CHARACTERS,
        )
    time = _said(record, fields.time, place)
    at = microseconds(time) if time else None
    if time and at is None:
        raise DataError(
            "{found!r} is not read as a time.",
            where=_at(place, fields.time),
            mend="Write it as 2026-03-01T14:05:00Z.",
            found=time[:40],
        )
    title, author, url, language = (_said(record, name, place) for name in (fields.title, fields.author, *_OTHERS))
    return Post(
        source=source,
        key=_said(record, fields.key, place) or key_of(text, time),
        text=text,
        at=published(at, received),
        received=received,
        title=title,
        author=author,
        url=url,
        language=language,
    )


def _said(record: Mapping[str, Any], field: str, place: str) -> str:
    """The text of a field, empty where it is not there; raises DataError for a list or an object."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError("The field {field!r} is no text.", where=_at(place, field), field=field)
    return sound(str(value))


def _at(place: str, field: str) -> str:
    return f"{place}.{field}" if place else field
