"""``/v1/chat/completions``: the next turn of a conversation."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from argosy.serve.answers.telling import Wanted, tell_text
from argosy.serve.answers.work import Permits
from argosy.serve.openapi import body_of, streams
from argosy.serve.service import Service
from argosy.serve.wire.chunks import ChatShape
from argosy.serve.wire.text import ChatCompletion, ChatRequest, messages_of, parse_chat, settings_of


def router(service: Service) -> APIRouter:
    """The route, with room for ``max_queue`` requests at once."""
    routes = APIRouter(tags=["answers"])
    permits = Permits(service.settings.max_queue)

    def read(body: bytes) -> Wanted:
        asked = parse_chat(body)
        return Wanted(
            model=asked.model,
            prompt=messages_of(asked, service.settings.max_chars),
            param="messages",
            settings=settings_of(asked, asked.max_completion_tokens or asked.max_tokens),
            stream=bool(asked.stream),
            usage=bool(asked.stream_options and asked.stream_options.include_usage),
            shape=ChatShape,
        )

    @routes.post(
        "/v1/chat/completions",
        response_model=ChatCompletion,
        openapi_extra=body_of(ChatRequest),
        responses=streams("chat.completion.chunk"),
    )
    async def chat(request: Request) -> Response:
        """Answer a conversation, at once or as server-sent events."""
        return await tell_text(service, request, permits, read)

    return routes
