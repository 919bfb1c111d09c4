"""``/support``: a page of the service's own that shows the chat widget, and how another site shows it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from argosy.serve.channels.parts import Channels
from argosy.serve.pages.shown import show
from argosy.serve.routes.signed import PageRoute

PAGE = {"path": "/support", "title": {"en": "Customer service", "zh": "在线客服"}}
"""The page as others link to it."""


def router(channels: Channels, zone: str) -> APIRouter:
    """The route."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/support")
    async def look(request: Request) -> Response:
        address = str(request.base_url).rstrip("/")
        values = {"home": "/support", "address": address, "origins": channels.origins}
        return show(request, "support.html", zone, values)

    return routes
