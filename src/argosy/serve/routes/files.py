"""``/v1/files``: files that batches read and write."""

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi import Path as Part
from fastapi.responses import StreamingResponse

from argosy.core.account import Caller
from argosy.core.jobs import File, Purpose
from argosy.serve.answers.work import Permits
from argosy.serve.errors import RequestError
from argosy.serve.jobs.parts import Batching
from argosy.serve.jobs.shelf import new_id, now
from argosy.serve.jobs.upload import Form, receive, too_large
from argosy.serve.service import Service
from argosy.serve.wire import jobs as bodies

Id = Annotated[str, Part(pattern=bodies.NO_NUL)]
_UPLOADS = 16  # at once
_CHUNK = 256 * 1024
_HOUR = 3_600 * 1_000_000  # microseconds
_DAY = 24 * _HOUR
_EXPIRES = "expires_after[seconds]"
_UPLOADED: tuple[Purpose, ...] = ("batch", "data")
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string", "enum": list(_UPLOADED)},
                        _EXPIRES: {"type": "integer"},
                    },
                }
            }
        },
    }
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def router(service: Service, parts: Batching) -> APIRouter:
    """The routes; every file is seen by its own tenant alone."""
    routes = APIRouter(tags=["batches"])
    permits = Permits(_UPLOADS)

    @routes.post("/v1/files", openapi_extra=_FORM)
    async def upload(request: Request) -> bodies.FileTold:
        """Hand in a file, as multipart/form-data with the fields ``file`` and ``purpose``."""
        service.readiness.require()
        caller = await enter(service, request)
        with permits.take(caller):
            return bodies.file_told(await _store(request, caller, parts, service.settings.read_seconds))

    @routes.get("/v1/files")
    async def files(
        request: Request,
        *,
        purpose: Annotated[str | None, Query(pattern=bodies.NO_NUL)] = None,
        after: Annotated[str | None, Query(pattern=bodies.NO_NUL)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        order: Literal["asc", "desc"] = "desc",
    ) -> bodies.FileList:
        """The files of this tenant, a page of them."""
        caller = await enter(service, request)
        tenant, newest = caller.account.tenant, order == "desc"
        found = await asyncio.to_thread(
            lambda: parts.shelf.known.page(tenant, purpose=purpose, after=after, limit=limit + 1, newest=newest)
        )
        told = [bodies.file_told(file) for file in found[:limit]]
        first, last = (told[0].id, told[-1].id) if told else (None, None)
        return bodies.FileList(data=told, first_id=first, last_id=last, has_more=len(found) > limit)

    @routes.get("/v1/files/{file_id}")
    async def file(request: Request, file_id: Id) -> bodies.FileTold:
        """What is known of a file."""
        caller = await enter(service, request)
        return bodies.file_told(await find(parts, caller, file_id))

    @routes.get("/v1/files/{file_id}/content", response_class=StreamingResponse, responses=_BYTES)
    async def content(request: Request, file_id: Id) -> StreamingResponse:
        """The bytes of a file."""
        caller = await enter(service, request)
        found = await find(parts, caller, file_id)
        length = {"content-length": str(found.bytes), "x-content-type-options": "nosniff"}
        body = _chunks(parts.shelf.path(found.tenant, found.id))
        return StreamingResponse(body, media_type="application/octet-stream", headers=length)

    @routes.delete("/v1/files/{file_id}")
    async def delete(request: Request, file_id: Id) -> bodies.Deleted:
        """Delete a file; a batch that still reads it fails."""
        caller = await enter(service, request)
        found = await find(parts, caller, file_id)
        await parts.shelf.drop(found.tenant, found.id)
        return bodies.Deleted(id=found.id)

    return routes


async def enter(service: Service, request: Request) -> Caller:
    """Who asks, with a key for batches of requests or for data services."""
    try:
        return await service.admission.enter(request, "batch")
    except RequestError as error:
        if error.code != "no_scope":
            raise
    return await service.admission.enter(request, "data")


async def find(parts: Batching, caller: Caller, file_id: str) -> File:
    """A file of the caller's tenant; raises RequestError when there is none."""
    found = await parts.shelf.find(caller.account.tenant, file_id)
    if found is None:
        raise RequestError(
            "There is no such file.", code="not_found", param="file_id", mend="See GET /v1/files for those there are."
        )
    return found


async def _store(request: Request, caller: Caller, parts: Batching, seconds: float) -> File:
    tenant, bounds = caller.account.tenant, parts.bounds
    room = bounds.stored_bytes - await asyncio.to_thread(parts.shelf.known.stored, tenant)
    if room <= 0:
        raise _full(bounds.stored_bytes)
    try:
        with parts.shelf.aside(tenant) as path:
            form = await receive(request, path, bounds.file_bytes, seconds)
            if form.bytes > bounds.file_bytes:
                raise too_large(bounds.file_bytes)
            if form.bytes > room:
                raise _full(bounds.stored_bytes)
            file = _file(form, tenant, bounds.file_days)
            await parts.shelf.place(path, file)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
            raise
        raise RequestError(
            "The server cannot store the file now.", code="storage_unavailable", mend="Try again later."
        ) from error
    return file


def _file(form: Form, tenant: str, days: int) -> File:
    if form.name is None:
        raise RequestError(
            "The form has no file.",
            code="missing_field",
            param="file",
            mend="Send it in the field {name!r}.",
            name="file",
        )
    purpose = form.fields.get("purpose")
    known = next((one for one in _UPLOADED if one == purpose), None)
    if known is None:
        raise RequestError(
            "The purpose of a file is one of {names}.",
            code="invalid_value" if purpose else "missing_field",
            param="purpose",
            mend="Send one of these in the field {name!r}.",
            names=", ".join(_UPLOADED),
            name="purpose",
        )
    if not form.bytes:
        raise RequestError("The file is empty.", code="empty_file", param="file", mend="Send one with something in it.")
    return File(
        id=new_id("file-"),
        tenant=tenant,
        purpose=known,
        name=form.name,
        bytes=form.bytes,
        created=now(),
        expires=now() + _kept(form.fields.get(_EXPIRES), days),
    )


def _kept(seconds: str | None, days: int) -> int:
    """How long a file is kept, in microseconds: as long as it may be, or as was asked."""
    if seconds is None:
        return days * _DAY
    if not (seconds.isdecimal() and len(seconds) < 10 and _HOUR <= int(seconds) * 1_000_000 <= days * _DAY):  # noqa: PLR2004 - digits
        raise RequestError(
            "A file may expire after {least} seconds at the earliest and {most} at the latest.",
            code="invalid_value",
            param="expires_after",
            mend="Leave it out to keep the file as long as may be.",
            least=_HOUR // 1_000_000,
            most=days * _DAY // 1_000_000,
        )
    return int(seconds) * 1_000_000


def _full(limit: int) -> RequestError:
    return RequestError(
        "Your files would take more than {limit} bytes.",
        code="storage_full",
        mend="Delete some: DELETE /v1/files/ID",
        limit=limit,
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
