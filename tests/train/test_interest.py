"""A head above texts' vectors learns from what came next; a next item is told from what was not had before."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from shoppers import HULLS, embed, world

from argosy.recommend.interactions import History
from argosy.recommend.interest.bridge import principal, turned
from argosy.recommend.interest.examples import Examples
from argosy.recommend.interest.model import raw_vectors
from argosy.recommend.interest.pooling import Pooling
from argosy.train.interest import HeadRecipe, learn
from argosy.train.objectives import interest
from argosy.train.objectives.interest import Head, Lessons

pytestmark = pytest.mark.torch
RAW = raw_vectors(HULLS, embed)


def nobody(share: float, note: str) -> None:
    """Hears how far it is."""


def lessons(batch_size: int = 32) -> Lessons:
    """Of the small world."""
    examples = Examples.of(world())
    counts = np.bincount(examples.target, minlength=len(HULLS))
    texts = (RAW - RAW.mean(axis=0)).astype(np.float32)
    return Lessons(
        texts=texts, counts=counts, gather=examples.gather, rows=len(examples), batch_size=batch_size, seed=3
    )


def test_a_batch_tells_next_items_from_what_was_not_had() -> None:
    """What a history holds is no candidate, the next item is one; places lead to the items' own texts."""
    given = lessons()
    rows = given.order(0)[0]
    batch = given.batch(rows, 0)
    told = given.gather(np.array(rows))
    tensors = batch.tensors
    among = np.flatnonzero(given.counts)
    assert batch.units == len(rows) == 32
    assert among[tensors["targets"]].tolist() == told["target"].tolist()
    for row, items in enumerate(told["items"]):
        had = set(items[items >= 0].tolist()) - {int(told["target"][row])}
        assert set(among[tensors["again"][row].numpy()].tolist()) == had
        events = tensors["texts"][tensors["events"][row]][items >= 0].numpy()
        assert np.array_equal(events, given.texts[items[items >= 0]])


def test_a_large_catalogue_is_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many candidates and the next items, the same for the same rows."""
    monkeypatch.setattr(interest, "_CANDIDATES", 5)
    given = lessons(batch_size=4)
    rows = given.order(0)[0]
    one, two = given.batch(rows, 0).tensors, given.batch(rows, 0).tensors
    assert 5 <= len(one["among"]) <= 9
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not one["again"][torch.arange(4), one["targets"]].any()


def test_every_epoch_reads_other_batches() -> None:
    """All rows that fill a batch, in an order of the epoch's own; few rows are one batch."""
    given = lessons(batch_size=100)
    first, second = given.order(0), given.order(1)
    assert first != second
    assert all(len(rows) == 100 for rows in first)
    assert len(set(sum(first, ()))) == 100 * len(first)
    assert len(replace(given, rows=7).order(0)) == 1


def test_boats_come_to_lie_near_ships() -> None:
    """Words that are liked together turn to each other, twice with the same bits; what scores best is kept."""
    begin = (principal(RAW, 3), Pooling().slopes)
    heard: list[float] = []

    def near(told: tuple[np.ndarray, tuple[float, ...]]) -> float:
        vectors = turned(RAW, told[0]).vectors
        heard.append(float(vectors[0] @ vectors[1] - vectors[0] @ vectors[21]))
        return heard[-1]

    recipe = HeadRecipe(steps=80, learning_rate=3e-2, dropout=0.0)
    runs = [learn(lessons(), begin, near, recipe, nobody) for _ in "ab"]
    assert np.array_equal(runs[0].turn, runs[1].turn)
    assert near((runs[0].turn, runs[0].slopes)) == max(heard)
    assert heard[-1] > near(begin) + 0.5
    assert runs[0].steps in {40, 80}


def test_the_pooling_that_learns_is_the_one_that_serves() -> None:
    """Torch's logits over the sharpness are the served cosines, but for what is given."""
    given = lessons(batch_size=8)
    rows = given.order(0)[0]
    tensors = given.batch(rows, 0).tensors
    head = Head(principal(RAW, 3), (-0.4, -0.1, -1.0), dropout=0.0)
    told = (head(tensors) - tensors["given"]) / head.sharpness.exp()
    model = turned(RAW, principal(RAW, 3), Pooling(slopes=(-0.4, -0.1, -1.0)))
    examples = Examples.of(world())
    histories = [
        History(
            items=examples.items[examples.start[row] : examples.stop[row]],
            times=examples.times[examples.start[row] : examples.stop[row]],
            strength=examples.strength[examples.start[row] : examples.stop[row]],
            success=examples.success[examples.start[row] : examples.stop[row]],
            now=int(examples.now[row]),
        )
        for row in rows
    ]
    served = model.scores(histories)[:, np.flatnonzero(given.counts)]
    kept = ~tensors["again"].numpy()
    assert np.allclose(told.detach().numpy()[kept], served[kept], atol=1e-5)
