"""A desk for several processes: one holds the ledger and the limits, the workers ask it over a Unix socket.

Each message is its length in 4 bytes (big-endian) and JSON; a worker has one connection, and many requests on it at
once. A connection that ends frees what its worker had reserved (what was recorded is charged). A desk that ends is
started again and resolves what its forerunner had reserved; meanwhile workers wait for their charges to be written,
as long as they wait for any charge, and answer 503 then. To settle is the same twice, so a worker that does not know
whether the dead desk had written asks the next one again, and what it gives up is taken back. A stream that ends after
the next desk has charged what was recorded of it ends with an error, and that charge is taken back too.
"""

import asyncio
import json
import logging
import socket
import traceback
from base64 import b64decode, b64encode
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.core.account import Limits
from argosy.core.ledger import Ask, Held, Quantities, Reply
from argosy.serve.errors import RequestError
from argosy.serve.gate.desk import Desk, Granted, unavailable

error_log = logging.getLogger("argosy.error")
_LENGTH = 4  # bytes
_LONGEST = 64 * 2**20  # bytes of a message
_AGAIN_SECONDS = 0.05  # between two tries to connect


async def answer_workers(desk: Desk, listening: socket.socket, stop: asyncio.Event) -> None:
    """Be the desk at a listening socket until ``stop`` is set and the last worker has gone."""
    lines: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            lines.add(task)
            task.add_done_callback(lines.discard)
        await _Line(desk, writer).answer(reader)

    server = await asyncio.start_unix_server(answer, sock=listening)
    async with server:
        await stop.wait()
        server.close()
        while lines:
            await asyncio.wait(lines)


@dataclass(slots=True, eq=False)
class _Line:
    """One worker's connection, as the desk sees it."""

    desk: Desk
    writer: asyncio.StreamWriter
    held: dict[str, Held] = field(default_factory=dict)
    charging: set[str] = field(default_factory=set)  # tokens of what is being settled
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    taking: set[asyncio.Task[None]] = field(default_factory=set)
    open: bool = True

    async def answer(self, reader: asyncio.StreamReader) -> None:
        """Until the worker has gone."""
        try:
            while (message := await _read(reader)) is not None:
                self._hear(message)
        finally:
            self.open = False
            for task in self.taking:
                task.cancel()
            for token in self.held.keys() - self.charging:
                self.desk.release(self.held.pop(token))
            self.writer.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message["do"] == "release":
            held = self.held.pop(message["held"]["token"], None)
            if held:
                self.desk.release(held)
            return
        task = asyncio.create_task(self._reply(message))
        group = self.taking if message["do"] == "take" else self.tasks
        group.add(task)
        task.add_done_callback(group.discard)

    async def _reply(self, message: Mapping[str, Any]) -> None:
        try:
            told: dict[str, Any] = {"is": await self._do(message)}
        except RequestError as error:
            told = {"error": _told_error(error)}
        except ValueError as error:
            told = {"wrong": str(error)}
        except Exception as error:  # noqa: BLE001 - told to the worker, and noted without its words
            error_log.error("desk: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            told = {"error": _told_error(unavailable())}
        if self.open:
            self.writer.write(_frame({"id": message["id"], **told}))

    async def _do(self, message: Mapping[str, Any]) -> dict[str, Any]:
        if message["do"] == "take":
            return self._keep(await self.desk.take(_ask_of(message["ask"]), message["asked"]))
        held = self.held.get(message["held"]["token"]) or _held_of(message["held"])
        if message["do"] == "record":
            await self.desk.record(held, message["quantities"])
        elif message["do"] == "settle":
            await self._settle(held, message["quantities"], _reply_of(message["reply"]))
        else:
            self.held.pop(held.token, None)
            self.desk.abandon(held)
        return {}

    def _keep(self, granted: Granted) -> dict[str, Any]:
        if granted.held:
            self.held[granted.held.token] = granted.held
        return {
            "held": _told_held(granted.held) if granted.held else None,
            "reply": _told_reply(granted.reply),
            "head": dict(granted.head),
        }

    async def _settle(self, held: Held, quantities: Quantities, reply: Reply | None) -> None:
        self.charging.add(held.token)
        try:
            await self.desk.settle(held, quantities, reply)
            self.held.pop(held.token, None)
        finally:
            self.charging.discard(held.token)
            if not self.open and self.held.pop(held.token, None) is not None:
                self.desk.release(held)


class RemoteDesk:
    """The desk of another process, at the Unix socket ``path``; connected when it is first needed, and again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._link: _Link | None = None
        self._connecting = asyncio.Lock()
        self._insisting: set[asyncio.Task[None]] = set()

    async def take(self, ask: Ask, asked: str | None) -> Granted:
        """Room for an event, or its answer."""
        message = {"do": "take", "ask": _told_ask(ask), "asked": asked}
        try:
            told = await (await self._connected()).ask(message)
        except ConnectionError:
            raise unavailable() from None
        held = _held_of(told["held"]) if told["held"] else None
        return Granted(held=held, reply=_reply_of(told["reply"]), head=told["head"])

    async def record(self, held: Held, quantities: Quantities) -> None:
        """Note durably how far a stream has come."""
        await self._insist({"do": "record", "held": _told_held(held), "quantities": dict(quantities)})

    async def settle(self, held: Held, quantities: Quantities, reply: Reply | None) -> None:
        """Charge durably."""
        message = {"do": "settle", "held": _told_held(held), "quantities": dict(quantities)}
        await self._insist({**message, "reply": _told_reply(reply)})

    def release(self, held: Held) -> None:
        """Free a reservation; where the connection is lost, its end has freed it."""
        if self._link and self._link.open:
            self._link.tell({"do": "release", "held": {"token": held.token}})

    def abandon(self, held: Held) -> None:
        """Charge nothing; said until it is heard."""
        message = {"do": "abandon", "held": _told_held(held)}
        link = self._link
        first = link.answered(link.send(message)) if link and link.open else None  # before whatever is said next
        task = asyncio.create_task(self._insist(message, first))
        self._insisting.add(task)
        task.add_done_callback(self._over)

    async def aclose(self) -> None:
        """Hang up, once what was abandoned is known to be so, unless nobody is there to know it."""
        if self._insisting and self._link and self._link.open:
            await asyncio.wait(self._insisting, timeout=1.0)
        for task in self._insisting:
            task.cancel()
        if self._link:
            await self._link.aclose()

    async def _insist(self, message: Mapping[str, Any], first: Coroutine[Any, Any, object] | None = None) -> None:
        """Ask until a desk has answered; ``first`` is a try that is under way."""
        while True:
            with suppress(ConnectionError):
                await (first or (await self._connected()).ask(message))
                return
            first = None

    def _over(self, task: asyncio.Task[None]) -> None:
        self._insisting.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error_log.error("desk: an event could not be abandoned")

    async def _connected(self) -> "_Link":
        async with self._connecting:
            while self._link is None or not self._link.open:
                try:
                    self._link = _Link(*await asyncio.open_unix_connection(self._path))
                except OSError:
                    await asyncio.sleep(_AGAIN_SECONDS)  # the desk is being started again
            return self._link


class _Link:
    """One connection to the desk."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open = True
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._count = 0
        self._task = asyncio.create_task(self._listen(reader))

    async def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The desk's answer; raises its refusal, or ConnectionError."""
        return await self.answered(self.send(message))

    def send(self, message: Mapping[str, Any]) -> asyncio.Future[dict[str, Any]]:
        """Say something now whose answer is awaited later."""
        self._count += 1
        number = self._count
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._waiting.pop(number, None))
        self.tell({"id": number, **message})
        return answer

    async def answered(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        """What the desk said; raises its refusal, or ConnectionError."""
        try:
            told = await answer
        except asyncio.CancelledError:
            if answer.done() and not answer.cancelled():  # it came at the moment when it was given up
                self._drop(answer.result())
            raise
        if "error" in told:
            raise _error_of(told["error"])
        if "wrong" in told:
            raise ValueError(told["wrong"])
        return dict(told["is"])

    def tell(self, message: Mapping[str, Any]) -> None:
        """Say something that has no answer."""
        self._writer.write(_frame(message))

    async def aclose(self) -> None:
        """Hang up."""
        self._writer.close()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while (told := await _read(reader)) is not None:
                self._hear(told)
        finally:
            self.open = False
            self._writer.close()
            for answer in list(self._waiting.values()):
                if not answer.done():
                    answer.set_exception(ConnectionError("the desk has gone"))

    def _hear(self, told: dict[str, Any]) -> None:
        answer = self._waiting.get(told["id"])
        if answer and not answer.done():
            answer.set_result(told)
        else:
            self._drop(told)

    def _drop(self, told: dict[str, Any]) -> None:
        """Give back the room that nobody waits for any more."""
        if held := told.get("is", {}).get("held"):
            self.tell({"do": "release", "held": {"token": held["token"]}})


def _frame(message: Mapping[str, Any]) -> bytes:
    content = json.dumps(message).encode()
    return len(content).to_bytes(_LENGTH, "big") + content


async def _read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message; None once the other side has gone."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
        return dict(json.loads(await reader.readexactly(length))) if length <= _LONGEST else None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _told_ask(ask: Ask) -> dict[str, Any]:
    limits = {name: getattr(ask.limits, name) for name in Limits.__slots__} | {"quota": dict(ask.limits.quota)}
    return {name: getattr(ask, name) for name in Ask.__slots__} | {"at_most": dict(ask.at_most), "limits": limits}


def _ask_of(told: dict[str, Any]) -> Ask:
    return Ask(**{**told, "limits": Limits(**told["limits"])})


def _told_held(held: Held) -> dict[str, Any]:
    return {"ask": _told_ask(held.ask), "amount": held.amount, "token": held.token}


def _held_of(told: dict[str, Any]) -> Held:
    return Held(ask=_ask_of(told["ask"]), amount=told["amount"], token=told["token"])


def _told_reply(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    body = b64encode(reply.body).decode("ascii")
    return {"asked": reply.asked, "status": reply.status, "media_type": reply.media_type, "body": body}


def _reply_of(told: dict[str, Any] | None) -> Reply | None:
    return Reply(**{**told, "body": b64decode(told["body"])}) if told else None


def _told_error(error: RequestError) -> dict[str, Any]:
    told = error.to_json()
    return {
        "message": told["message"],
        "mend": told["mend"],
        "values": told["values"],
        "code": error.code,
        "param": error.param,
        "retry": error.retry,
        "head": dict(error.head),
    }


def _error_of(told: Mapping[str, Any]) -> RequestError:
    values: dict[str, Any] = told["values"]
    error = RequestError(
        told["message"], code=told["code"], param=told["param"], mend=told["mend"], retry=told["retry"], **values
    )
    error.head = told["head"]
    return error
