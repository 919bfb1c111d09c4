"""Requests share runs of the engine."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from argosy.core.errors import BusyError
from argosy.core.records import Prediction
from argosy.infer.batcher import Answered, MicroBatcher
from argosy.infer.engines.echo import EchoEngine
from argosy.infer.engines.staged import staged


class Gated:
    """An engine that notes each run, works only once its gate is open, and fails on "bad" and "unreadable" texts."""

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
        """One token a character; the first thing that is asked of a text."""
        if text == "unreadable":
            raise ValueError(text)
        return len(text)


async def busy(batcher: MicroBatcher[Prediction], engine: Gated) -> asyncio.Task[Answered[Prediction]]:
    """A request that holds the engine until the gate opens."""
    first = asyncio.create_task(batcher.ask(["first"]))
    await asyncio.to_thread(engine.begun.wait, 60)
    return first


async def asked(batcher: MicroBatcher[Prediction], *requests: list[str]) -> list[asyncio.Task[Answered[Prediction]]]:
    """Requests whose texts are read and wait for the engine."""
    lined_up = len(batcher.turns) + sum(text != "unreadable" for texts in requests for text in texts)
    tasks = []
    for texts in requests:
        tasks.append(asyncio.create_task(batcher.ask(texts)))
        await asyncio.sleep(0)  # lets it reach its place in the queue
    while len(batcher.turns) < lined_up:  # noqa: ASYNC110 - the reader is a thread that tells nobody
        await asyncio.sleep(0.001)
    return tasks


def labels(answered: Answered[Prediction]) -> list[str]:
    """The label of each text."""
    return [answer.prediction.label for answer in answered.answers]


def expected(texts: Sequence[str]) -> list[str]:
    """What the echo engine answers."""
    return [prediction.label for prediction in EchoEngine().classify(texts)]


def test_what_gathers_runs_together_and_each_gets_its_own() -> None:
    """While the engine works, requests gather; the next run takes them all, and each gets the answers to its texts."""
    engine, requests = Gated(), [["a", "b"], ["c"], ["d", "e", "f"]]

    async def scene() -> list[Answered[Prediction]]:
        batcher = MicroBatcher(staged(engine))
        first = await busy(batcher, engine)
        tasks = await asked(batcher, *requests)
        engine.gate.set()
        answers = await asyncio.gather(*tasks)
        await first
        await batcher.aclose()
        return answers

    found = asyncio.run(scene())
    assert [labels(answered) for answered in found] == [expected(texts) for texts in requests]
    assert [[answer.tokens for answer in answered.answers] for answered in found] == [[1, 1], [1], [1, 1, 1]]
    assert [engine.runs[0], sorted(engine.runs[1])] == [["first"], ["a", "b", "c", "d", "e", "f"]]


def test_a_large_request_holds_up_no_small_one() -> None:
    """Behind 1,000 long texts, a hundred short ones are answered within a few runs, and no run is over its size."""
    engine = Gated()

    async def scene() -> list[str]:
        batcher, order = MicroBatcher(staged(engine)), []
        first = await busy(batcher, engine)
        (large,) = await asked(batcher, ["long " * 50] * 1000)
        small = await asked(batcher, *([f"short {number}"] for number in range(100)))
        large.add_done_callback(lambda _: order.append("large"))
        for task in small:
            task.add_done_callback(lambda _: order.append("small"))
        engine.gate.set()
        await asyncio.gather(first, large, *small)
        await batcher.aclose()
        return order

    order = asyncio.run(scene())
    assert order == ["small"] * 100 + ["large"]
    assert max(number for number, run in enumerate(engine.runs) if "short 99" in run) <= 4
    assert all(sum(map(len, run)) <= 4_096 for run in engine.runs)


def test_too_many_waiting_are_refused_at_once() -> None:
    """A request that finds no room for its texts or its tokens is refused at once; those taken are answered."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(staged(engine), max_texts=4, max_tokens=60)
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a", "b"])
        with pytest.raises(BusyError, match="3 texts"):
            await batcher.ask(["c", "d"])
        with pytest.raises(BusyError, match="3 texts"):
            await batcher.ask(["long" * 14])
        engine.gate.set()
        assert [len(one.answers) for one in await asyncio.gather(first, *tasks)] == [1, 2]
        assert len((await batcher.ask(["long" * 14])).answers) == 1
        await batcher.aclose()

    asyncio.run(scene())


def test_a_request_larger_than_the_queue_is_taken_when_nobody_waits() -> None:
    """A large request is not refused for ever."""
    engine = Gated(is_open=True)

    async def scene() -> Answered[Prediction]:
        batcher = MicroBatcher(staged(engine), max_texts=3, max_tokens=3)
        answer = await batcher.ask(["a"] * 5)
        await batcher.aclose()
        return answer

    assert len(asyncio.run(scene()).answers) == 5


@pytest.mark.parametrize("bad", ["bad", "unreadable"])
def test_one_bad_request_fails_alone(bad: str) -> None:
    """When reading or a shared run fails, the error goes to the request that caused it; the others are answered."""
    engine = Gated()

    async def scene() -> list[Answered[Prediction] | BaseException]:
        batcher = MicroBatcher(staged(engine))
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a"], [bad], ["c"])
        engine.gate.set()
        await first
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await batcher.aclose()
        return answers

    good, failed, other = asyncio.run(scene())
    assert isinstance(failed, ValueError)
    assert [labels(one) for one in (good, other) if isinstance(one, Answered)] == [expected(["a"]), expected(["c"])]


def test_who_left_is_not_worked_for() -> None:
    """A request that was given up while it waited is not run, and its room is free at once."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(staged(engine), max_texts=3)
        first = await busy(batcher, engine)
        left, stays = await asked(batcher, ["left"], ["stays"])
        left.cancel()
        await asyncio.wait([left])
        (late,) = await asked(batcher, ["late"])
        engine.gate.set()
        await asyncio.gather(first, stays, late)
        await batcher.aclose()

    asyncio.run(scene())
    assert [engine.runs[0], sorted(engine.runs[1])] == [["first"], ["late", "stays"]]


def test_closing_finishes_what_was_taken_and_takes_nothing_more() -> None:
    """What waits when the batcher closes is answered; what comes later is refused."""
    engine = Gated()

    async def scene() -> None:
        batcher = MicroBatcher(staged(engine))
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a"])
        closing = asyncio.create_task(batcher.aclose())
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await batcher.ask(["late"])
        engine.gate.set()
        await closing
        assert [task.done() for task in (first, *tasks)] == [True, True]

    asyncio.run(scene())
    assert engine.runs == [["first"], ["a"]]


def test_the_same_text_is_answered_from_memory() -> None:
    """With memory, a text is computed once, costs its tokens each time, and the least lately used are forgotten."""
    engine = Gated(is_open=True)

    async def scene() -> list[Answered[Prediction]]:
        batcher = MicroBatcher(staged(engine), remembered=2)
        answers = [await batcher.ask(texts) for texts in (["a", "b"], ["b", "cc"], ["b", "cc", "b"], ["a"])]
        await batcher.aclose()
        return answers

    answers = asyncio.run(scene())
    assert [sorted(run) for run in engine.runs] == [["a", "b"], ["cc"], ["a"]]
    assert labels(answers[2]) == expected(["b", "cc", "b"])
    assert [answer.tokens for answer in answers[2].answers] == [1, 2, 1]


def test_nothing_is_remembered_unless_asked_for() -> None:
    """Without memory the same text is computed again."""
    engine = Gated(is_open=True)

    async def scene() -> None:
        batcher = MicroBatcher(staged(engine))
        for _ in range(2):
            await batcher.ask(["a"])
        await batcher.aclose()

    asyncio.run(scene())
    assert engine.runs == [["a"], ["a"]]


def test_the_time_is_told_by_parts() -> None:
    """Reading, waiting and computing are told in seconds; who waits for a busy engine has waited."""
    engine = Gated()

    async def scene() -> list[Answered[Prediction]]:
        batcher = MicroBatcher(staged(engine))
        first = await busy(batcher, engine)
        tasks = await asked(batcher, ["a"])
        engine.gate.set()
        answers = [await first, *await asyncio.gather(*tasks)]
        await batcher.aclose()
        return answers

    first, second = asyncio.run(scene())
    assert first.compute > second.compute > 0
    assert second.queue > 0
    assert min(first.tokenize, second.tokenize) > 0
