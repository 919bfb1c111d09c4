"""A load generator in a process of its own: requests on kept connections, in a closed or an open loop.

Reads a plan in JSON on standard input and prints the latencies in JSON. Closed: each of ``connections`` sends its next
request once it has its answer, and has thought for ``think`` seconds on average, if at all. Open: requests come by
chance (Poisson, ``rate`` a second, or ``steps`` of seconds and a rate each) whether or not others are answered, and a
latency counts from the moment the request came, not from when a connection was free.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, cast

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """One kept connection that asks one thing at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.data = bytearray()
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Finish the answer once its body is whole."""
        self.data += data
        head_end = self.data.find(_HEAD_END)
        if head_end < 0:
            return
        head = bytes(self.data[:head_end]).lower()
        start = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self.data) >= head_end + len(_HEAD_END) + length and self.answer is not None:
            body = bytes(self.data[head_end + len(_HEAD_END) :])
            self.data.clear()
            self.answer.set_result((int(head.split(b" ", 2)[1]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        if self.transport.is_closing():
            raise ConnectionResetError
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer


async def connect(plan: dict[str, Any]) -> Connection:
    """A new connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, plan["host"], plan["port"])
    return connection


def requests(plan: dict[str, Any]) -> list[bytes]:
    """The whole requests, ready to send; with the ``key`` of a plan that has one; an input that is a dict is a body."""
    ready, key = [], f"authorization: Bearer {plan['key']}\r\n" if plan.get("key") else ""
    for given in plan["inputs"]:
        body = json.dumps(given if isinstance(given, dict) else {"input": given}, ensure_ascii=False).encode()
        head = f"POST {plan['path']} HTTP/1.1\r\nhost: {plan['host']}\r\n{key}content-type: application/json\r\n"
        ready.append(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    return ready


async def closed(plan: dict[str, Any]) -> dict[str, Any]:
    """Latencies in ms of what was answered in ``seconds``, after ``warm`` seconds that do not count."""
    ready, taken, failed = requests(plan), [], 0
    start = time.perf_counter() + plan["warm"]
    end = start + plan["seconds"]

    async def client(number: int) -> None:
        nonlocal failed
        connection, draw = await connect(plan), random.Random(number)
        think = plan.get("think", 0.0)
        await asyncio.sleep(draw.random() * think)  # lest all begin at once
        while (sent := time.perf_counter()) < end:
            try:
                status, _ = await connection.ask(draw.choice(ready))
            except ConnectionError:  # a server does not keep one for ever on which nothing is asked
                connection = await connect(plan)
                continue
            now = time.perf_counter()
            if start <= now < end:
                failed += status != HTTPStatus.OK
                taken.append(1000 * (now - sent))
            await asyncio.sleep(min(draw.expovariate(1 / think), max(end - now, 0)) if think else 0)

    await asyncio.gather(*(client(number) for number in range(plan["connections"])))
    return {"ms": taken, "failed": failed, "seconds": plan["seconds"]}


def arrivals(steps: Sequence[Sequence[float]], draw: random.Random) -> Iterator[float]:
    """The seconds at which requests come: by chance at a step's rate, one step after the other."""
    begins = 0.0
    for seconds, rate in steps:
        came = begins
        while rate > 0 and (came := came + draw.expovariate(rate)) < begins + seconds:
            yield came
        begins += seconds


async def open_loop(plan: dict[str, Any]) -> dict[str, Any]:
    """Latencies in ms of what came and was answered; all else failed: refused, or open ``patience`` after the end."""
    ready, taken, choose = requests(plan), [], random.Random(plan["seed"])
    free = [await connect(plan) for _ in range(plan["connections"])]

    async def one(came: float) -> None:
        request = choose.choice(ready)
        connection = free.pop() if free else await connect(plan)
        try:
            status, _ = await connection.ask(request)
        except ConnectionError:  # a server does not keep one for ever on which nothing is asked
            connection = await connect(plan)
            status, _ = await connection.ask(request)
        if status == HTTPStatus.OK:
            taken.append(1000 * (time.perf_counter() - came))
        free.append(connection)

    asked, start = [], time.perf_counter()
    for after in arrivals(plan.get("steps") or [[plan["seconds"], plan["rate"]]], random.Random(plan["seed"])):
        await asyncio.sleep(max(start + after - time.perf_counter(), 0))
        asked.append(asyncio.create_task(one(start + after)))
    _, late = await asyncio.wait(asked, timeout=plan["patience"]) if asked else ((), ())
    for task in late:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    for connection in free:
        connection.transport.close()
    return {"ms": taken, "failed": len(asked) - len(taken), "seconds": plan["seconds"]}


def main() -> None:
    """One plan."""
    plan = json.load(sys.stdin)
    told = asyncio.run(closed(plan) if plan["loop"] == "closed" else open_loop(plan))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
