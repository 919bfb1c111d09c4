"""What a desk gives and takes, in this process and behind a socket: the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from shops import TEXT, shop_in

from argosy.core.account import Limits
from argosy.core.ledger import Ask, Held, Reply, Usage
from argosy.project.selling.desk import open_desk
from argosy.project.selling.offers import price_book
from argosy.serve.errors import RequestError
from argosy.serve.gate.desk import Desk
from argosy.serve.gate.forward import RemoteDesk, answer_workers
from argosy.serve.running.workers import desk_socket
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger import books

REPLY = Reply(asked="digest", status=200, media_type="application/json", body=b"\x00\xff{}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A desk, how it is met again (by another worker), and what it has charged."""

    desk: Desk
    again: Callable[[], Desk]
    folder: Path

    def lines(self) -> list[Usage]:
        """The ledger's lines."""
        with closing(Database(sqlite_url(self.folder / ".argosy/store.db"))) as database:
            return list(books.between(database, "ten_a", 0, None))


@pytest.fixture(params=["near", "far"])
def kind(request: pytest.FixtureRequest) -> str:
    """Where the desk is."""
    return str(request.param)


@asynccontextmanager
async def staged(folder: Path, kind: str) -> AsyncIterator[Stage]:
    """A desk at work."""
    with open_desk(shop_in(folder), "desk") as local, desk_socket() as (path, listening):
        if kind == "near":
            yield Stage(desk=local, again=lambda: local, folder=folder)
            return
        stop = asyncio.Event()
        serving = asyncio.create_task(answer_workers(local, listening, stop))
        met = [RemoteDesk(path)]

        def again() -> Desk:
            met.append(RemoteDesk(path))
            return met[-1]

        try:
            yield Stage(desk=met[0], again=again, folder=folder)
        finally:
            for desk in met:
                await desk.aclose()
            stop.set()
            await serving


def ask(event: str, limits: Limits | None = None) -> Ask:
    """What a text of at most 50 tokens may come to."""
    plan = price_book(shop_in(Path()).project).current("standard", "CNY")
    return Ask(
        tenant="ten_a",
        event=event,
        key="key_a",
        model="mood",
        route="/v1/classify",
        plan=plan,
        currency="CNY",
        at_most={"requests": 1, "texts": 2, "completion_tokens": 50},
        limits=limits or Limits(concurrent=1, budget=4 * TEXT),
    )


async def held_by(desk: Desk, event: str) -> Held:
    """Room that is there."""
    held = (await desk.take(ask(event), None)).held
    assert held is not None
    return held


def test_an_event_is_charged_once_and_its_answer_kept(tmp_path: Path, kind: str) -> None:
    """What was settled twice stands once in the ledger, and another worker gets the answer as it was."""

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            granted = await stage.desk.take(ask("one"), "digest")
            assert granted.held is not None
            await stage.desk.settle(granted.held, {"requests": 1, "texts": 1}, REPLY)
            await stage.desk.settle(granted.held, {"requests": 1, "texts": 1}, REPLY)
            again = await stage.again().take(ask("one"), "digest")
            assert (again.held, again.reply) == (None, REPLY)
            with pytest.raises(RequestError, match="another body"):
                await stage.desk.take(ask("one"), "other")
            assert [(line.event, line.amount) for line in stage.lines()] == [("one", TEXT)]

    asyncio.run(run())


def test_only_what_is_charged_is_acknowledged(tmp_path: Path, kind: str) -> None:
    """A second answer to an event is refused, and so is the end of a stream that was charged for a part of it."""
    limits, most = Limits(), {"requests": 1, "texts": 1, "completion_tokens": 9}

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            first, second = [(await stage.desk.take(ask("one", limits), None)).held for _ in range(2)]
            assert first is not None
            assert second is not None
            await stage.desk.settle(first, {"requests": 1, "texts": 1}, REPLY)
            with pytest.raises(RequestError, match="came before"):
                await stage.desk.settle(second, {"requests": 1, "texts": 1}, replace(REPLY, body=b"{}"))
            stage.desk.abandon(second)
            stream = (await stage.desk.take(ask("two", limits), None)).held
            assert stream is not None
            await stage.desk.record(stream, most | {"completion_tokens": 5})
            stage.desk.release(stream)  # as the successor of a desk that died does with what it finds
            with pytest.raises(RequestError, match="could not be written"):
                await stage.desk.settle(stream, most, None)
            stage.desk.abandon(stream)
            await stage.desk.settle(await held_by(stage.desk, "three"), {"texts": 1}, None)
            one, two, void, three = [(line.event, line.kind) for line in stage.lines()]
        assert (one, two, void, three) == (("one", "charge"), ("two", "charge"), ("two", "void"), ("three", "charge"))

    asyncio.run(run())


def test_of_two_answers_at_once_one_is_acknowledged(tmp_path: Path, kind: str) -> None:
    """Answers to one event that are settled together: the one that is charged is the one that is kept."""

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            for number in range(10):
                event = ask(f"event-{number}", Limits())
                held = [(await stage.desk.take(event, None)).held for _ in range(4)]
                replies = [replace(REPLY, body=str(place).encode()) for place in range(4)]
                given = await asyncio.gather(
                    *(
                        stage.desk.settle(one, {"texts": 1}, reply)
                        for one, reply in zip(held, replies, strict=True)
                        if one
                    ),
                    return_exceptions=True,
                )
                kept = (await stage.desk.take(event, REPLY.asked)).reply
                assert [replies[place] for place, error in enumerate(given) if error is None] == [kept]
            assert len(stage.lines()) == 10

    asyncio.run(run())


def test_an_interrupted_stream_is_charged_for_what_was_recorded(tmp_path: Path, kind: str) -> None:
    """What was recorded last counts, once it is released; without a record nothing does."""

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            held = await held_by(stage.desk, "one")
            await stage.desk.record(held, {"texts": 1, "completion_tokens": 5})
            await stage.desk.record(held, {"texts": 1, "completion_tokens": 9})
            stage.desk.release(held)
            stage.desk.release(await held_by(stage.desk, "two"))
            await held_by(stage.desk, "three")
        assert [(line.event, line.quantities["completion_tokens"]) for line in stage.lines()] == [("one", 9)]

    asyncio.run(run())


def test_what_is_abandoned_costs_nothing(tmp_path: Path, kind: str) -> None:
    """An abandoned event is free, before it is settled and after, and what it held is free again."""

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            stage.desk.abandon(await held_by(stage.desk, "one"))
            held = await held_by(stage.desk, "two")
            await stage.desk.settle(held, {"texts": 2}, None)
            stage.desk.abandon(held)
            await stage.desk.aclose()
        lines = stage.lines()
        assert sum(line.amount for line in lines) == 0
        assert [line.kind for line in lines] == ["charge", "void"]

    asyncio.run(run())


def test_more_than_was_reserved_is_a_mistake(tmp_path: Path, kind: str) -> None:
    """Quantities above the bound are refused as the caller's own error, and charge nothing."""

    async def run() -> None:
        async with staged(tmp_path, kind) as stage:
            held = await held_by(stage.desk, "one")
            with pytest.raises(ValueError, match="texts"):
                await stage.desk.settle(held, {"texts": 3}, None)
            stage.desk.abandon(held)
        assert stage.lines() == []

    asyncio.run(run())


def test_a_worker_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    """Its room is free at once, and its streams are charged for what was recorded."""

    async def run() -> None:
        async with staged(tmp_path, "far") as stage:
            other = stage.again()
            held = await held_by(other, "one")
            await other.record(held, {"texts": 1, "completion_tokens": 7})
            await other.aclose()
            await _until(lambda: _room(stage.desk))
        assert [(line.event, line.quantities["completion_tokens"]) for line in stage.lines()] == [("one", 7)]

    asyncio.run(run())


def test_a_worker_waits_for_the_next_desk(tmp_path: Path) -> None:
    """With the desk gone there is no room; what it had reserved is settled at the next one, once."""

    async def run() -> None:
        with desk_socket() as (path, listening):
            desk = RemoteDesk(path)
            with open_desk(shop_in(tmp_path), "desk") as first:
                serving = asyncio.create_task(answer_workers(first, listening.dup(), asyncio.Event()))
                held = await held_by(desk, "one")
                await _cut(serving, desk)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await desk.take(ask("two"), None)
            stop = asyncio.Event()
            with open_desk(shop_in(tmp_path), "desk") as second:
                serving = asyncio.create_task(answer_workers(second, listening.dup(), stop))
                await desk.settle(held, {"texts": 1}, None)
                await desk.settle(held, {"texts": 1}, None)
                await held_by(desk, "two")
                await desk.aclose()
                stop.set()
                await serving
        with closing(Database(sqlite_url(tmp_path / ".argosy/store.db"))) as database:
            assert [line.event for line in books.between(database, "ten_a", 0, None)] == ["one"]

    asyncio.run(run())


async def _cut(serving: asyncio.Task[None], desk: RemoteDesk) -> None:
    """The desk's side of the connection ends, as when its process is killed."""
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if "answer_workers.<locals>.answer" in repr(task):
            task.cancel()
    await _until(lambda: _gone(desk))


async def _gone(desk: RemoteDesk) -> bool:
    await asyncio.sleep(0)
    return desk._link is None or not desk._link.open


async def _room(desk: Desk) -> bool:
    try:
        desk.release(await held_by(desk, "probe"))
    except RequestError:
        return False
    return True


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    while not await true():
        pass
