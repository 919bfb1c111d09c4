"""``/v1/models``: what can be asked for."""

import time

from fastapi import APIRouter, Request

from argosy.serve import wire
from argosy.serve.catalogue import pick
from argosy.serve.service import Service


def router(service: Service) -> APIRouter:
    """The routes; a model counts as created when the server started."""
    routes = APIRouter(tags=["answers"])
    created = int(time.time())

    async def usable(request: Request) -> list[str]:
        caller = await service.admission.enter(request, "classify")
        return service.admission.may_use(caller, service.catalogue.names)

    @routes.get("/v1/models")
    async def models(request: Request) -> wire.ModelList:
        """The models that can be asked for, with their kinds and labels; the first of a kind is asked by default."""
        names = await usable(request)
        return wire.ModelList(data=[wire.describe(service.catalogue.look(name), created) for name in names])

    @routes.get("/v1/models/{model}")
    async def model(request: Request, model: str) -> wire.Model:
        """One model that can be asked for."""
        return wire.describe(service.catalogue.look(pick(await usable(request), model)), created)

    return routes
