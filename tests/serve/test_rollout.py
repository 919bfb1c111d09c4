"""A service that follows releases: versions are swapped, copied and rolled back while requests are answered."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from boards import MemoryBoard
from fastapi import FastAPI

from argosy.core.account import Account, Caller, Key
from argosy.core.engine import Reading
from argosy.core.errors import GateError, MissingError
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.errors import RequestError
from argosy.serve.releases import versions as releases
from argosy.serve.releases.lane import Lane
from argosy.serve.releases.rollout import Releases
from argosy.serve.releases.versions import Line, Plan
from argosy.serve.settings import Settings

TEXT = {"input": "quite good"}


@dataclass
class Fleet:
    """Opens versions: 1 and 2 answer, 3 has no file, 4 waits, 5 fails, 6 says something else."""

    opened: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def open(self, model: str, number: int) -> Engine:
        """Load one."""
        self.opened.append(number)
        if number == 3:
            raise GateError("This file is not what was released.")
        if number == 4:
            return Slow(self.gate)
        return Failing() if number == 5 else Contrary() if number == 6 else EchoEngine()


@dataclass
class Slow:
    """Answers once the gate is open."""

    gate: threading.Event
    name: str = "slow"
    labels: tuple[str, ...] = ("negative", "positive")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Wait, then answer."""
        assert self.gate.wait(10)
        return EchoEngine().classify(texts)

    def count(self, text: str) -> int:
        """A token a character."""
        return len(text)


class Failing(EchoEngine):
    """Never answers."""

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Fail."""
        raise RuntimeError

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """Fail."""
        raise RuntimeError


class Contrary(EchoEngine):
    """Says the opposite."""

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """The other label."""
        other = {"positive": "negative", "negative": "positive"}
        said = EchoEngine().classify(texts)
        return [Prediction(label=other[one.label], probabilities=one.probabilities) for one in said]


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started app."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
        ) as client,
    ):
        yield client


def service(board: MemoryBoard, fleet: Fleet, *, every: float = 0.01) -> FastAPI:
    """A service of the model mood that was started with a built model never released."""
    return create_app({"mood": EchoEngine()}, Settings(), releases=Releases(board=board, open=fleet.open, every=every))


async def until(client: httpx.AsyncClient, version: str) -> None:
    """Ask until a version answers; every answer is good."""
    for _ in range(1000):
        answer = await client.post("/v1/classify", json=TEXT)
        assert answer.status_code == 200
        if answer.headers["x-argosy-version"] == version:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(version)


def steady(champion: int, **more: object) -> MemoryBoard:
    """A board with one champion."""
    return MemoryBoard(kept={"mood": Line(model="mood", champion=champion, **more)})  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_promoted_version_takes_over_while_an_old_request_finishes() -> None:
    """The old version stays until its last request is answered; nothing in between is refused."""
    board, fleet = steady(4), Fleet()
    fleet.gate.set()
    async with asking(service(board, fleet)) as client:
        fleet.gate.clear()
        asked = [asyncio.create_task(client.post("/v1/classify", json=TEXT))]
        await asyncio.sleep(0.02)
        board.kept["mood"] = releases.promote(board.kept["mood"], now=1, reason="asked", number=2)
        while not any(task.done() for task in asked):
            asked.append(asyncio.create_task(client.post("/v1/classify", json=TEXT)))
            await asyncio.sleep(0.02)
        assert not asked[0].done()
        fleet.gate.set()
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        assert (answers[0].headers["x-argosy-version"], answers[-1].headers["x-argosy-version"]) == ("4", "2")


@pytest.mark.anyio
async def test_a_version_that_cannot_be_loaded_never_goes_live() -> None:
    """The release goes back by itself, and the champion answers all along."""
    board = steady(1)
    async with asking(service(board, Fleet())) as client:
        shadow = releases.begin(board.kept["mood"], 3, Plan(), now=0)
        board.kept["mood"] = releases.expose(shadow, now=0, reason="rows")
        while not board.moves:
            await until(client, "1")
        assert (board.moves[-1].phase, board.moves[-1].reason) == ("steady", "not_loaded")


@pytest.mark.anyio
async def test_a_service_whose_champion_cannot_be_loaded_does_not_start() -> None:
    """Better no answer than one by a version that nobody released."""
    with pytest.raises(MissingError, match="cannot be loaded"):
        async with asking(service(steady(3), Fleet())):
            pass


@pytest.mark.anyio
async def test_at_its_start_a_service_falls_back_to_the_champion_before() -> None:
    """The predecessor is loaded where the champion cannot be."""
    board = steady(3, previous=2)
    async with asking(service(board, Fleet())) as client:
        await until(client, "2")


@pytest.mark.anyio
async def test_errors_of_a_canary_bring_it_back() -> None:
    """A challenger that fails is rolled back on live traffic; the champion's answers are all good."""
    board = steady(1)
    async with asking(service(board, Fleet())) as client:
        line = releases.begin(board.kept["mood"], 5, Plan(shares=(0.2,), mirror=0.0), now=0)
        board.kept["mood"] = releases.expose(line, now=2**60, reason="rows")
        statuses = []
        for _ in range(4000):
            answer = await client.post("/v1/classify", json=TEXT)
            statuses.append((answer.headers["x-argosy-version"], answer.status_code))
            if board.moves:
                break
            await asyncio.sleep(0.002)
        assert (board.moves[-1].reason, board.moves[-1].champion) == ("errors", 1)
        assert {status for version, status in statuses if version == "1"} == {200}
        assert {status for version, status in statuses if version == "5"} == {500}
        await until(client, "1")


@pytest.mark.anyio
async def test_the_shadow_answers_copies_and_changes_no_answer() -> None:
    """Copies are counted as disagreements, failures are the challenger's alone, and the live answers stay."""
    board = steady(1)
    async with asking(service(board, Fleet())) as client:
        board.kept["mood"] = releases.begin(board.kept["mood"], 5, Plan(mirror=1.0), now=0)
        for _ in range(1000):
            await until(client, "1")
            noted = list(board.noted.values())
            if noted and noted[-1].failed:
                break
            await asyncio.sleep(0.005)
        assert noted[-1].failed == noted[-1].mirrored > 0
        assert not board.moves


@pytest.mark.anyio
async def test_a_pinned_tenant_keeps_its_version() -> None:
    """A pin holds whatever is champion."""
    board = steady(2, pins={"open": 1})
    async with asking(service(board, Fleet())) as client:
        await until(client, "1")


@pytest.mark.anyio
async def test_a_pin_of_an_account_is_loaded_when_it_is_first_asked_for() -> None:
    """Until then the answer says to come again; another version never answers in its place."""
    lane = Lane("mood", EchoEngine(), version=1, remembered=0)
    account = Account(tenant="ten_a", plan="p", currency="CNY", pins={"mood": "2"})
    caller = Caller(key=Key(id="key_1", tenant="ten_a", prefix="x"), account=account)
    with pytest.raises(RequestError, match="not loaded"):
        lane.begin(caller, None)
    assert lane.wanted == {2}
    lane.put(2, EchoEngine())
    turn = lane.begin(caller, None)
    assert turn.served.version == "2"
    lane.end(turn, None)
    await lane.aclose()


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough."""
    return "asyncio"
