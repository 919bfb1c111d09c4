"""``/v1/completions``: a text that goes on with another."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from argosy.serve.answers.telling import Wanted, tell_text
from argosy.serve.answers.work import Permits
from argosy.serve.openapi import body_of, streams
from argosy.serve.service import Service
from argosy.serve.wire.chunks import CompletionShape
from argosy.serve.wire.text import Completion, CompletionRequest, parse_completion, prompt_of, settings_of


def router(service: Service) -> APIRouter:
    """The route, with room for ``max_queue`` requests at once."""
    routes = APIRouter(tags=["answers"])
    permits = Permits(service.settings.max_queue)

    def read(body: bytes) -> Wanted:
        asked = parse_completion(body)
        return Wanted(
            model=asked.model,
            prompt=prompt_of(asked, service.settings.max_chars),
            param="prompt",
            settings=settings_of(asked, asked.max_tokens),
            stream=bool(asked.stream),
            usage=bool(asked.stream_options and asked.stream_options.include_usage),
            shape=CompletionShape,
        )

    @routes.post(
        "/v1/completions",
        response_model=Completion,
        openapi_extra=body_of(CompletionRequest),
        responses=streams("text_completion"),
    )
    async def complete(request: Request) -> Response:
        """Go on with a text, at once or as server-sent events."""
        return await tell_text(service, request, permits, read)

    return routes
