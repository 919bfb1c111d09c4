"""``/v1/models``: what can be asked for."""

import time

from fastapi import APIRouter, Request

from argosy.serve import wire
from argosy.serve.service import Service


def router(service: Service) -> APIRouter:
    """The route; a model counts as created when the server started."""
    routes = APIRouter(tags=["answers"])
    created = int(time.time())

    @routes.get("/v1/models")
    async def models(request: Request) -> wire.ModelList:
        """The models that can be asked for, with their labels; the first one is asked by default."""
        caller = await service.admission.enter(request, "classify")
        names = service.admission.may_use(caller, service.catalogue.names)
        return wire.ModelList(data=[wire.describe(service.catalogue.look(name), created) for name in names])

    return routes
