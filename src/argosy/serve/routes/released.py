"""``/admin/v1/releases``: which version answers, how a release stands, and its steps, for keys with a role."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import step
from argosy.serve.gate.roles import admit
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.versions import Line, Plan
from argosy.serve.routes.admin import body_of, read
from argosy.serve.service import Service
from argosy.serve.wire.wishes import Id

Share = Annotated[float, Field(gt=0, lt=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShadowWish(_Strict):
    """A version to try beside the champion, and how its release is to go; what is left out is the standard."""

    version: int
    shares: list[Share] = Field(list(Plan().shares), min_length=1, max_length=20)
    hold_seconds: float = Field(Plan().hold_seconds, ge=1)
    by: Literal["request", "tenant"] = "request"
    tenants: list[Id] = Field([], max_length=1000)
    slack_ms: float = Field(Plan().slack_ms, ge=0)
    margin: Share = Plan().margin
    mirror: float = Field(Plan().mirror, ge=0, le=1)
    labels: int = Field(0, ge=0)
    label_seconds: float = Field(Plan().label_seconds, ge=0)
    promote: bool = True

    def plan(self) -> Plan:
        """The plan."""
        told = self.model_dump(exclude={"version"})
        return Plan(**{**told, "shares": tuple(self.shares), "tenants": tuple(self.tenants)})


class VersionWish(_Strict):
    """A version; the challenger when left out."""

    version: int | None = None


class PinWish(_Strict):
    """A tenant and the version that it keeps; null lets it go with the others again."""

    tenant: Id
    version: int | None = None


class ReleaseTold(BaseModel):
    """What a model's name stands for: the line, and with one model the evidence of its step and its versions."""

    object: Literal["release"] = "release"
    model: str
    line: dict[str, Any]
    status: dict[str, Any] | None = None
    versions: list[dict[str, Any]] | None = None


class ReleasesTold(BaseModel):
    """Every released model."""

    object: Literal["list"] = "list"
    data: list[ReleaseTold]


class HistoryTold(BaseModel):
    """What was done to a model's releases, oldest first; ``at`` in microseconds since the epoch."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]


BODIES: tuple[type[BaseModel], ...] = (ShadowWish, VersionWish, PinWish)


def router(service: Service, books: Books, controls: Controls) -> APIRouter:
    """The routes; changes need the permission ``releases:write``."""
    routes = APIRouter(prefix="/admin/v1/releases", tags=["admin side"])
    _looks(routes, books, controls)
    _steps(routes, service, books, controls)
    return routes


def _looks(routes: APIRouter, books: Books, controls: Controls) -> None:
    @routes.get("")
    async def list_releases(request: Request) -> ReleasesTold:
        """Every released model with what its name stands for."""
        admit(books.directory, request, "releases:read")
        lines = await step(controls.shelf.lines)
        return ReleasesTold(data=[_told(line) for line in lines.values()])

    @routes.get("/{model}")
    async def show_release(request: Request, model: Id) -> ReleaseTold:
        """One model: its versions, and how the release under way stands."""
        admit(books.directory, request, "releases:read")
        return await step(_whole, controls, model)

    @routes.get("/{model}/history")
    async def show_history(request: Request, model: Id) -> HistoryTold:
        """What was live when, from the audit log."""
        admit(books.directory, request, "releases:read")
        entries = await step(controls.shelf.history, model)
        return HistoryTold(data=[dict(entry) for entry in entries])


def _steps(routes: APIRouter, service: Service, books: Books, controls: Controls) -> None:
    @routes.post("/{model}/shadow", openapi_extra=body_of(ShadowWish))
    async def shadow(request: Request, model: Id) -> ReleaseTold:
        """Let a version answer copies of live requests."""
        caller = admit(books.directory, request, "releases:write")
        wish = await read(service, request, ShadowWish)
        return _told(await step(controls.shadow, model, wish.version, wish.plan(), caller.key.id))

    @routes.post("/{model}/canary")
    async def canary(request: Request, model: Id) -> ReleaseTold:
        """Let the challenger out of the shadow, if it is shown to be no worse."""
        caller = admit(books.directory, request, "releases:write")
        return _told(await step(controls.expose, model, caller.key.id))

    @routes.post("/{model}/promote", openapi_extra=body_of(VersionWish))
    async def promote(request: Request, model: Id) -> ReleaseTold:
        """Make the challenger, or a version that was champion before, the champion."""
        caller = admit(books.directory, request, "releases:write")
        wish = await read(service, request, VersionWish)
        return _told(await step(controls.promote, model, wish.version, caller.key.id))

    @routes.post("/{model}/rollback")
    async def rollback(request: Request, model: Id) -> ReleaseTold:
        """End the release under way, or bring back the champion before this one."""
        caller = admit(books.directory, request, "releases:write")
        return _told(await step(controls.roll_back, model, caller.key.id))

    @routes.post("/{model}/pin", openapi_extra=body_of(PinWish))
    async def pin(request: Request, model: Id) -> ReleaseTold:
        """Keep a tenant on a version."""
        caller = admit(books.directory, request, "releases:write")
        wish = await read(service, request, PinWish)
        return _told(await step(controls.pin, model, wish.tenant, wish.version, caller.key.id))


def _told(line: Line) -> ReleaseTold:
    return ReleaseTold(model=line.model, line={**line.to_json(), "share": line.share})


def _whole(controls: Controls, model: str) -> ReleaseTold:
    status = controls.status(model)
    told = status.to_json()
    line = told.pop("line")
    versions = [
        {
            "number": one.number,
            "digest": one.digest,
            "kind": one.kind,
            "at": one.at,
            "note": one.note,
            "metrics": dict(one.metrics),
        }
        for one in controls.shelf.versions(model)
    ]
    return ReleaseTold(model=model, line=line, status=told, versions=versions)
