"""Large catalogues: what is proposed without a look at all items is what a look at all would propose."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ranked_events import history

from argosy.recommend.interest import model as interest
from argosy.recommend.nearest import MANY, Graph
from argosy.recommend.ranking import looking
from argosy.recommend.ranking.candidates import best
from argosy.recommend.ranking.looking import Looking, look
from argosy.recommend.ranking.standing import Standing

SIZE, WIDTH, LATE = 1_500, 16, 20


@pytest.fixture(scope="module")
def text() -> interest.Interest:
    """A text model of items in thirty groups, with a graph of all but the last."""
    pytest.importorskip("onnxruntime")  # first: a process that loads it after usearch dies
    pytest.importorskip("usearch")
    rng = np.random.default_rng(5)
    groups = rng.standard_normal((30, WIDTH))[rng.integers(0, 30, SIZE)]
    made = interest.untrained((groups + rng.standard_normal((SIZE, WIDTH))).astype(np.float32))
    return replace(made, graph=Graph.of(made.vectors[:-LATE]))


def test_the_graph_finds_nearly_all_of_the_best_with_their_own_scores(text: interest.Interest) -> None:
    """Nineteen of twenty, and each with the score that a look at all gives it."""
    found = 0
    for item in range(30):
        asked = history([item, item + 40])
        (scores,) = text.scores([asked])
        near = text.near(asked, 100)
        np.testing.assert_allclose(near.scores, scores[near.items], rtol=1e-4)
        assert (np.diff(near.scores) <= 0).all()
        found += len(np.intersect1d(near.items, best(scores, 100, np.ones(SIZE, bool))[0]))
    assert found >= 0.95 * 30 * 100


def test_an_item_of_after_the_graph_is_found(text: interest.Interest) -> None:
    """It is compared by itself."""
    late = SIZE - 1
    twin = replace(text, vectors=text.vectors.copy())
    twin.vectors[late] = text.vectors[3]
    assert late in twin.near(history([3]), 5).items


def test_a_graph_is_the_same_again_and_read_from_its_folder(text: interest.Interest, tmp_path: Path) -> None:
    """The same vectors make the same proposals, also once stored."""
    assert len(text.vectors) < MANY
    text.save(tmp_path)
    again = replace(text, graph=Graph.of(text.vectors[:-LATE]))
    told = [one.near(history([1, 2]), 50).items.tolist() for one in (text, again, interest.load(tmp_path))]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("left", [100, 700])
def test_where_a_filter_leaves_few_all_items_are_looked_at(
    text: interest.Interest, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """A wish for far items finds each of them that a model speaks for, whether they are few or half of all."""
    monkeypatch.setattr(looking, "MANY", 100)
    standing, asked = Standing(), history([7])
    for place in range(SIZE):
        standing.place(place)
    (scores,) = text.scores([asked])
    allowed = np.zeros(SIZE, bool)
    allowed[np.argsort(-scores)[600 : 600 + left]] = True
    found, _ = look({"text": text}, Looking(candidates=50), asked, standing, allowed)
    wanted = best(scores, 20, allowed)[0]
    assert set(wanted.tolist()) <= set(found.items.tolist())
