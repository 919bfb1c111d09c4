"""``/v1/batches``: files worked through in the background."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request

from argosy.core.account import Caller
from argosy.core.jobs import Batch, File
from argosy.core.language import from_locale
from argosy.serve.errors import RequestError
from argosy.serve.jobs.background import Background
from argosy.serve.jobs.parts import LINES, ROWS
from argosy.serve.jobs.shelf import new_id, now
from argosy.serve.openapi import body_of
from argosy.serve.routes.files import Id, enter, find
from argosy.serve.service import Service
from argosy.serve.wire import jobs as bodies
from argosy.serve.wire.bodies import read_body
from argosy.serve.wire.parse import parse

_EXAMPLE = '{"input_file_id": "file-…", "endpoint": "/v1/classify", "completion_window": "24h"}'


def router(service: Service, background: Background) -> APIRouter:
    """The routes; every batch is seen by its own tenant alone."""
    routes = APIRouter(tags=["batches"])
    parts, jobs = background.parts, background.parts.jobs

    @routes.post("/v1/batches", openapi_extra=body_of(bodies.BatchRequest))
    async def create(request: Request) -> bodies.BatchTold:
        """Work through a file in the background; every line, or row, is charged as it is answered."""
        service.readiness.require()
        caller = await enter(service, request)
        asked = parse(await read_body(request, service.settings), bodies.BatchRequest, example=_EXAMPLE)
        bodies.check_endpoint(asked.endpoint)
        await service.admission.enter(request, "data" if asked.endpoint in ROWS else "batch")
        if asked.endpoint in LINES:
            await service.admission.enter(request, LINES[asked.endpoint])
        file = await find(parts, caller, asked.input_file_id)
        _check_file(file, asked.endpoint, asked.metadata or {})
        batch = _batch(asked, caller, from_locale(request.headers.get("accept-language")))
        await asyncio.wrap_future(jobs.add(batch))
        background.wake()
        return bodies.batch_told(batch)

    @routes.get("/v1/batches")
    async def batches(
        request: Request,
        after: Annotated[str | None, Query(pattern=bodies.NO_NUL)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> bodies.BatchList:
        """The batches of this tenant, a page of them, the newest first."""
        caller = await enter(service, request)
        tenant = caller.account.tenant
        found = await asyncio.to_thread(lambda: jobs.page(tenant, after=after, limit=limit + 1))
        told = [bodies.batch_told(batch) for batch in found[:limit]]
        first, last = (told[0].id, told[-1].id) if told else (None, None)
        return bodies.BatchList(data=told, first_id=first, last_id=last, has_more=len(found) > limit)

    @routes.get("/v1/batches/{batch_id}")
    async def batch(request: Request, batch_id: Id) -> bodies.BatchTold:
        """How far a batch is."""
        caller = await enter(service, request)
        found = await asyncio.to_thread(jobs.get, caller.account.tenant, batch_id)
        return bodies.batch_told(_there(found))

    @routes.post("/v1/batches/{batch_id}/cancel")
    async def cancel(request: Request, batch_id: Id) -> bodies.BatchTold:
        """Stop a batch; what was done stays, and is charged."""
        caller = await enter(service, request)
        found = await asyncio.wrap_future(jobs.cancel(caller.account.tenant, batch_id, now()))
        background.wake()
        return bodies.batch_told(_there(found))

    return routes


def _there(batch: Batch | None) -> Batch:
    if batch is None:
        raise RequestError(
            "There is no such batch.",
            code="not_found",
            param="batch_id",
            mend="See GET /v1/batches for those there are.",
        )
    return batch


def _check_file(file: File, endpoint: str, wishes: Mapping[str, str]) -> None:
    from argosy.data.files.read import FORMATS

    if endpoint in ROWS:
        bodies.check_wishes(endpoint, wishes)
    purpose = "data" if endpoint in ROWS else "batch"
    if file.purpose != purpose:
        raise RequestError(
            "The file was uploaded for the purpose {found!r}; this endpoint reads files for {expected!r}.",
            code="invalid_value",
            param="input_file_id",
            mend="Upload it again with that purpose.",
            found=file.purpose,
            expected=purpose,
        )
    if endpoint in ROWS and Path(file.name).suffix.lower() not in FORMATS:
        raise RequestError(
            "The name of the file must end in one of {names}.",
            code="invalid_file",
            param="input_file_id",
            mend="Upload it again under such a name.",
            names=", ".join(FORMATS),
        )


def _batch(asked: bodies.BatchRequest, caller: Caller, language: str) -> Batch:
    created = now()
    return Batch(
        id=new_id("batch_"),
        tenant=caller.account.tenant,
        key=caller.key.id,
        endpoint=asked.endpoint,
        input=asked.input_file_id,
        output=new_id("file-"),
        errors=new_id("file-"),
        window=asked.completion_window,
        expires=created + bodies.window_of(asked.completion_window),
        language=language,
        wishes=asked.metadata or {},
        at={"validating": created},
    )
