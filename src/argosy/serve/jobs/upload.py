"""A form with one file (RFC 7578), written to disk as it comes: no more than a chunk of it is in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from argosy.serve.errors import RequestError

_FIELDS, _FIELD_BYTES = 8, 1024
_OVERHEAD = 64 * 1024  # bytes around the file
_SLOWEST = 16 * 1024  # bytes a second
_LONGEST_NAME = 255


class Form:
    """What has come so far: ``fields`` by name, the file's ``name`` and the number of its ``bytes``."""

    def __init__(self, out: BinaryIO) -> None:
        self.fields: dict[str, str] = {}
        self.name: str | None = None
        self.bytes = 0
        self.whole = False
        self._out = out
        self._head: list[bytes] = []
        self._field: str | None = None  # None: the part is the file
        self._value = bytearray()
        self._header = [b"", b""]

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that tells this form what it finds."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header_part(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._header_part(1, data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._begin_data,
                "on_part_data": lambda data, start, end: self._data(data[start:end]),
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def _begin(self) -> None:
        self._head, self._value, self._header = [], bytearray(), [b"", b""]

    def _header_part(self, place: int, data: bytes) -> None:
        self._header[place] += data

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._head = [self._header[1]]
        self._header = [b"", b""]

    def _begin_data(self) -> None:
        _, options = parse_options_header(b"".join(self._head))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            if len(self.fields) >= _FIELDS:
                raise _malformed()
            self._field = name
            return
        if name != "file" or self.name is not None:
            raise RequestError(
                "A form may have one file, in the field {name!r}.",
                code="bad_request",
                param="file",
                mend="Send one file at a time.",
                name="file",
            )
        self._field = None
        self.name = options[b"filename"].decode("utf-8", "replace").replace("\0", "")[-_LONGEST_NAME:]

    def _data(self, data: bytes) -> None:
        if self._field is None:
            self.bytes += len(data)
            self._out.write(data)
            return
        self._value += data
        if len(self._value) > _FIELD_BYTES:
            raise _malformed()

    def _end(self) -> None:
        if self._field is not None:
            self.fields[self._field] = self._value.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.whole = True


async def receive(request: Request, path: Path, limit: int, seconds: float) -> Form:
    """The form of a request, its file at ``path``; raises RequestError for one that is too large, slow or no form.

    It may be ``seconds`` behind 16 kB a second: who dribbles is cut off soon, however large his file.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise RequestError(
            "The body must be a form with a file, and its content type is {kind!r}.",
            code="unsupported_media_type",
            mend="Send it as multipart/form-data, with the fields file and purpose.",
            kind=kind.decode("latin-1")[:60],
        )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit + _OVERHEAD:
        raise too_large(limit)
    try:
        async with asyncio.timeout(seconds) as clock:
            return await _receive(_paced(request.stream(), clock), path, boundary, limit)
    except MultipartParseError:
        raise _malformed() from None
    except TimeoutError:
        raise RequestError(
            "The file did not come in time.", code="body_too_slow", mend="Send a smaller one, or come by a faster line."
        ) from None


async def _paced(stream: AsyncIterator[bytes], clock: asyncio.Timeout) -> AsyncIterator[bytes]:
    """The stream; what comes puts the end off by the time it may take, never further than it was at first."""
    loop = asyncio.get_running_loop()
    late = (clock.when() or 0.0) - loop.time()
    async for chunk in stream:
        clock.reschedule(min((clock.when() or 0.0) + len(chunk) / _SLOWEST, loop.time() + late))
        yield chunk


async def _receive(stream: AsyncIterator[bytes], path: Path, boundary: bytes, limit: int) -> Form:
    with path.open("wb") as out:
        form = Form(out)
        parser = form.parser(boundary)
        taken = 0
        async for chunk in stream:
            taken += len(chunk)
            if taken > limit + _OVERHEAD or form.bytes > limit:
                raise too_large(limit)
            await asyncio.to_thread(parser.write, chunk)
        if not form.whole:
            raise _malformed()
    return form


def too_large(limit: int) -> RequestError:
    """The refusal of a file with more than ``limit`` bytes."""
    return RequestError(
        "The file is larger than {limit} bytes.",
        code="body_too_large",
        param="file",
        mend="Split it over several files.",
        limit=limit,
    )


def _malformed() -> RequestError:
    return RequestError(
        "The form is cut off or malformed.",
        code="bad_request",
        mend="Send it as multipart/form-data, with the fields file and purpose.",
    )
