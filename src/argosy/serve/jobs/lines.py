"""The lines of a batch's file: JSON Lines as OpenAI has them, what is asked and what is answered."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from argosy.serve.errors import RequestError

TOLD = 10  # faults of one file at most
_ENVELOPE = 4096  # bytes of a line around the request's body
_SHOWN = 60  # characters of a client's own words that an error repeats
_LONGEST_ID = 256  # characters
_EXAMPLE = '{"custom_id": "1", "method": "POST", "url": "/v1/classify", "body": {"input": "a text"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A request: its number in the file from 1, the client's own id for it, and its body as JSON.

    ``user`` is the person whom it is about, so that the answer can be erased when the request is gone already.
    """

    number: int
    custom_id: str
    body: bytes
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What every line keeps to: its ``endpoint``, the bytes of its body, and how many there may be."""

    endpoint: str
    body_bytes: int
    lines: int


def check(path: Path, rules: Rules) -> tuple[int, list[tuple[int, RequestError]]]:
    """How many requests a file holds, and the first faults with their lines; memory is that of the ids' digests."""
    faults: list[tuple[int, RequestError]] = []
    seen: set[bytes] = set()
    for number, raw in _raw(path, rules):
        try:
            line = _parse(number, raw, rules)
            digest = hashlib.blake2b(line.custom_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            if digest in seen:
                raise _duplicate(line.custom_id)
            seen.add(digest)
            if len(seen) > rules.lines:
                raise _too_many(rules.lines)
        except RequestError as fault:
            faults.append((number, fault))
            if len(faults) == TOLD or fault.code == "too_many_lines":
                break
    if not seen and not faults:
        faults.append((1, _empty()))
    return len(seen), faults


def requests(path: Path, rules: Rules, skip: int) -> Iterator[Line]:
    """The requests of a file that was checked, without the first ``skip``."""
    for place, (number, raw) in enumerate(_raw(path, rules)):
        if place >= skip:
            yield _parse(number, raw, rules)


def answered(batch: str, line: Line, *, status: int, request_id: str, body: bytes) -> bytes:
    """A line of an output file: what a request was answered."""
    response = {"status_code": status, "request_id": request_id, "body": _json(body)}
    return _line(batch, line, response, None)


def unanswered(batch: str, line: Line, *, code: str, message: str) -> bytes:
    """A line of an error file for a request that was not asked."""
    return _line(batch, line, None, {"code": code, "message": message})


def _line(batch: str, line: Line, response: object, error: object) -> bytes:
    told = {
        "id": f"batch_req_{hashlib.sha256(f'{batch}:{line.number}'.encode()).hexdigest()[:24]}",
        "custom_id": line.custom_id,
        "response": response,
        "error": error,
        **({"user": line.user} if line.user else {}),
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _raw(path: Path, rules: Rules) -> Iterator[tuple[int, bytes]]:
    """Each line with its number, none longer than a little more than may be; blank ones are left out."""
    limit = rules.body_bytes + _ENVELOPE
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(limit + 1):
            number += 1
            if len(raw) > limit:
                _skip(file, limit)
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")  # a mark that editors on Windows put there
            if raw.strip():
                yield number, raw


def _skip(file: BinaryIO, limit: int) -> None:
    """Read on to the end of a line that is too long."""
    while (rest := file.readline(limit)) and not rest.endswith(b"\n"):
        pass


def _parse(number: int, raw: bytes, rules: Rules) -> Line:
    if len(raw) > rules.body_bytes + _ENVELOPE:
        raise RequestError(
            "The line is longer than {limit} bytes.",
            code="body_too_large",
            mend="Split its request over several lines.",
            limit=rules.body_bytes,
        )
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise RequestError(
            "The line is not a JSON object.",
            code="invalid_json_line",
            mend="Write one on each line, such as {example}.",
            example=_EXAMPLE,
        )
    _check_keys(told, rules.endpoint)
    user = told["body"].get("user")
    return Line(
        number=number,
        custom_id=told["custom_id"],
        body=json.dumps(told["body"]).encode(),
        user=user if isinstance(user, str) else None,
    )


def _check_keys(told: dict[str, Any], endpoint: str) -> None:
    for key, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if key not in told:
            raise RequestError(
                "The key {key!r} is missing.",
                code="missing_field",
                param=key,
                mend="Write {example}.",
                key=key,
                example=_EXAMPLE,
            )
        if not isinstance(told[key], kind):
            raise _invalid(key)
    if not 1 <= len(told["custom_id"]) <= _LONGEST_ID:
        raise _invalid("custom_id")
    if told["method"] != "POST":
        raise _invalid("method")
    if told["url"] != endpoint:
        raise RequestError(
            "The line is for {url!r}, and the batch for {endpoint!r}.",
            code="invalid_url",
            param="url",
            mend="Make a batch for each of them.",
            url=told["url"][:_SHOWN],
            endpoint=endpoint,
        )
    if told["body"].get("stream"):
        raise RequestError(
            "A batch does not stream.", code="invalid_value", param="body.stream", mend="Leave the key out."
        )


def _invalid(key: str) -> RequestError:
    return RequestError(
        "The key {key!r} has no valid value.",
        code="invalid_value",
        param=key,
        mend="Write {example}.",
        key=key,
        example=_EXAMPLE,
    )


def _duplicate(custom_id: str) -> RequestError:
    return RequestError(
        "The custom id {id!r} stands in an earlier line too.",
        code="duplicate_custom_id",
        param="custom_id",
        mend="Give every line its own.",
        id=custom_id[:_SHOWN],
    )


def _too_many(limit: int) -> RequestError:
    return RequestError(
        "The file holds more than {limit} requests.",
        code="too_many_lines",
        mend="Split it over several batches.",
        limit=limit,
    )


def _empty() -> RequestError:
    return RequestError(
        "The file holds no request.",
        code="empty_file",
        mend="Write one on each line, such as {example}.",
        example=_EXAMPLE,
    )
