"""What the routes that answer have in common: which model is asked, and the way of a request that is answered whole."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from argosy.core.account import Caller, Scope
from argosy.core.ledger import Quantities, Reply
from argosy.serve.answers.catalogue import Served, pick
from argosy.serve.answers.work import Permits, kind_of
from argosy.serve.errors import RequestError
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.stream import while_connected


class Named(Protocol):
    """A request that may name a model."""

    @property
    def model(self) -> str | None:
        """The model's name; None asks the first one that fits."""
        ...


A = TypeVar("A", bound=Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that is priced and not begun: its answer comes with what it used."""

    at_most: Quantities
    work: Callable[[], Awaitable[tuple[BaseModel, Quantities]]]


async def answer(
    service: Service,
    request: Request,
    permits: Permits,
    scope: Scope,
    read: Callable[[bytes], A],
    prepare: Callable[[Served, A], Job],
    kinds: Sequence[str],
) -> Response:
    """Enter, read, pick a model of one of ``kinds``, charge, work, settle; a client that leaves pays nothing."""
    service.readiness.require()
    caller = await service.admission.enter(request, scope)
    with permits.take(caller):
        body = await bodies.read_body(request, service.settings)
        asked = read(body)
        name = choose(service, caller, kinds, asked.model)
        with service.catalogue.use(name, caller, request.state.visit) as served:
            job = prepare(served, asked)
            around = service.admission.charge(request, caller, model=name, at_most=job.at_most, body=body)
            async with around as charge:
                if charge.reply:
                    return resend(charge.reply)
                async with while_connected(request.receive):
                    told, used = await job.work()
                used = {unit: min(found, job.at_most[unit]) for unit, found in used.items()}
                response = Response(told.model_dump_json(), media_type="application/json")
                await charge.settle(used, bodies.kept(body, response))
        count(service, request, name, used)
    return response


def choose(service: Service, caller: Caller, kinds: Sequence[str], asked: str | None) -> str:
    """The name of the model to ask: the one that is named, or the first of one of ``kinds``.

    Raises RequestError where the caller may use none of that name, or it is of another kind.
    """
    names = service.usable(caller, asked)
    fitting = [name for name in names if kind_of(service.catalogue.look(name).engine) in kinds]
    name = pick(names, asked if asked is not None or not fitting else fitting[0])
    if name not in fitting:
        raise RequestError(
            "The model {name!r} is of the kind {kind}; this address asks models of the kind {wanted}.",
            code="wrong_model",
            param="model",
            mend="See GET /v1/models for the kind of each model.",
            name=name,
            kind=kind_of(service.catalogue.look(name).engine),
            wanted=kinds[0],
        )
    return name


def resend(reply: Reply) -> Response:
    """The answer that was given to the same event before."""
    return Response(reply.body, status_code=reply.status, media_type=reply.media_type)


def count(service: Service, request: Request, model: str, used: Quantities) -> None:
    """Note what was answered, for the access log and the figures."""
    texts, tokens = used.get("texts", 1), used.get("prompt_tokens", 0) + used.get("completion_tokens", 0)
    request.state.visit.texts, request.state.visit.tokens = texts, tokens
    service.metrics.texts.labels(model).inc(texts)
    service.metrics.tokens.labels(model).inc(tokens)
