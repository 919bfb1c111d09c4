"""``/v1/classify``: labels for texts."""

from contextlib import AbstractAsyncContextManager, nullcontext

from fastapi import APIRouter, Request
from fastapi.responses import Response

from argosy.serve.answers.answering import resend
from argosy.serve.answers.catalogue import Served, pick
from argosy.serve.answers.timing import ASKED, Watch
from argosy.serve.answers.work import Permits, Work
from argosy.serve.errors import RequestError
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.stream import while_connected

_FEW = 4  # texts
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ClassifyRequest"}}},
    }
}


def router(service: Service) -> APIRouter:
    """The route, with room for ``max_queue`` requests at once."""
    routes = APIRouter(tags=["answers"])
    permits = Permits(service.settings.max_queue)

    @routes.post("/v1/classify", response_model=bodies.ClassifyAnswer, openapi_extra=_BODY)
    async def classify(request: Request) -> Response:
        """Classify one text or several; the answers stand in the order of the texts."""
        service.readiness.require()
        caller = await service.admission.enter(request, "classify")
        with permits.take(caller):
            watch = Watch()
            body = await bodies.read_body(request, service.settings)
            asked = bodies.parse(body)
            name = pick(service.usable(caller, asked.model), asked.model)
            texts = bodies.texts_of(asked, service.settings)
            watch.note("parse")
            with service.catalogue.use(name, caller, request.state.visit) as served:
                at_most = bodies.at_most(texts, served)
                async with service.admission.charge(request, caller, model=name, at_most=at_most, body=body) as charge:
                    if charge.reply:
                        return resend(charge.reply)
                    async with _heard(request, len(texts)):
                        found = await _work(served).classify(texts)
                    watch.take(found)
                    answer = bodies.answer(name, found.answers)
                    response = Response(answer.model_dump_json(), media_type="application/json")
                    watch.note("encode")
                    await charge.settle(bodies.used(answer), bodies.kept(body, response))
            _count(service, request, name, answer)
            if service.counting:
                service.counting.classified(request.state.visit, texts, found)
        if service.settings.timing or ASKED in request.headers:
            response.headers["server-timing"] = watch.header()
        return response

    return routes


def _heard(request: Request, texts: int) -> AbstractAsyncContextManager[None]:
    """Work that ends when the client leaves, where it is worth watching him: a few texts are answered sooner."""
    return while_connected(request.receive) if texts > _FEW else nullcontext()


def _work(served: Served) -> Work:
    if not isinstance(served.work, Work):
        raise RequestError(
            "The model {name!r} gives no labels.",
            code="wrong_model",
            param="model",
            mend="See GET /v1/models for the kind of each model, and for one with labels.",
            name=served.name,
        )
    return served.work


def _count(service: Service, request: Request, model: str, answer: bodies.ClassifyAnswer) -> None:
    texts, tokens = len(answer.data), answer.usage.total_tokens
    request.state.visit.texts, request.state.visit.tokens = texts, tokens
    service.metrics.texts.labels(model).inc(texts)
    service.metrics.tokens.labels(model).inc(tokens)
