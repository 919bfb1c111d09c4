"""``/v1/feedback``: what users say of answers."""

import asyncio

from fastapi import APIRouter, Request

from argosy.core.feedback import Feedback, FeedbackLog
from argosy.data.redact import mask
from argosy.serve.errors import RequestError
from argosy.serve.jobs.shelf import new_id, now
from argosy.serve.openapi import body_of
from argosy.serve.service import Service
from argosy.serve.wire import jobs as bodies
from argosy.serve.wire.bodies import read_body
from argosy.serve.wire.parse import parse

_EXAMPLE = '{"request_id": "…", "label": "positive"}'


def router(service: Service, log: FeedbackLog) -> APIRouter:
    """The route; it costs nothing."""
    routes = APIRouter(tags=["answers"])

    @routes.post("/v1/feedback", openapi_extra=body_of(bodies.FeedbackRequest))
    async def feedback(request: Request) -> bodies.FeedbackTold:
        """Say what was right or wrong with an answer; the same words again change nothing."""
        service.readiness.require()
        caller = await service.admission.enter(request, "feedback")
        asked = parse(await read_body(request, service.settings), bodies.FeedbackRequest, example=_EXAMPLE)
        said = await asyncio.to_thread(_said, log, caller.account.tenant, asked)
        kept = await asyncio.wrap_future(log.add(said))
        service.metrics.feedback.inc()
        return bodies.feedback_told(kept)

    return routes


def _said(log: FeedbackLog, tenant: str, asked: bodies.FeedbackRequest) -> Feedback:
    """The feedback, of an answer that this tenant paid for, without personal data."""
    if asked.label is None and asked.rating is None and asked.comment is None:
        raise RequestError(
            "The feedback says nothing.",
            code="missing_field",
            param="label",
            mend="Send a label, a rating or a comment.",
        )
    sold = log.charged(tenant, asked.request_id)
    if sold is None:
        raise RequestError(
            "There is no such answer among yours.",
            code="not_found",
            param="request_id",
            mend="Send what the header {header} of the answer said.",
            header="x-argosy-event",
        )
    return Feedback(
        id=new_id("fb_"),
        tenant=tenant,
        event=asked.request_id,
        model=sold.model,
        index=asked.index,
        label=mask(asked.label) if asked.label else None,
        rating=asked.rating,
        comment=mask(asked.comment) if asked.comment else None,
        at=now(),
    )
