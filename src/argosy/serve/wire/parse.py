"""A JSON body as a record, and what is wrong with it said by name."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from argosy.serve.errors import RequestError

# Unknown keys are let in by the records and refused by name here: "forbid" would build an error for each of a million.
STRICT = ConfigDict(strict=True, extra="allow", json_schema_extra={"additionalProperties": False})

_SHOWN = 60  # characters of a client's own words that an error repeats
AT_ONCE = Field(fail_fast=True)  # of lists: the first fault is told, and a million are not looked for
Texts = Annotated[list[str], AT_ONCE]
M = TypeVar("M", bound=BaseModel)


def parse(
    body: bytes,
    kind: type[M],
    *,
    example: str,
    harmless: frozenset[str] = frozenset(),
    neutral: Mapping[str, Sequence[Any]] | None = None,
) -> M:
    """The request in a JSON body; raises RequestError for the first thing that is wrong with it.

    Keys that are ``harmless`` change no answer; those that are ``neutral`` may have one of the values named (or null),
    with which they ask for nothing. Every other key that ``kind`` does not have is refused by name.
    """
    if not body.strip():
        raise RequestError("The body is empty.", code="not_json", mend="Send JSON such as {example}.", example=example)
    try:
        asked = kind.model_validate_json(body)
    except ValidationError as error:
        raise _explain(error, kind, example) from None
    for key, value in (asked.model_extra or {}).items():
        if key not in harmless:
            _check_extra(key, value, kind, neutral or {})
    return asked


def parse_many(body: bytes, kind: type[M], *, example: str, most: int) -> list[M]:
    """The objects in a JSON list; raises RequestError for the first thing that is wrong with one, or for too many."""
    told: TypeAdapter[list[M]] = _lists(kind, most)
    try:
        many = told.validate_json(body)
    except ValidationError as error:
        raise _explain_many(error, kind, example, most) from None
    for at, one in enumerate(many):
        if one.model_extra:
            refuse_unknown(one, f"[{at}]")
    return many


@cache
def _lists(kind: type[M], most: int) -> TypeAdapter[list[M]]:
    return TypeAdapter(Annotated[list[kind], Field(fail_fast=True, max_length=most)])  # type: ignore[valid-type, arg-type]  # a class as a value


def _explain_many(error: ValidationError, kind: type[BaseModel], example: str, most: int) -> RequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = first["loc"]
    if first["type"] == "too_long" and not path:
        return RequestError(
            "A request may hold {limit} of them.",
            code="too_many_lines",
            mend="Split them over several requests.",
            limit=most,
        )
    if first["type"] == "json_invalid" or len(path) < len(("place", "key")):
        return _explain_whole(first["type"], example)
    place, key = f"[{path[0]}].{path[1]}", str(path[1])
    if first["type"] == "missing":
        return _missing(place, key, example)
    return _unfit(place, key, kind, example)


def refuse_unknown(part: BaseModel, place: str) -> None:
    """Raise RequestError for a key that a ``part`` of a request does not know; ``place`` is where the part stands."""
    for key, value in (part.model_extra or {}).items():
        _check_extra(key, value, type(part), {}, f"{place}.")


def _check_extra(
    key: str, value: object, kind: type[BaseModel], neutral: Mapping[str, Sequence[Any]], place: str = ""
) -> None:
    shown = key[:_SHOWN]
    if key in neutral:
        if value is None or value in neutral[key]:
            return
        raise RequestError(
            "The key {key!r} asks for what this server does not do.",
            code="unsupported_field",
            param=shown,
            mend="Leave it out.",
            key=shown,
        )
    near = get_close_matches(shown, list(kind.model_fields), n=1, cutoff=0)
    raise RequestError(
        "The key {key!r} is not known.",
        code="unknown_field",
        param=place + shown,
        mend="Did you mean {near!r}?",
        key=shown,
        near=near[0],
    )


def _explain(error: ValidationError, kind: type[BaseModel], example: str) -> RequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = first["loc"]
    if first["type"] == "json_invalid" or not path:
        return _explain_whole(first["type"], example)
    if first["type"] == "missing":
        return _missing(_place(path), str(path[-1]), example)
    return _unfit(_place(path), str(path[0]), kind, example)


def _explain_whole(fault: str, example: str) -> RequestError:
    if fault == "json_invalid":
        return RequestError("The body is not JSON.", code="not_json", mend="Send {example}.", example=example)
    return RequestError(
        "The body must be a JSON object.", code="invalid_value", mend="Send {example}.", example=example
    )


def _missing(place: str, key: str, example: str) -> RequestError:
    return RequestError(
        "The key {key!r} is missing.",
        code="missing_field",
        param=place,
        mend="Send {example}.",
        key=key,
        example=example,
    )


def _unfit(place: str, key: str, kind: type[BaseModel], example: str) -> RequestError:
    return RequestError(
        "The value of {key!r} does not fit: it must be {expected}.",
        code="invalid_value",
        param=place,
        mend="Send {example}.",
        key=key,
        expected=kind.model_fields[key].description or "as GET /docs tells",
        example=example,
    )


def _place(path: Sequence[str | int]) -> str:
    """Where a value stands, in the client's own words: ``messages[0].content``; branches of a union are left out.

    >>> _place(("messages", 0, "content", "str"))
    'messages[0].content'
    """
    place = str(path[0])
    for part in path[1:]:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part in _INNER:
            place += f".{part}"
    return place[:_SHOWN]


_INNER = frozenset({"role", "content", "type", "text", "include_usage", "tags", "min_price", "max_price", "exclude"})
