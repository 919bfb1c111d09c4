"""Requests share runs of the engine."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from argosy.core.errors import BusyError
from argosy.core.records import Prediction
from argosy.infer.batcher import MicroBatcher
from argosy.infer.echo import EchoEngine


class Gated:
    """An engine that notes each run, works only once its gate is open, and fails on the text "bad"."""

    name = "gated"
    labels = ("negative", "positive")

    def __init__(self, *, is_open: bool = False) -> None:
        self.runs: list[list[str]] = []
        self.begun = threading.Event()
        self.gate = threading.Event()
        if is_open:
            self.gate.set()

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """As the echo engine."""
        self.runs.append(list(texts))
        self.begun.set()
        self.gate.wait(timeout=60)
        if "bad" in texts:
            message = "bad text"
            raise ValueError(message)
        return EchoEngine().classify(texts)

    def count(self, text: str) -> int:
        """One token a character."""
        return len(text)


async def busy(batcher: MicroBatcher, engine: Gated) -> asyncio.Task[list[Prediction]]:
    """A request that holds the engine until the gate opens."""
    first = asyncio.create_task(batcher.classify(["first"]))
    await asyncio.to_thread(engine.begun.wait, 60)
    return first


async def asked(batcher: MicroBatcher, *requests: list[str]) -> list[asyncio.Task[list[Prediction]]]:
    """Requests that stand in the queue."""
    tasks = [asyncio.create_task(batcher.classify(texts)) for texts in requests]
    await asyncio.sleep(0)  # lets each of them reach its place in the queue
    return tasks


def test_what_gathers_runs_together_and_each_gets_its_own() -> None:
    """While the engine works, requests gather; the next run takes them all, and each gets the answers to its texts."""
    engine, requests = Gated(), [["a", "b"], ["c"], ["d", "e", "f"]]

    async def scene() -> list[list[Prediction]]:
        batcher = MicroBatcher(engine)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, *requests)
        engine.gate.set()
        answers = await asyncio.gather(*tasks)
        await first
        await batcher.aclose()
        return answers

    assert asyncio.run(scene()) == [EchoEngine().classify(texts) for texts in requests]
    assert engine.runs == [["first"], ["a", "b", "c", "d", "e", "f"]]


def test_a_run_has_no_more_than_the_limit() -> None:
    """A run stops at the limit; a request of more texts is a run of its own, in its turn."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(engine, max_batch=3)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a", "b"], ["c", "d"], ["e"] * 5, ["f"])
        engine.gate.set()
        await asyncio.gather(first, *tasks)
        await batcher.aclose()

    asyncio.run(scene())
    assert engine.runs == [["first"], ["a", "b"], ["c", "d"], ["e"] * 5, ["f"]]


def test_too_many_waiting_are_refused_at_once() -> None:
    """A request that finds no room is refused without waiting; those in the queue are answered all the same."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(engine, max_waiting=3)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a", "b"])
        with pytest.raises(BusyError, match="2 texts"):
            await batcher.classify(["c", "d"])
        engine.gate.set()
        assert [len(answer) for answer in await asyncio.gather(first, *tasks)] == [1, 2]
        await batcher.aclose()

    asyncio.run(scene())


def test_a_request_larger_than_the_queue_is_taken_when_nobody_waits() -> None:
    """A large request is not refused for ever."""
    engine = Gated(is_open=True)

    async def scene() -> list[Prediction]:
        batcher = MicroBatcher(engine, max_waiting=3)
        answer = await batcher.classify(["a"] * 5)
        await batcher.aclose()
        return answer

    assert len(asyncio.run(scene())) == 5


def test_one_bad_request_fails_alone() -> None:
    """When a shared run fails, the error goes to the request that caused it, and the others are answered."""
    engine = Gated()

    async def scene() -> list[list[Prediction] | BaseException]:
        batcher = MicroBatcher(engine)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a"], ["bad"], ["c"])
        engine.gate.set()
        await first
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await batcher.aclose()
        return answers

    good, bad, other = asyncio.run(scene())
    assert isinstance(bad, ValueError)
    assert [good, other] == [EchoEngine().classify([text]) for text in "ac"]


def test_who_left_is_not_worked_for() -> None:
    """A request that was given up while it waited is not run."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(engine, max_waiting=2)
        first = await busy(batcher, engine)
        left, stays = await asked(batcher, ["left"], ["stays"])
        left.cancel()
        engine.gate.set()
        await asyncio.gather(first, stays)
        await batcher.aclose()

    asyncio.run(scene())
    assert engine.runs == [["first"], ["stays"]]


def test_closing_finishes_what_was_taken_and_takes_nothing_more() -> None:
    """What waits when the batcher closes is answered; what comes later is refused."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(engine)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a"])
        closing = asyncio.create_task(batcher.aclose())
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await batcher.classify(["late"])
        engine.gate.set()
        await closing
        assert [task.done() for task in (first, *tasks)] == [True, True]

    asyncio.run(scene())
    assert engine.runs == [["first"], ["a"]]
