"""``/v1/models``: what can be asked for."""

import time

from fastapi import APIRouter, Request

from argosy.core.account import Caller, Scope
from argosy.serve.answers.catalogue import pick
from argosy.serve.errors import RequestError
from argosy.serve.gate.admission import Admission
from argosy.serve.service import Service
from argosy.serve.wire import bodies

_SCOPES: tuple[Scope, ...] = ("classify", "generate", "embed", "rerank")


def router(service: Service) -> APIRouter:
    """The routes; a model counts as created when the server started."""
    routes = APIRouter(tags=["answers"])
    created = int(time.time())

    async def usable(request: Request) -> list[str]:
        caller = await _caller(service.admission, request)
        return service.admission.may_use(caller, service.catalogue.names)

    @routes.get("/v1/models")
    async def models(request: Request) -> bodies.ModelList:
        """The models that can be asked for, with their kinds and labels; the first of a kind is asked by default."""
        names = await usable(request)
        return bodies.ModelList(data=[bodies.describe(service.catalogue.look(name), created) for name in names])

    @routes.get("/v1/models/{model}")
    async def model(request: Request, model: str) -> bodies.Model:
        """One model that can be asked for."""
        return bodies.describe(service.catalogue.look(pick(await usable(request), model)), created)

    return routes


async def _caller(admission: Admission, request: Request) -> Caller:
    """Who asks, with a key for any kind of model."""
    *others, last = _SCOPES
    for scope in others:
        try:
            return await admission.enter(request, scope)
        except RequestError as error:
            if error.code != "no_scope":
                raise
    return await admission.enter(request, last)
