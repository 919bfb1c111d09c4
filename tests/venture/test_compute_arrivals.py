"""Loads in an open loop: each request that comes is counted, whatever the server does; and what they spend."""

import asyncio
import random
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from argosy.project.using.arrivals import arrivals, open_loop
from argosy.venture.compute.energy import counted

STEPS = [[0.2, 100.0], [0.1, 0.0], [0.2, 200.0]]


def asked(answer: Callable[[int], bytes | None]) -> dict[str, Any]:
    """What the generator tells of a server that answers the n-th request so, and closes where that is None."""

    async def whole() -> dict[str, Any]:
        number = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal number
            with closing(writer):
                while await reader.readline():
                    await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(len(b'{"input": "a"}'))
                    number += 1
                    said = answer(number)
                    if said is None:
                        break
                    writer.write(said)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        plan = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "path": "/", "inputs": ["a"]}
        async with server:
            return await open_loop(plan | {"connections": 4, "steps": STEPS, "seconds": 0.5, "seed": 3, "patience": 5})

    return asyncio.run(whole())


def status(code: int) -> bytes:
    """A whole answer."""
    return f"HTTP/1.1 {code} -\r\ncontent-length: 2\r\n\r\n{{}}".encode()


CAME = len(list(arrivals(STEPS, random.Random(3))))


def test_every_request_that_came_is_answered() -> None:
    """As many as the seed says."""
    told = asked(lambda _: status(200))
    assert (len(told["ms"]), told["failed"]) == (CAME, 0)


def test_a_connection_that_was_closed_meanwhile_loses_no_request() -> None:
    """Every seventh request meets a server that hangs up: it is asked again on a new connection."""
    told = asked(lambda number: None if number % 7 == 0 else status(200))
    assert (len(told["ms"]), told["failed"]) == (CAME, 0)


def test_refused_requests_fail_and_have_no_latency() -> None:
    """Each is counted once."""
    told = asked(lambda number: status(503 if number % 2 else 200))
    assert told["failed"] == -(-CAME // 2)
    assert len(told["ms"]) == CAME // 2


def test_counted_energy_by_hand() -> None:
    """3.6 J a request are a watt-hour for 1,000; with a quarter more for the building, at half a kilogram."""
    found = counted(3.6, 1000, Decimal("1.25"), Decimal("0.5"))
    assert found.how == "measured"
    assert found.kilowatt_hours == Decimal("0.00125")
    assert found.carbon == Decimal("0.000625")


@pytest.mark.parametrize("rate", [0.0, 50.0])
def test_arrivals_stay_within_their_step(rate: float) -> None:
    """None at rate 0; all in order."""
    times = list(arrivals([[1.0, rate], [2.0, 0.0], [1.0, 20.0]], random.Random(1)))
    assert times == sorted(times)
    assert all(one < 1 or 3 <= one < 4 for one in times)
    assert any(one < 1 for one in times) == bool(rate)
