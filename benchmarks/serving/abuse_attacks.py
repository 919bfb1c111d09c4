"""The attacks of ``abuse.py``, in a process of their own: each goes on until its input ends."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

RATE = 60.0  # good requests a second
ANSWER = 8192
Plan = dict[str, Any]
Attack = Callable[[Plan, Counter[str]], Awaitable[None]]


async def slow_heads(plan: Plan, seen: Counter[str]) -> None:
    """Slow-loris: a head that never ends, a byte a second, on 200 connections each time."""
    reader, writer = await connection(plan)
    writer.write(b"POST /v1/classify HTTP/1.1\r\nhost: a\r\nx-slow: ")
    with suppress(OSError):
        for _ in range(20):
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(1)  # the attack is to be slow
            seen["bytes"] += 1
    await status(reader, writer, seen)


async def slow_bodies(plan: Plan, seen: Counter[str]) -> None:
    """A body that was promised and never comes whole, with a good key."""
    reader, writer = await connection(plan)
    writer.write(head(plan, "POST", "/v1/classify", 4_000, key=plan["key"]) + b'{"input": "')
    await status(reader, writer, seen)


async def huge_bodies(plan: Plan, seen: Counter[str]) -> None:
    """64 MB in pieces, with a good key."""
    reader, writer = await connection(plan)
    writer.write(head(plan, "POST", "/v1/classify", 64_000_000, key=plan["key"]))
    with suppress(OSError):
        for _ in range(640):
            writer.write(b"a" * 100_000)
            await writer.drain()
            seen["pieces"] += 1
    await status(reader, writer, seen)


async def tiny_chunks(plan: Plan, seen: Counter[str]) -> None:
    """A body of a megabyte in chunks of one byte, each as dear to read as a large one; with a good key."""
    reader, writer = await connection(plan)
    top = head(plan, "POST", "/v1/classify", 0, key=plan["key"]).replace(
        b"content-length: 0", b"transfer-encoding: chunked"
    )
    with suppress(OSError):
        writer.write(top + b"1\r\n \r\n" * 1_000_000)
        await writer.drain()
    await status(reader, writer, seen)


async def idle_connections(plan: Plan, seen: Counter[str]) -> None:
    """Connections on which nothing is said: 2,000, twice as many as a service keeps, and 400 new ones a second."""
    reader, writer = await connection(plan)
    await status(reader, writer, seen)


async def half_closed(plan: Plan, seen: Counter[str]) -> None:
    """A good request whose sender closes his side at once, or goes away."""
    body = json.dumps({"input": ["a text that nobody waits for"] * 50}).encode()
    reader, writer = await connection(plan)
    writer.write(head(plan, "POST", "/v1/classify", len(body), key=plan["key"]) + body)
    if seen["tried"] % 2:
        writer.write_eof()
        await status(reader, writer, seen)
    else:
        writer.transport.abort()


async def bad_keys(plan: Plan, seen: Counter[str]) -> None:
    """Keys that nobody has, one after the other on one connection."""
    reader, writer = await connection(plan)
    for number in range(50):
        body = b'{"input": "a"}'
        writer.write(head(plan, "POST", "/v1/classify", len(body), key=f"ak_live_{number:043}") + body)
        await answer(reader, seen)
    writer.close()


async def many_headers(plan: Plan, seen: Counter[str]) -> None:
    """Ten thousand headers, or one of a megabyte."""
    reader, writer = await connection(plan)
    long = b"x-long: " + b"a" * 1_000_000 + b"\r\n"
    many = b"".join(b"x-%d: a\r\n" % number for number in range(10_000))
    with suppress(OSError):
        writer.write(b"GET /v1/models HTTP/1.1\r\nhost: a\r\n" + (long if seen["tried"] % 2 else many) + b"\r\n")
        await writer.drain()
    await status(reader, writer, seen)


async def json_bombs(plan: Plan, seen: Counter[str]) -> None:
    """Bodies that are small to send and large to read: deep nesting, many keys, long numbers, a million texts."""
    bombs = (
        b'{"input": ' + b"[" * 500_000,
        b"{" + b",".join(b'"%d": 0' % number for number in range(100_000)) + b"}",
        b'{"input": ' + b"9" * 1_000_000 + b"}",
        b'{"input": [' + b",".join([b'"a"'] * 400_000) + b"]}",
        b'{"input": "' + b"\\ud800" * 100_000 + b'"}',
    )
    body = bombs[seen["tried"] % len(bombs)]
    reader, writer = await connection(plan)
    with suppress(OSError):
        writer.write(head(plan, "POST", "/v1/classify", len(body), key=plan["key"]) + body)
        await writer.drain()
    await status(reader, writer, seen)


async def path_tricks(plan: Plan, seen: Counter[str]) -> None:
    """Paths that try to leave their place, and requests that are two in one."""
    paths = (
        "/../../etc/passwd",
        "/v1/files/..%2f..%2fargosy.toml",
        "//etc/passwd",
        "/v1/classify%00",
        "/%2e%2e/",
        "/" * 9,
    )
    path = paths[seen["tried"] % len(paths)]
    reader, writer = await connection(plan)
    two = b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: a\r\n\r\n"
    if seen["tried"] % 4:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
    else:
        writer.write(b"POST /v1/classify HTTP/1.1\r\nhost: a\r\n" + two)
    await status(reader, writer, seen)


# attack -> how many at once, and how many a second at most (None: as fast as they can)
ATTACKS: dict[str, tuple[Attack, int, float | None]] = {
    "slow_heads": (slow_heads, 200, None),
    "slow_bodies": (slow_bodies, 100, None),
    "huge_bodies": (huge_bodies, 2, None),
    "tiny_chunks": (tiny_chunks, 2, 10.0),
    "idle_connections": (idle_connections, 2000, 400.0),
    "half_closed": (half_closed, 4, 20.0),
    "bad_keys": (bad_keys, 2, 3 * RATE / 50),  # 50 keys each: three times the good load
    "many_headers": (many_headers, 2, 20.0),
    "json_bombs": (json_bombs, 1, 10.0),
    "path_tricks": (path_tricks, 2, 3 * RATE),
}


def head(plan: Plan, method: str, path: str, length: int, *, key: str) -> bytes:
    """The head of a request."""
    lines = (f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{plan['port']}", f"authorization: Bearer {key}")
    return "\r\n".join((*lines, "content-type: application/json", f"content-length: {length}", "", "")).encode()


async def connection(plan: Plan) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A new one."""
    return await asyncio.open_connection("127.0.0.1", plan["port"])


async def status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Counter[str]) -> None:
    """Note the status of the answer, or that there is none, and hang up."""
    told = b""
    with suppress(OSError):
        told = await reader.read(ANSWER)
    seen[told.split(b" ", 2)[1].decode() if told.startswith(b"HTTP/") else "cut"] += 1
    writer.close()


async def answer(reader: asyncio.StreamReader, seen: Counter[str]) -> None:
    """Note the status of an answer on a connection that is kept."""
    top = await reader.readuntil(b"\r\n\r\n")
    length = int(top.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    seen[top.split(b" ", 2)[1].decode()] += 1


async def attack(plan: Plan) -> None:
    """One kind of attack until the input ends; prints what it saw."""
    kind, many, pace = ATTACKS[plan["attack"]]
    seen: Counter[str] = Counter()
    stopped = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

    async def attacker() -> None:
        while not stopped.done():
            seen["tried"] += 1
            try:
                await asyncio.wait_for(kind(plan, seen), 30)
            except (OSError, EOFError, TimeoutError) as error:
                seen[type(error).__name__] += 1
            if pace:
                await asyncio.sleep(many / pace)  # the attack has a rate

    tasks = [asyncio.create_task(attacker()) for _ in range(many)]
    print("begun", flush=True)
    await stopped
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(attack(json.loads(sys.argv[1])))
