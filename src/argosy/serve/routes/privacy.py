"""``/v1/privacy``: consent, access and erasure for the persons whom a tenant's requests are about."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from argosy.core.errors import BusyError
from argosy.serve.errors import RequestError
from argosy.serve.openapi import body_of
from argosy.serve.persons.privacy import Privacy, checked
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.parse import STRICT, parse

_PERSON = '{"subject": "42"}'
_WORD = '{"subject": "42", "purpose": "improve", "granted": true}'
Purpose = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["improve"])]


class Person(BaseModel):
    """Whom it is about: the tenant's own id of the person."""

    model_config = STRICT

    subject: str = Field(min_length=1, max_length=256)


class Consent(BaseModel):
    """A word on a purpose; without a ``subject`` it is the tenant's for everybody whom it sends."""

    model_config = STRICT

    subject: str = Field(default="", max_length=256)
    purpose: Purpose
    granted: bool


BODIES: tuple[type[BaseModel], ...] = (Person, Consent)


class _Turns:
    """Room for what reads or rewrites many files: one thing a tenant, two at once, so that no others wait for it."""

    def __init__(self) -> None:
        self._tenants: set[str] = set()
        self._room = asyncio.Semaphore(2)

    @asynccontextmanager
    async def take(self, tenant: str) -> AsyncIterator[None]:
        """Wait for room; raises RequestError where the tenant has something at work."""
        if tenant in self._tenants:
            raise RequestError(
                "Something that you asked for a person is still at work.",
                code="overloaded",
                mend="Ask again when it is answered.",
            )
        self._tenants.add(tenant)
        try:
            async with self._room:
                yield
        finally:
            self._tenants.discard(tenant)


def router(service: Service, privacy: Privacy) -> APIRouter:
    """The routes; ids stand in bodies, since addresses are logged on the way."""
    routes = APIRouter(tags=["privacy"])
    turns = _Turns()

    @routes.post("/v1/privacy/consents", openapi_extra=body_of(Consent))
    async def consent(request: Request) -> dict[str, Any]:
        """Note that a person, or the tenant for everybody, grants or withdraws consent to a purpose."""
        caller = await service.admission.enter(request, "account")
        said = parse(await bodies.read_body(request, service.settings), Consent, example=_WORD)
        name, tenant = checked(said.subject, "subject"), caller.account.tenant
        noted = await asyncio.to_thread(
            privacy.consent, tenant, name, said.purpose, caller.key.id, granted=said.granted
        )
        return {"object": "consent", **noted}

    @routes.post("/v1/privacy/export", openapi_extra=body_of(Person))
    async def export(request: Request) -> dict[str, Any]:
        """Everything that the service holds of a person."""
        caller = await service.admission.enter(request, "account")
        name, tenant = await _person(request, service), caller.account.tenant
        async with turns.take(tenant):
            held = await asyncio.to_thread(privacy.export, tenant, name)
        return {"object": "privacy.export", **held}

    @routes.post("/v1/privacy/erase", openapi_extra=body_of(Person))
    async def erase(request: Request) -> Mapping[str, Any]:
        """Erase a person, and certify it; asked again, what is left by then is erased again."""
        caller = await service.admission.enter(request, "account")
        name, tenant = await _person(request, service), caller.account.tenant
        try:
            async with turns.take(tenant):
                return await asyncio.to_thread(privacy.erase, tenant, name, caller.key.id)
        except BusyError as error:  # it is begun, and goes on by itself
            raise RequestError(
                "The erasure is noted and waits for other work.",
                code="overloaded",
                mend="Ask again for its certificate.",
            ) from error

    @routes.get("/v1/privacy/erasures/{erasure}")
    async def certificate(request: Request, erasure: Annotated[str, Path(pattern=r"^[^\x00]*$")]) -> Mapping[str, Any]:
        """The certificate of an erasure."""
        caller = await service.admission.enter(request, "account")
        found = await asyncio.to_thread(privacy.certificate, caller.account.tenant, erasure)
        if found is None:
            raise RequestError(
                "There is no such erasure.", code="not_found", mend="Take the id from the answer to the erasure."
            )
        return found

    return routes


async def _person(request: Request, service: Service) -> str:
    body = await bodies.read_body(request, service.settings)
    return checked(parse(body, Person, example=_PERSON).subject, "subject")
