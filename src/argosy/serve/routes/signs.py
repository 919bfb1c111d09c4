"""Signs of life, the figures, and the page of the API's description."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from argosy.serve.docs import page
from argosy.serve.service import Service, not_ready
from argosy.serve.wire import bodies


def router(app: FastAPI, service: Service) -> APIRouter:
    """The routes; ``app`` is what its page describes."""
    routes = APIRouter(tags=["signs of life"])
    readiness = service.readiness

    @routes.get("/healthz")
    async def healthz() -> bodies.State:
        """Whether the process lives."""
        return bodies.State()

    @routes.get("/readyz")
    async def readyz() -> bodies.State:
        """Whether requests should be sent here: not before the models are loaded, nor while stopping."""
        if not readiness.open or readiness.stopping or readiness.waiting:
            raise not_ready()
        return bodies.State()

    @routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def figures() -> Response:
        """Figures for Prometheus."""
        return Response(service.metrics.tell(), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return page(request, app.openapi())

    return routes
