"""A text on its way to a client, whole or piece by piece, and what is charged for it.

Whole: charged once, before the answer goes out; a client that leaves before that pays nothing, and the work stops.

Streamed: the first piece, and then every 32 tokens or every second, is recorded durably once it was sent; the charge is
settled before the piece that ends the answer. A client that leaves is charged for what was sent until its leaving was
seen; a crash of the server charges what was recorded last. Where the charge cannot be written, an event ``error`` comes
in the place of the end: the text before it is out, and no more than what was recorded of it is charged.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field
from hashlib import sha256

from fastapi import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from argosy.core.errors import ArgosyError, DataError
from argosy.core.ledger import Reply
from argosy.core.records import Delta, Message, Settings
from argosy.serve.answers.answering import choose, count, resend
from argosy.serve.answers.catalogue import Served
from argosy.serve.answers.work import Permits
from argosy.serve.answers.writing import Writing
from argosy.serve.errors import RequestError, error_response
from argosy.serve.gate.admission import Charge
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.chunks import Head, More, Shape
from argosy.serve.wire.stream import DONE, EventStream, Tell, event, while_connected
from argosy.serve.wire.text import Finish, fingerprint, quantities, usage

_RECORD_TOKENS = 32
_RECORD_SECONDS = 1.0
_STOP: Finish = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A text that is asked for, whichever route asks; ``param`` is the key of the body that holds the prompt."""

    model: str | None
    prompt: str | Sequence[Message]
    param: str
    settings: Settings
    stream: bool
    usage: bool
    shape: Callable[[Head], Shape]


async def tell_text(service: Service, request: Request, permits: Permits, read: Callable[[bytes], Wanted]) -> Response:
    """Enter, read, pick a model, charge; then write the text, or begin to stream it."""
    service.readiness.require()
    caller = await service.admission.enter(request, "generate")
    async with AsyncExitStack() as held:
        held.enter_context(permits.take(caller))
        body = await bodies.read_body(request, service.settings)
        wanted = read(body)
        name = choose(service, caller, ["generate"], wanted.model)
        served = held.enter_context(service.catalogue.use(name, caller, request.state.visit))
        writing = _writing(served)
        prompt_tokens = await _count(writing, wanted)
        most = min(wanted.settings.max_tokens, writing.engine.context - prompt_tokens)
        charge = await held.enter_async_context(
            service.admission.charge(request, caller, model=name, at_most=quantities(prompt_tokens, most), body=body)
        )
        if charge.reply:
            return resend(charge.reply)
        marking = service.settings.marking
        head = Head(
            event=charge.event,
            created=int(time.time()),
            model=name,
            fingerprint=fingerprint(served),
            marked=marking.of(charge.event),
            usage=wanted.usage,
        )
        text = _Text(service, request, wanted, writing, charge, wanted.shape(head), body, name, prompt_tokens, most)
        headers = marking.headers(charge.event)
        if wanted.stream:
            return EventStream(text.stream, held.pop_all(), headers)
        return await text.whole(headers)


@dataclass(frozen=True, slots=True)
class _Text:
    """One text that is charged for, and everything it needs."""

    service: Service
    request: Request
    wanted: Wanted
    writing: Writing
    charge: Charge
    shape: Shape
    body: bytes
    model: str
    prompt_tokens: int
    most: int

    async def whole(self, headers: dict[str, str]) -> Response:
        """The whole text, charged."""
        parts: list[str] = []
        tokens, finish, more = 0, _STOP, None
        try:
            async with while_connected(self.request.receive), self._pieces() as pieces:
                async for piece in pieces:
                    parts.append(piece.text)
                    tokens, finish, more = tokens + piece.tokens, piece.finish or finish, piece.more
        except ArgosyError as error:
            raise _failure(error) from error
        used = self._used(tokens)
        cost = usage(used["prompt_tokens"], used["completion_tokens"])
        told = self.shape.whole("".join(parts) + self.service.settings.marking.tail(), finish, cost, more)
        response = Response(told.model_dump_json(), media_type="application/json", headers=headers)
        await self.charge.settle(used, bodies.kept(self.body, response))
        count(self.service, self.request, self.model, used)
        return response

    async def stream(self, tell: Tell, receive: Receive) -> None:
        """The text as it comes, charged."""
        sent = _Sent(tell)
        try:
            finish = await self._send(sent, receive)
            used = self._used(sent.tokens)
            cost = usage(used["prompt_tokens"], used["completion_tokens"])
            end = b"".join(event(data) for data in self.shape.last(finish, cost, sent.more)) + DONE
            asked = sha256(self.body).hexdigest()
            kept = Reply(asked=asked, status=200, media_type=EventStream.media_type, body=bytes(sent.data) + end)
            await self.charge.settle(used, kept)
            await tell(end)
        except ClientDisconnect:
            if sent.tokens:
                with suppress(RequestError):  # what was recorded before is charged
                    await self.charge.record(self._used(sent.tokens))
            raise
        except ArgosyError as error:
            failure = _failure(error)
            self.request.state.visit.code = failure.code
            await tell(event(bytes(error_response(failure, self.request.headers).body).decode()))
        finally:
            count(self.service, self.request, self.model, self._used(sent.tokens))

    async def _send(self, sent: "_Sent", receive: Receive) -> Finish:
        """Send all of the text while the client is there, and record how far it came."""
        finish: Finish = _STOP
        recorded, since = 0, time.monotonic()
        async with while_connected(receive), self._pieces() as pieces:
            await sent.send(self.shape.first())
            async for piece in pieces:
                if piece.text:
                    await sent.send(self.shape.piece(piece.text))
                sent.tokens += piece.tokens
                finish, sent.more = piece.finish or finish, piece.more
                late = time.monotonic() - since >= _RECORD_SECONDS
                if not piece.finish and (not recorded or sent.tokens - recorded >= _RECORD_TOKENS or late):
                    await self.charge.record(self._used(sent.tokens))
                    recorded, since = sent.tokens, time.monotonic()
            if tail := self.service.settings.marking.tail():
                await sent.send(self.shape.piece(tail))
        return finish

    def _pieces(self) -> aclosing[AsyncGenerator[Delta, None]]:
        return aclosing(self.writing.write(self.wanted.prompt, self.wanted.settings))

    def _used(self, tokens: int) -> dict[str, int]:
        return quantities(self.prompt_tokens, min(tokens, self.most))


@dataclass(slots=True)
class _Sent:
    """What a client was sent: the events, and the tokens of the text in them; ``more`` is for the last."""

    tell: Tell
    data: bytearray = field(default_factory=bytearray)
    tokens: int = 0
    more: More = None

    async def send(self, told: str) -> None:
        """Send an event."""
        data = event(told)
        self.data += data
        await self.tell(data)


def _writing(served: Served) -> Writing:
    if not isinstance(served.work, Writing):
        raise RequestError("The model {name!r} writes no texts.", code="wrong_model", param="model", name=served.name)
    return served.work


async def _count(writing: Writing, wanted: Wanted) -> int:
    """The tokens of the prompt; raises RequestError where the model cannot read it, or has no room to answer."""
    if not isinstance(wanted.prompt, str) and not writing.engine.chat:
        raise RequestError(
            "This model knows no conversations.",
            code="wrong_model",
            param="model",
            mend="Ask it for a text to go on with, at /v1/completions.",
        )
    try:
        found = await writing.count(wanted.prompt)
    except DataError as error:
        raise RequestError(
            "The model cannot read this prompt: {reason}",
            code="invalid_value",
            param=wanted.param,
            mend="Change it.",
            reason=error.message.format(**error.values),  # without the place, which is the server's
        ) from error
    if found >= writing.engine.context:
        raise RequestError(
            "The prompt has {found} tokens; the model reads {limit}, its answer included.",
            code="text_too_long",
            param=wanted.param,
            mend="Shorten it.",
            found=found,
            limit=writing.engine.context,
        )
    return found


def _failure(error: ArgosyError) -> RequestError:
    """What a client is told of a model that fails: nothing that may quote a text or a path."""
    if isinstance(error, RequestError):
        return error
    return RequestError("The model failed to answer.", code="internal_error", mend="Try again in a moment.")
