"""The simple models: what they rank first, what odd events do to them, and that they are the same after storing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shoppers import DAY, WORLD, taken, world

from argosy.core.recommend import Item
from argosy.recommend.baselines import pairs, plain
from argosy.recommend.baselines.content import content
from argosy.recommend.interactions import History, Interactions
from argosy.recommend.protocol.cutting import Parts, cut
from argosy.recommend.protocol.ranking import evaluate
from argosy.recommend.scorer import Scorer
from argosy.recommend.tidy import catalogue_of
from argosy.recommend.tuning import FITS, GRIDS, LOADS, METRIC, mean, tune

NAMES = tuple(FITS)
NOTHING = catalogue_of(())


def settings_of(name: str) -> dict[str, float]:
    """The first of each grid."""
    return {key: values[0] for key, values in GRIDS[name].items()}


def fitted(name: str, events: Interactions, **others: float) -> Scorer:
    """A model of some events, with the first settings of its grid but for others."""
    if name == "ials":
        pytest.importorskip("implicit")
    return FITS[name](events, NOTHING, {**settings_of(name), **others})


def history(*items: int, success: Sequence[bool] = ()) -> History:
    """One event a day."""
    return History(
        items=np.array(items, np.int32),
        times=np.arange(len(items), dtype=np.int64) * DAY,
        strength=np.ones(len(items), np.float32),
        success=np.array(success or [True] * len(items), bool),
        now=len(items) * DAY,
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name != "popularity"])
def test_what_is_taken_together_comes_first(name: str) -> None:
    """Who took of one half is offered the other items of that half, by each model that looks at histories."""
    model = fitted(name, world(), hours=10_000.0)
    (scores,) = model.scores([history(0, 1, 2)])
    half = np.arange(WORLD) < WORLD // 2
    half[:3] = False
    assert scores[half].mean() > scores[WORLD // 2 :].mean()
    assert scores.dtype == np.float32


def test_ease_against_the_definition() -> None:
    """Its weights are those of the least squares without a diagonal, each item's by itself."""
    events = world()
    model = fitted("ease", events, ridge=10.0)
    assert isinstance(model, pairs.Pairs)
    rows = (events.matrix().toarray() > 0).astype(np.float64)
    for item in (0, 7, 33):
        others = np.arange(WORLD) != item
        gram = rows[:, others].T @ rows[:, others] + 10 * np.eye(WORLD - 1)
        solved = np.linalg.solve(gram, rows[:, others].T @ rows[:, item])
        np.testing.assert_allclose(model.matrix[:, [item]].toarray()[others, 0], solved, atol=1e-5)


def test_popularity_fades() -> None:
    """Two old successes are worth less than a new one where a day halves them, and more where nothing fades."""
    events = taken([(0, 0), (1, 0), (2, 2), (3, 2), (0, 1)], users=4, size=4)
    assert plain.popularity(events, NOTHING, {"half_life": 0.0}).items.tolist() == [2, 1, 2, 0]
    lately = plain.popularity(events, NOTHING, {"half_life": 1.0}).items
    assert lately[1] > lately[2] > lately[0] > lately[3] == 0


def test_what_follows_is_offered_not_what_went_before() -> None:
    """Pairs of co-visits have a direction, and hours that part them."""
    events = taken([(0, 0), (0, 1)], users=1, size=2)
    near = fitted("covisits", events, hours=24.0)
    assert near.scores([history(0)])[0, 1] > 0 == near.scores([history(1)])[0, 0]
    assert not fitted("covisits", events, hours=23.0).scores([history(0)]).any()


def test_events_that_are_no_success_hint_at_most() -> None:
    """They count nothing unless a model is told to take hints; a faded success counts less than a new one."""
    model = fitted("ease", world(), half_life=0.0)
    seen = history(0, success=[False])
    assert not model.scores([seen]).any()
    assert isinstance(model, pairs.Pairs)
    np.testing.assert_allclose(replace(model, hint=0.5).scores([seen]), 0.5 * model.scores([history(0)]), rtol=1e-6)
    fading = replace(model, half_life=1.0)
    np.testing.assert_allclose(
        fading.scores([history(0, 25)]), 0.5 * model.scores([history(0)]) + model.scores([history(25)]), atol=1e-6
    )


@given(st.lists(st.integers(0, WORLD - 1), max_size=12), st.integers(1, WORLD))
@settings(max_examples=40, deadline=None)
def test_proposals_are_the_best_of_all_scores(items: list[int], most: int) -> None:
    """What is found without a look at all items is what a look at all of them finds."""
    model = FITS["neighbours"](world(), NOTHING, settings_of("neighbours"))
    assert isinstance(model, pairs.Pairs)
    near = model.near(history(*items), most)
    found, totals = near.items[:most], near.scores[:most]
    (scores,) = model.scores([history(*items)])
    expected = np.lexsort((np.arange(WORLD), -scores))[: min(most, int((scores > 0).sum()))]
    np.testing.assert_allclose(totals, scores[expected], rtol=1e-5)
    np.testing.assert_allclose(scores[found], totals, rtol=1e-5)
    assert len(set(found.tolist())) == len(found)
    np.testing.assert_allclose(near.of(np.arange(WORLD, dtype=np.int32)), scores, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_stored_models_are_the_same(name: str, tmp_path: Path) -> None:
    """To the bit, also when fitted again."""
    asked = [history(0, 1), history(30), History.none(0)]
    model = fitted(name, world())
    model.save(tmp_path / "model")
    told = model.scores(asked)
    assert (LOADS[name](tmp_path / "model").scores(asked) == told).all()
    assert (fitted(name, world()).scores(asked) == told).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "events",
    [
        taken([(0, 0)], users=1, size=1),
        taken([(0, 2)], users=1, size=5),
        taken([(0, 1)] * 30, users=1, size=3),
        replace(taken([(0, 0), (0, 1)], users=1, size=3), wanted=frozenset({"never"})),
        taken([(0, 0)], users=1, size=4).where(np.zeros(1, bool)),
    ],
    ids=["one item", "untouched items", "one user, one item, many times", "no success", "no event"],
)
def test_odd_events(name: str, events: Interactions) -> None:
    """Every model is fitted and scores finitely, whoever asks."""
    model = fitted(name, events)
    scores = model.scores([History.none(0), history(0), history(*[0] * 50)])
    assert scores.shape == (3, events.size)
    assert np.isfinite(scores).all()
    assert model.scores([]).shape == (0, events.size)


@pytest.mark.parametrize("name", ["neighbours", "covisits", "ials"])
def test_a_user_with_a_million_events(name: str) -> None:
    """A shop's own account is no taste: its pairs do not fill the memory."""
    rng = np.random.default_rng(1)
    many = np.stack([np.zeros(1_000_000, np.int64), rng.integers(0, 5_000, 1_000_000)], axis=1)
    events = taken(many.tolist(), users=2, size=5_000)
    assert np.isfinite(fitted(name, events).scores([history(*range(100))])).all()


def test_no_room_for_ease() -> None:
    """Beyond the size that memory holds it is left out, and it is said why."""
    events = taken([(0, 0)], users=1, size=pairs.MOST + 1)
    told = tune("ease", Parts(train=events, cases=(), moment=None), NOTHING, None, repeat=False)
    assert told.why
    assert told.value is None
    with pytest.raises(ValueError, match=str(pairs.MOST + 1)):
        fitted("ease", events)


def test_the_best_of_a_grid_is_taken_and_all_of_it_told() -> None:
    """The settings are those of the largest figure, of equals the first; the figures of all are there."""
    parts = cut(world(), "time", 0.2)
    catalogue = catalogue_of([Item(id=str(number), title="") for number in range(WORLD)])
    told = tune("neighbours", parts, catalogue, None, repeat=False)
    assert told.tried == len(told.grid) == np.prod([len(values) for values in GRIDS["neighbours"].values()])
    best = next(one for one in told.grid if one["value"] == told.value)
    assert {key: best[key] for key in told.settings} == dict(told.settings)
    assert told.value == max(one["value"] for one in told.grid)
    fixed = tune("neighbours", parts, catalogue, 3.0, repeat=False)
    assert {one["half_life"] for one in fixed.grid} == {3.0}


@pytest.mark.parametrize("name", ["neighbours", "ease"])
def test_each_figure_of_a_grid_is_that_of_a_model_fitted_for_it(name: str) -> None:
    """Models that differ in fading alone are fitted once; their figures are those of each fitted by itself."""
    parts = cut(world(), "time", 0.2)
    for one in tune(name, parts, NOTHING, None, repeat=False).grid[:6]:
        told = {key: value for key, value in one.items() if key != "value"}
        alone = evaluate(FITS[name](parts.train, NOTHING, told).scores, parts.cases, WORLD).figures[METRIC]
        assert one["value"] == mean(alone)


def test_texts_alike_come_first_in_any_language(tmp_path: Path) -> None:
    """Also in Chinese, where no blank parts words; an item without a text is near none, and none is near itself."""
    titles = ("red wooden boat", "red wooden boats", "红色木船模型", "蓝色木船模型", "", "xyz")
    catalogue = catalogue_of([Item(id=str(number), title=title) for number, title in enumerate(titles)])
    model = content(taken([(0, 0)], users=1, size=len(titles)), catalogue, {"nearest": 3.0})
    model.save(tmp_path)
    english, chinese, empty = pairs.Pairs.load(tmp_path).scores([history(0), history(2), history(4)])
    assert english.argmax() == 1
    assert chinese.argmax() == 3
    assert not empty.any()
    assert not model.matrix.diagonal().any()
    assert content(taken([(0, 0)], users=1, size=0).where(np.zeros(1, bool)), NOTHING, {"nearest": 3.0}).matrix.nnz == 0
